"""What is stored is kept, what is missing is worked out, raw words stay in memory, and errors carry no words."""

from functools import partial

import dataframely as dy
import polars as pl
import pytest

from guidance_atlas.chain import Scope, stage
from guidance_atlas.contracts import (
    AtlasCells,
    CleanTurns,
    Conversations,
    Glanced,
    Parts,
    Records,
    Roster,
    Screened,
    Vectors,
)
from guidance_atlas.errors import StageError
from guidance_atlas.runner import listing, missing, part_keys, run_corpus, run_part, to_do
from guidance_atlas.stages.ingest.sources import Part
from guidance_atlas.store import Store

CALLS: list[str] = []


def ingest(part: Part) -> dy.DataFrame[Records]:
    CALLS.append("ingest")
    if b"boom" in part.lines:
        raise ValueError("my sister tanya is ill")
    turns = [[{"role": "user", "text": line.decode()}] for line in part.lines]
    frame = pl.DataFrame({"record": range(len(turns)), "turns": turns, "n_unread": 0})
    return Records.validate(
        frame.join(Records.create_empty().drop("turns", "n_unread"), on="record", how="left"), cast=True
    )


def outline(records: dy.DataFrame[Records], *, secret: str) -> dy.DataFrame[Conversations]:
    CALLS.append("outline")
    text = pl.col("turns").list.first().struct.field("text")
    frame = records.select("record", conversation_id=text.str.head(2), outcome=pl.lit("kept"), content_key=text)
    frame = frame.with_columns(n_turns=1, n_user_turns=1, n_unread=0, person_key=pl.lit(secret))
    return Conversations.validate(
        frame.join(Conversations.create_empty().drop(frame.columns[1:]), on="record", how="left"), cast=True
    )


def glance(conversations: dy.DataFrame[Conversations], *, threshold: float) -> dy.DataFrame[Glanced]:
    CALLS.append("glance")
    return Glanced.validate(
        conversations.select("conversation_id", score=pl.lit(threshold), kept=pl.lit(True), reason=pl.lit(None)),
        cast=True,
    )


def roster(parts: dy.DataFrame[Parts], conversations: dy.DataFrame[Conversations]) -> dy.DataFrame[Roster]:
    CALLS.append("roster")
    first = pl.col("conversation_id").is_first_distinct()
    placed = conversations.join(parts.select("part", "position"), on="part").sort("position", "record")
    outcome = pl.when(first).then(pl.lit("kept")).otherwise(pl.lit("duplicate"))
    return Roster.validate(
        placed.with_columns(outcome=outcome, code=pl.when(~first).then(pl.lit("same_id"))).select(
            Roster.column_names()
        ),
        cast=True,
    )


def last(glanced: dy.DataFrame[Glanced], conversations: dy.DataFrame[Conversations]) -> dy.DataFrame[AtlasCells]:
    CALLS.append(f"last:{glanced['conversation_id'].to_list()}:{conversations.height}")
    return AtlasCells.create_empty()


def stages(threshold=0.5):
    part_stage, corpus = partial(stage, scope=Scope.PART), partial(stage, scope=Scope.CORPUS)
    return [
        part_stage(ingest),
        part_stage(outline, gate=True, secret="s"),
        part_stage(glance, threshold=threshold),
        corpus(roster),
        corpus(last, gate=True),
    ]


def part(*words, file="f"):
    lines = [word.encode() for word in words]
    return Part(digest="-".join(words), file=file, first_record=0, lines=lines)


@pytest.fixture
def store(tmp_path):
    CALLS.clear()
    return Store(tmp_path / "vault")


def run(parts, store, *, threshold=0.5):
    CALLS.clear()
    seen = []
    plan = stages(threshold)
    for todo in to_do(iter(parts), stages=plan, store=store, seen=seen):
        run_part(todo, stages=plan, store=store)
    tables, used = run_corpus(plan, listing(seen), store=store)
    return tables, used


def embed(glanced: dy.DataFrame[Glanced]) -> dy.DataFrame[Vectors]:
    return Vectors.validate(glanced.select("conversation_id", vector=pl.lit([1.0])), cast=True)


def screen(vectors: dy.DataFrame[Vectors]) -> dy.DataFrame[Screened]:
    asks = pl.col("conversation_id").str.starts_with("a")
    columns = {"score": pl.lit(0.5), "guidance": asks, "unsure": pl.lit(False), "reason": pl.lit(None)}
    return Screened.validate(vectors.select("conversation_id", **columns), cast=True)


def look(screened: dy.DataFrame[Screened], vectors: dy.DataFrame[Vectors]) -> dy.DataFrame[AtlasCells]:
    CALLS.append(f"{screened['conversation_id'].to_list()}, {vectors['conversation_id'].to_list()}")
    return AtlasCells.create_empty()


def test_over_all_parts_long_tables_hold_guidance_conversations_only(store):
    plan = [*stages()[:3], *(stage(f, scope=Scope.PART) for f in (embed, screen))]
    plan += [stage(roster, scope=Scope.CORPUS), stage(look, scope=Scope.CORPUS, gate=True)]
    seen = []
    for todo in to_do(iter([part("aa", "bb"), part("cc", "ab")]), stages=plan, store=store, seen=seen):
        run_part(todo, stages=plan, store=store)

    run_corpus(plan, listing(seen), store=store)

    assert CALLS[-1] == "['aa', 'ab', 'bb', 'cc'], ['aa', 'ab']"


def test_a_second_run_does_nothing(store):
    run([part("aa", "bb")], store)
    assert CALLS == ["ingest", "outline", "glance", "roster", "last:['aa', 'bb']:2"]

    run([part("aa", "bb")], store)
    assert CALLS == []


def test_of_the_stages_over_all_parts_those_that_ran_are_timed(store):
    run([part("aa")], store)
    seen = []
    list(to_do(iter([part("aa")]), stages=stages(), store=store, seen=seen))
    timed, nothing = {}, {}
    store.path(AtlasCells, next(store.folder.glob("AtlasCells/*")).stem).unlink()

    run_corpus(stages(), listing(seen), store=store, seconds=timed)
    run_corpus(stages(), listing(seen), store=store, seconds=nothing)

    assert (list(timed), nothing) == (["last"], {})


def test_a_changed_setting_redoes_only_what_it_touches(store):
    run([part("aa")], store)
    run([part("aa")], store, threshold=0.9)

    assert CALLS == ["glance", "last:['aa']:1"]


def test_a_new_part_costs_only_itself_and_the_whole(store):
    run([part("aa")], store)
    run([part("aa"), part("bb")], store)

    assert CALLS == ["ingest", "outline", "glance", "roster", "last:['aa', 'bb']:2"]


def test_a_killed_run_goes_on_from_the_last_finished_table(store):
    run([part("aa")], store)
    keys = part_keys(stages(), "aa")
    store.path(Glanced, keys[Glanced]).unlink()

    assert [step.name for step in missing(stages(), keys, store)] == ["glance"]


def test_a_missing_gate_table_brings_the_raw_stage_back(store):
    run([part("aa")], store)
    keys = part_keys(stages(), "aa")
    store.path(Conversations, keys[Conversations]).unlink()

    assert [step.name for step in missing(stages(), keys, store)] == ["ingest", "outline"]


def test_raw_words_are_never_stored(store):
    run([part("aa")], store)

    assert not (store.folder / Records.__name__).exists()
    assert not (store.folder / CleanTurns.__name__).exists()


def test_after_the_roster_only_kept_conversations_are_seen_once(store):
    run([part("aa", "bb"), part("bb", "cc", file="g")], store)

    assert CALLS[-1] == "last:['aa', 'bb', 'cc']:3"


def test_a_part_with_the_same_bytes_is_worked_on_once_and_marked(store):
    seen = []
    todo = list(to_do(iter([part("aa"), part("aa", file="copy")]), stages=stages(), store=store, seen=seen))

    assert len(todo) == 1
    assert listing(seen)["repeats"].to_list() == [False, True]


def test_the_paths_in_use_are_all_that_is_stored(store):
    tables, used = run([part("aa"), part("bb")], store)

    assert set(store.folder.rglob("*.parquet")) == used
    assert set(tables.values()) <= used


def test_nothing_read_still_gives_whole_empty_tables(store):
    tables, _used = run([], store)

    assert CALLS == ["roster", "last:[]:0"]
    assert set(tables) == {Roster, AtlasCells}


def test_a_stage_s_failure_tells_kind_and_place_and_no_words(store):
    with pytest.raises(StageError) as caught:
        run([part("boom")], store)

    assert "ingest failed on part boom: ValueError at" in str(caught.value)
    assert "tanya" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
