"""How many planted accounts are counted as one person, and how many honest ones are joined by mistake?

Run: python bench/sybils.py [FOLDER OF DEVELOPMENT DATA]
Honest: every English guidance conversation of chats.jsonl.gz, each taken for one person's, as the pipeline masks and
encodes them (some minutes), and public posts by distinct people from weak_domains.jsonl.gz, masked and encoded too.
Planted: conversations made of sybils.toml, put among the honest ones, all with accounts of their own that were never
seen before, on one day or spread over the time. Prints counts and 95 % Wilson intervals; no text.
"""

import gzip
import json
import re
import sys
import tempfile
import time
import tomllib
from datetime import date, timedelta
from pathlib import Path
from random import Random

import numpy as np
import polars as pl

from guidance_atlas.adapters.presidio import PresidioFinder
from guidance_atlas.adapters.presidio_anonymizer import PresidioReplacer
from guidance_atlas.contracts import CleanTurns, Conversations, Screened, Vectors
from guidance_atlas.intervals import with_share
from guidance_atlas.plan import open_readers, plan
from guidance_atlas.runner import parts_of, run_part
from guidance_atlas.settings import load_settings
from guidance_atlas.stages.clump.clump import clump
from guidance_atlas.stages.clump.neighbours import close_pairs
from guidance_atlas.stages.embed import embed
from guidance_atlas.stages.ingest.sources import find_sources
from guidance_atlas.stages.scrub.mask import mask_conversations
from guidance_atlas.store import Store

HERE = Path(__file__).parent
DAYS, FIRST = 60, date(2026, 1, 1)
N_POSTS, N_BESIDE = 700, 500
UPTO_SCREEN = ("ingest", "outline", "glance", "scrub", "embed", "screen")


def share(part: int, whole: int) -> str:
    low, high = with_share(pl.DataFrame({"numerator": [part], "denominator": [whole]})).select("low", "high").row(0)
    return f"{part}/{whole} = {part / whole:.3f} [{low:.3f}, {high:.3f}]"


def guidance_chats(folder: Path, work: Path) -> tuple[list[str], np.ndarray]:
    """Masked words of the person and vector of every guidance conversation."""
    settings = load_settings()
    store = Store(work)
    stages = [step for step in plan(settings, b"sixteen bytes or more") if step.name in UPTO_SCREEN]
    for part in parts_of(find_sources([str(folder / "chats.jsonl.gz")]), settings):
        run_part(part, stages=stages, store=store)

    def read(table: type) -> pl.DataFrame:
        return pl.concat([pl.read_parquet(path) for path in sorted((work / table.__name__).glob("*.parquet"))])

    words = (
        read(CleanTurns)
        .filter(pl.col("role").cast(pl.String) == "user")
        .sort("conversation_id", "turn")
        .group_by("conversation_id")
        .agg(pl.col("text").str.join("\n"))
    )
    rows = read(Screened).filter("guidance").join(words, on="conversation_id").join(read(Vectors), on="conversation_id")
    rows = rows.unique("conversation_id").sort("conversation_id")
    return rows["text"].to_list(), np.array(rows["vector"].to_list(), dtype=np.float32)


def encoded(texts: list[str]) -> tuple[list[str], np.ndarray]:
    """Texts masked, and their vectors, as the pipeline makes them."""
    masked = mask_conversations([[text] for text in texts], finder=PresidioFinder(), replacer=PresidioReplacer())
    plain = [turns[0][0] for turns in masked]
    turns = pl.DataFrame({"conversation_id": [f"{i:06}" for i in range(len(plain))], "turn": 0, "role": "user"})
    clean = CleanTurns.validate(turns.with_columns(text=pl.Series(plain), n_masked=0), cast=True)
    vectors = embed(clean, encoder=open_readers(load_settings())[0]).sort("conversation_id")
    return plain, np.array(vectors["vector"].to_list(), dtype=np.float32)


def posts(folder: Path) -> list[str]:
    with gzip.open(folder / "weak_domains.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    asked = [row["text"] for row in rows if row.get("request_subreddit") and row.get("has_question")]
    return Random(1).sample(asked, min(N_POSTS, len(asked)))


def clumped(texts: list[str], matrix: np.ndarray, days: list[date | None]) -> pl.DataFrame:
    """Clumps of conversations that all have accounts of their own; p000000 is the first."""
    n = len(texts)
    ids, people = [f"c{i:06}" for i in range(n)], [f"p{i:06}" for i in range(n)]
    filled = {"record": range(n), "outcome": "kept", "code": None, "conversation_id": ids, "content_key": ids}
    filled |= {"person_key": people, "person_known": True, "day": days, "week": None, "model": None, "language": "en"}
    conversations = pl.DataFrame(filled | {"n_turns": 2, "n_user_turns": 1, "n_unread": 0})
    screened = {"conversation_id": ids, "score": 0.9, "guidance": True, "unsure": False, "reason": None}
    clean = {"conversation_id": ids, "turn": 0, "role": "user", "text": texts, "n_masked": 0}
    return clump(
        Screened.validate(pl.DataFrame(screened), cast=True),
        Conversations.validate(conversations, cast=True),
        CleanTurns.validate(pl.DataFrame(clean), cast=True),
        Vectors.validate(pl.DataFrame({"conversation_id": ids, "vector": matrix.tolist()}), cast=True),
    )


def random_days(n: int, rng: Random) -> list[date | None]:
    return [FIRST + timedelta(days=rng.randrange(DAYS)) for _ in range(n)]


def honest(name: str, texts: list[str], matrix: np.ndarray) -> None:
    n = len(texts)
    for title, days in (("no dates", [None] * n), (f"dates drawn over {DAYS} days", random_days(n, Random(3)))):
        found = clumped(texts, matrix, days)
        told = dict(found["joined_by"].drop_nulls().value_counts().rows())
        print(f"  {name}, {title}: conversations joined {share(sum(told.values()), n)}")
        for reason in ("same_words", "near_copy", "burst"):
            print(f"    by {reason:10} {share(told.get(reason, 0), n)}")


def filled(template: str, rng: Random, *, slots: dict, vary: bool, fixed: Random) -> str:
    """A template with its choices made (by fixed, unless they vary) and its slots filled."""
    text = re.sub(r"\[([^\]]*)\]", lambda m: (rng if vary else fixed).choice(m[1].split("|")), template)
    return re.sub(r"\{(\w+)\}", lambda m: rng.choice(slots[m[1]]), text)


def sets_of_sybils(told: dict, n: int, rng: Random) -> dict[str, list[list[str]]]:
    """By strength of paraphrase: for every template n texts."""
    same, slots, synonyms = [], [], []
    for template in told["templates"]:
        seed = rng.random()
        one = filled(template, rng, slots=told["slots"], vary=False, fixed=Random(seed))
        same.append([one] * n)
        for chosen, vary in ((slots, False), (synonyms, True)):
            chosen.append([filled(template, rng, slots=told["slots"], vary=vary, fixed=Random(seed)) for _ in range(n)])
    sets = {"verbatim": same, "slots changed": slots, "template with synonyms": synonyms}
    return sets | ({"independent accounts": [rng.sample(told["told"], n)]} if n <= len(told["told"]) else {})


def planted(texts: list[str], matrix: np.ndarray) -> None:
    told = tomllib.loads((HERE / "sybils.toml").read_text(encoding="utf-8"))
    rng = Random(11)
    days = random_days(len(texts), rng)
    for n in (5, 20, 100):
        for strength, sets in sets_of_sybils(told, n, rng).items():
            flat, vectors = encoded([text for one in sets for text in one])
            for title, spread in (("one day", False), (f"spread over {DAYS} days", True)):
                joined = people = 0
                for s in range(len(sets)):
                    mine = slice(s * n, (s + 1) * n)
                    day = random_days(n, rng) if spread else [FIRST + timedelta(days=30)] * n
                    found = clumped(texts + flat[mine], np.vstack([matrix, vectors[mine]]), days + day)
                    sybils = found.filter(pl.col("person_key") >= f"p{len(texts):06}")
                    joined += sybils["joined_by"].is_not_null().sum()
                    people += sybils["counted_as"].n_unique()
                print(
                    f"  {n:3} sybils, {strength:23} {title:20} joined {share(joined, n * len(sets))}, "
                    f"count as {people / len(sets):.1f} people"
                )


def speed() -> None:
    rng = np.random.default_rng(5)
    for n in (10_000, 40_000):
        matrix = rng.standard_normal((n, 384), dtype=np.float32) + 2 * rng.standard_normal((1, 384), dtype=np.float32)
        twins = matrix[: n // 100] + 0.25 * rng.standard_normal((n // 100, 384), dtype=np.float32)
        matrix = np.vstack([matrix, twins])
        matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
        started = time.process_time()
        i, j, _ = close_pairs(matrix, least=0.95)
        met = len(set(zip(i.tolist(), j.tolist(), strict=True)) & {(a, n + a) for a in range(n // 100)})
        took = time.process_time() - started
        print(f"  {n} conversations: {took:.1f} s of processor time, planted pairs met {share(met, n // 100)}")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[1] / "shared" / "data"
    with tempfile.TemporaryDirectory() as work:
        texts, matrix = guidance_chats(folder, Path(sys.argv[2]) if len(sys.argv) > 2 else Path(work))
    print("honest people joined by mistake (or because they pasted the same)")
    honest("guidance chats", texts, matrix)
    honest("forum posts", *encoded(posts(folder)))
    print(f"planted among {N_BESIDE} guidance chats")
    planted(texts[:N_BESIDE], matrix[:N_BESIDE])
    print("speed of meeting neighbours")
    speed()


if __name__ == "__main__":
    main()
