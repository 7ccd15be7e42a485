"""A plan is read from its stages' signatures and refused before it costs anything."""

import dataframely as dy
import pytest

from guidance_atlas.chain import Scope, check_chain, describe, stage
from guidance_atlas.contracts import (
    AtlasCells,
    Cells,
    CleanTurns,
    Conversations,
    Parts,
    PublicCells,
    Records,
    Roster,
    Vectors,
)
from guidance_atlas.errors import ChainError


def ingest(part: object) -> dy.DataFrame[Records]: ...
def outline(records: dy.DataFrame[Records], *, secret: bytes = b"") -> dy.DataFrame[Conversations]: ...
def scrub(records: dy.DataFrame[Records]) -> dy.DataFrame[CleanTurns]: ...
def embed(turns: dy.DataFrame[CleanTurns], *, seed: int = 0) -> dy.DataFrame[Vectors]: ...
def roster(parts: dy.DataFrame[Parts], talks: dy.DataFrame[Conversations]) -> dy.DataFrame[Roster]: ...
def aggregate(roster: dy.DataFrame[Roster]) -> dy.DataFrame[Cells]: ...
def protect(cells: dy.DataFrame[Cells]) -> dy.DataFrame[PublicCells]: ...
def leak(records: dy.DataFrame[Records]) -> dy.DataFrame[PublicCells]: ...
def late(roster: dy.DataFrame[Roster]) -> dy.DataFrame[AtlasCells]: ...


def part(function, *, gate=False, **fixed):
    return stage(function, scope=Scope.PART, gate=gate, **fixed)


def corpus(function, *, gate=False):
    return stage(function, scope=Scope.CORPUS, gate=gate)


SOUND = [
    part(ingest),
    part(outline, gate=True),
    part(scrub, gate=True),
    part(embed),
    corpus(roster),
    corpus(aggregate, gate=True),
    corpus(protect, gate=True),
]


def test_a_sound_plan_passes():
    check_chain(SOUND, given=(Parts,))


@pytest.mark.parametrize(
    ("stages", "complaint"),
    [
        ([part(outline, gate=True), part(ingest)], "outline reads Records, which no earlier stage writes"),
        ([part(ingest), part(scrub, gate=True), part(scrub, gate=True)], "scrub writes CleanTurns, which scrub writes"),
        ([part(ingest), part(scrub)], "scrub turns RAW into SCRUBBED, but it is not a gate"),
        ([part(ingest), part(leak)], "leak turns RAW into PUBLIC, but it is not a gate"),
        ([*SOUND[:5], corpus(aggregate)], "aggregate turns SCRUBBED into AGGREGATE, but it is not a gate"),
        ([*SOUND[:5], part(late, gate=True)], "late works on a part but reads Roster, which needs all parts"),
        (SOUND[1:], "outline reads Records"),
    ],
)
def test_an_unsound_plan_is_refused_with_the_stage_and_the_table(stages, complaint):
    with pytest.raises(ChainError, match=complaint):
        check_chain(stages, given=(Parts,))


def test_a_table_the_runner_brings_must_be_named_as_given():
    with pytest.raises(ChainError, match="roster reads Parts"):
        check_chain(SOUND)


def test_a_function_that_names_no_contract_is_not_a_stage():
    def vague(records: dy.DataFrame[Records]) -> object: ...

    with pytest.raises(ChainError, match="vague does not say which contract it writes"):
        part(vague)


def test_a_key_follows_settings_and_inputs_and_nothing_else():
    plain, same, other = part(embed, seed=1), part(embed, seed=1), part(embed, seed=2)

    assert plain.key(["a"]) == same.key(["a"])
    assert len({plain.key(["a"]), plain.key(["b"]), other.key(["a"]), plain.key(["a", "a"])}) == 4


def test_a_secret_changes_the_key_and_cannot_be_read_from_the_stage():
    one, two = part(outline, gate=True, secret=b"secret-one"), part(outline, gate=True, secret=b"secret-two")

    assert one.key(["a"]) != two.key(["a"])
    assert "secret-one" not in repr(one) + one.identity


def test_a_model_counts_by_its_identity_not_by_its_address():
    class Model:
        def __init__(self, identity):
            self.identity = identity

    assert part(embed, seed=Model("m1")).key(["a"]) == part(embed, seed=Model("m1")).key(["a"])
    assert part(embed, seed=Model("m1")).key(["a"]) != part(embed, seed=Model("m2")).key(["a"])


def test_the_description_shows_every_gate_and_exposure():
    rows = {row["stage"]: row for row in describe(SOUND)}

    assert [name for name, row in rows.items() if row["gate"]] == ["outline", "scrub", "aggregate", "protect"]
    assert rows["ingest"]["exposure"] == "RAW"
    assert rows["ingest"]["reads"] == "source"
    assert rows["protect"]["exposure"] == "PUBLIC"
