"""How much of what is private does scrubbing find, how much else does it mask, and how fast is it?

Run: python bench/scrub.py [FOLDER OF DEVELOPMENT DATA] [chats synth social over names obfuscated hostile speed] [lists]
Prints counts, shares with 95 % Wilson intervals, and the speed against Presidio's stock recognisers in the same run. It
prints no text. With `lists`, names are found by lists and cues alone.
"""

import gzip
import json
import os
import random
import re
import sys
import time
import warnings
from importlib.resources import files
from pathlib import Path

from guidance_atlas.adapters.presidio import PresidioFinder
from guidance_atlas.heads.name_rows import for_training
from guidance_atlas.stages.scrub.names import find_all_names
from guidance_atlas.stages.scrub.net import open_names
from guidance_atlas.stages.scrub.normalise import normalise
from guidance_atlas.stages.scrub.page import Page
from guidance_atlas.stages.scrub.traits import candidates
from guidance_atlas.stages.scrub.words import lexicon

STOCK = {"CREDIT_CARD", "IBAN_CODE", "US_SSN", "IP_ADDRESS", "EMAIL_ADDRESS", "PHONE_NUMBER", "URL"}
PLACES = {"LOCATION", "location", "LOC", "GPE"}
COUNTRIES = set(files("guidance_atlas.wording").joinpath("names_countries.txt").read_text().split())
N_CHATS = 500


def read(folder, name):
    with gzip.open(folder / f"{name}.jsonl.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


def wilson(hits, n, z=1.96):
    if not n:
        return "n = 0"
    p, d = hits / n, 1 + z * z / n
    middle, half = (p + z * z / (2 * n)) / d, z * ((p * (1 - p) + z * z / (4 * n)) / n) ** 0.5 / d
    return f"{p:.3f} [{max(0, middle - half):.3f}, {middle + half:.3f}] {hits}/{n}"


def touches(gold, spans):
    return any(span.start < gold["end"] and gold["start"] < span.end for span in spans)


def gold_text(row, gold):
    return row["text"][gold["start"] : gold["end"]].lower().replace(" ", "_").replace(".", "")


def recall(rows, finder, labels, *, strict=False):
    """Share of gold spans of some labels that any found span touches, whatever its kind."""
    texts = [row["text"] for row in rows]
    hits = n = 0
    missed = []
    for row, spans in zip(rows, finder.find(texts), strict=True):
        for gold in row["spans"]:
            if gold["label"] not in labels or (
                strict and any(gold.get(flag) for flag in ("public", "fiction", "generic", "country"))
            ):
                continue
            if "@" in row["text"][max(0, gold["start"] - 2) : gold["end"]] and gold["label"] in ("PER", "person"):
                continue  # a handle, written apart from its sign by the corpus's tokeniser
            if gold["label"] in PLACES and gold_text(row, gold) in COUNTRIES:
                continue  # countries stay in the text by default
            n += 1
            found = touches(gold, spans)
            hits += found
            if not found:
                missed.append((row["text"], gold))
    return hits, n, missed


def chats(folder, finder):
    rows = read(folder, "pii_chat_dev")
    small = [row | {"text": row["text"].lower()} for row in rows if len(row["text"].lower()) == len(row["text"])]
    hits, n, _ = recall(small, finder, {"PERSON"}, strict=True)
    print(f"  chat dev, strict, people, all in lower case    {wilson(hits, n)}")
    for title, labels in (
        ("people", {"PERSON"}),
        ("places", {"LOCATION"}),
        ("people and places", {"PERSON", "LOCATION"}),
        ("identifiers", {"EMAIL", "PHONE", "ID", "ADDRESS", "URL"}),
        ("organisations (not sought)", {"ORG"}),
    ):
        print(f"  chat dev, strict, {title:28} {wilson(*recall(rows, finder, labels, strict=True)[:2])}")


def synth(folder, finder):
    rows = read(folder, "pii_presidio_synth_v2")
    for label in sorted({gold["label"] for row in rows for gold in row["spans"]}):
        hits, n, _ = recall(rows, finder, {label})
        print(f"  synthetic v2, {label:20} found {wilson(hits, n)}{'   (stock kind)' if label in STOCK else ''}")
    hits, n, _ = recall(rows, finder, STOCK)
    print(f"  synthetic v2, stock kinds missed {wilson(n - hits, n)}")


def social(folder, finder):
    """Rows that neither the net nor its threshold has seen: the test parts of both corpora by their own splits."""
    for name, rows, person, place in (
        ("WNUT17 test", read(folder, "pii_wnut17"), {"person"}, {"location"}),
        ("BTC section F", read(folder, "pii_btc_tweets"), {"PER"}, {"LOC"}),
    ):
        rows = [row for row in rows if ":emerging.test" in row["id"] or row.get("section") == "f"]
        small = [row | {"text": row["text"].lower()} for row in rows if len(row["text"].lower()) == len(row["text"])]
        for title, texts, labels in (
            ("people", rows, person),
            ("places", rows, place),
            ("people, all in lower case", small, person),
        ):
            print(f"  {name}, {title:26} {wilson(*recall(texts, finder, labels)[:2])}")


def talks_of(folder):
    """Conversations that training never reads."""
    rows = [row for row in read(folder, "chats") if row.get("language", "English") == "English"]
    rows = [row for row in rows if not for_training(row["id"])]
    return [[m["content"] for m in row["messages"]] for row in random.Random(1).sample(rows, N_CHATS)]


def over(folder, finder):
    for title, talks in (("chats", talks_of(folder)), ("guidance", guidance_talks(folder))):
        users = [[turns[0]] for turns in talks]
        for who, texts in (("all turns", talks), ("first user turns", users)):
            n = masked = 0
            for turns in texts:
                for text, spans in zip(turns, finder.find([normalise(t) for t in turns]), strict=True):
                    for word in re.finditer(r"\S+", normalise(text)):
                        n += 1
                        masked += any(s.start < word.end() and word.start() < s.end for s in spans)
            print(f"  {title}, {who:18} words masked {wilson(masked, n)}  ({len(texts)} conversations)")


def names(folder, _finder):
    """What names cost, with the net and without it, once its spellings are known: the best of five passes."""
    talks = talks_of(folder)
    texts = [normalise(text) for turns in talks for text in turns]
    words = sum(len(text.split()) for text in texts)
    for title, judge in (("lists and cues alone", None), ("with the net", open_names())):
        find_all_names(texts, judge=judge)
        took = []
        for _ in range(5):
            start = time.process_time()
            find_all_names(texts, judge=judge)
            took.append(time.process_time() - start)
        each, rate = 1_000 * min(took) / len(talks), words / min(took)
        print(f"  {title:22} {each:.2f} ms a conversation, {rate:,.0f} words a second ({len(talks)} conversations)")
    pages = [Page(text, lexicon()) for text in texts]
    looked = sum(len(candidates(page)) for page in pages)
    print(f"  words that the net looks at {wilson(looked, sum(len(page.words) for page in pages))}")


def guidance_talks(folder):
    rows = [row for row in read(folder, "gate_dev") if row["labels"]["guidance"]]
    return [[m["content"] for m in row["messages"]] for row in rows]


def speed(folder, _finder):
    import comparison

    comparison.report(talks_of(folder))


def hostile(_folder, finder):
    import hostile as part

    part.report(finder)


def obfuscated(_folder, finder):
    import obfuscated as part

    part.report(finder, wilson, final=True)


def main():
    warnings.simplefilter("ignore")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    given = [a for a in sys.argv[1:] if Path(a).is_dir()]
    here = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = (
        Path(given[0])
        if given
        else Path(os.environ["GUIDANCE_ATLAS_SHARED"]) / "data"
        if "GUIDANCE_ATLAS_SHARED" in os.environ
        else here
    )
    parts = {
        "chats": chats,
        "synth": synth,
        "social": social,
        "over": over,
        "names": names,
        "obfuscated": obfuscated,
        "hostile": hostile,
        "speed": speed,
    }
    asked = [a for a in sys.argv[1:] if a in parts] or list(parts)
    finder = PresidioFinder(ner="auto", names="lists" if "lists" in sys.argv else "net")
    print(finder.identity)
    for name in asked:
        print(name)
        parts[name](folder, finder)


if __name__ == "__main__":
    main()
