"""A plan of few stages without models, over real reading, and chat logs for it.

What asks "should i" is guidance, and glance lets go who says "code".
"""

import gzip
import json

import dataframely as dy
import polars as pl
import zstandard

from guidance_atlas.chain import Scope, check_chain, stage
from guidance_atlas.contracts import CleanTurns, Conversations, Glanced, Labels, Parts, Records, Screened
from guidance_atlas.runner import listing, run_corpus, run_part, to_do
from guidance_atlas.stages.ingest.records import ingest
from guidance_atlas.stages.ingest.sources import cut, find_sources
from guidance_atlas.stages.outline import outline
from guidance_atlas.stages.roster import roster
from guidance_atlas.store import Store

SEEN: list[tuple[str, int]] = []  # stages behind a gate, and how many conversations each was let see


class English:
    identity = "english"

    def detect(self, texts):
        return ["en"] * len(texts)


def glance(records: dy.DataFrame[Records], conversations: dy.DataFrame[Conversations]) -> dy.DataFrame[Glanced]:
    told = conversations.filter(pl.col("outcome").cast(pl.String) == "kept").join(records, on="record")
    kept = ~pl.col("turns").list.first().struct.field("text").str.contains("code")
    frame = told.select("conversation_id", score=pl.lit(0.5), kept=kept, reason=pl.lit(None, pl.String))
    return Glanced.validate(frame.sort("conversation_id"), cast=True)


def scrub(
    records: dy.DataFrame[Records], conversations: dy.DataFrame[Conversations], glanced: dy.DataFrame[Glanced]
) -> dy.DataFrame[CleanTurns]:
    SEEN.append(("scrub", int(glanced["kept"].sum())))
    kept = glanced.filter("kept").join(conversations, on="conversation_id").join(records, on="record")
    first = pl.col("turns").list.first()
    return CleanTurns.validate(
        kept.select(
            "conversation_id",
            turn=pl.lit(0),
            role=first.struct.field("role"),
            text=first.struct.field("text"),
            n_masked=pl.lit(0),
        ),
        cast=True,
    )


def screen(clean_turns: dy.DataFrame[CleanTurns], *, word: str) -> dy.DataFrame[Screened]:
    frame = clean_turns.select("conversation_id", score=pl.lit(0.5), guidance=pl.col("text").str.contains(word))
    return Screened.validate(frame.with_columns(unsure=pl.lit(False), reason=pl.lit(None, pl.String)), cast=True)


def classify(screened: dy.DataFrame[Screened]) -> dy.DataFrame[Labels]:
    SEEN.append(("classify", int(screened["guidance"].sum() or 0)))
    return Labels.create_empty()


def small_plan(secret=b"the secret of the small plan", *, word="should i"):
    part, corpus = Scope.PART, Scope.CORPUS
    stages = [
        stage(ingest, scope=part, format="auto"),
        stage(outline, scope=part, gate=True, secret=secret, detector=English()),
        stage(glance, scope=part, gate=True),
        stage(scrub, scope=part, gate=True),
        stage(screen, scope=part, word=word),
        stage(classify, scope=part),
        stage(roster, scope=corpus, one_per_person=False),
    ]
    check_chain(stages, given=(Parts,))
    return tuple(stages)


def said(n, *, start=0):
    """Lines of n chats: of four, two are about code, one asks for guidance, one is small talk."""
    words = ("write code number {}", "should i leave job number {}", "hello number {}", "more code number {}")
    texts = [words[i % 4].format(i) for i in range(start, start + n)]
    made = "2026-03-02T10:00:00Z"
    talks = [{"id": str(i), "messages": [{"role": "user", "content": t}]} for i, t in enumerate(texts, start)]
    return [json.dumps(talk | {"created_at": made, "model": "m"}).encode() for talk in talks]


def write(path, lines):
    """Lines as a file of its ending: plain, .gz or .zst."""
    plain = b"\n".join(lines) + b"\n"
    packed = {".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}
    path.write_bytes(packed.get(path.suffix, bytes)(plain))
    return str(path)


def work_off(paths, *, stages, vault, settings):
    """Store all that the small plan makes of these files, as a run would."""
    store, seen = Store(vault), []
    parts = (
        part
        for source in find_sources(paths)
        for part in cut(source, max_record_bytes=2**24, max_records=settings.ingest.part_records)
    )
    for part in to_do(parts, stages=stages, store=store, seen=seen):
        run_part(part, stages=stages, store=store)
    run_corpus(stages, listing(seen), store=store)
