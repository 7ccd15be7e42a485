"""The real plan is sound, and the page that describes it tells no other story."""

import re
from pathlib import Path

import pytest

from guidance_atlas.chain import Scope
from guidance_atlas.contracts import Exposure
from guidance_atlas.plan import plan
from guidance_atlas.settings import load_settings

PAGE = (Path(__file__).parents[1] / "docs" / "stages.md").read_text(encoding="utf-8")
SECRET = b"sixteen bytes or more"


@pytest.fixture(scope="module")
def stages():
    return plan(load_settings(), SECRET)


def test_the_page_has_the_stages_of_the_plan_in_their_order(stages):
    told = re.findall(r"^### (\w+)( \(gate\))?$", PAGE, flags=re.MULTILINE)

    assert told == [(step.name, " (gate)" if step.gate else "") for step in stages]


def test_the_page_tells_what_each_stage_reads_and_writes(stages):
    for step in stages:
        section = re.split(rf"^### {step.name}\b", PAGE, flags=re.MULTILINE)[1].split("\n#")[0]
        reads = ", ".join(f"`{table.__name__}`" for table in step.reads) or (
            "source" if step.scope is Scope.PART else "nothing"
        )
        assert f"reads {reads}, writes `{step.writes.__name__}`." in section, step.name
        assert re.search(r"\*[A-Z][^*]+\?\*", section), f"{step.name} has no question"


def test_only_gates_lower_exposure_and_only_one_leads_outside(stages):
    outside = [step for step in stages if step.writes.exposure is Exposure.PUBLIC]
    raw = [step.name for step in stages if step.writes.exposure is Exposure.RAW]

    assert [step.name for step in outside] == ["protect", "correct"]
    assert [step.name for step in outside if any(table.exposure > Exposure.PUBLIC for table in step.reads)] == (
        ["protect"]
    )
    assert raw == ["ingest"]


def test_part_stages_come_before_corpus_stages(stages):
    scopes = [step.scope for step in stages]

    assert scopes == sorted(scopes, key=[Scope.PART, Scope.CORPUS].index)


def test_the_number_of_workers_is_in_no_key_and_a_seed_is_in_one(stages):
    def keys(**options):
        return {step.name: step.identity for step in plan(load_settings(**options), SECRET)}

    plain = keys()
    assert keys(run={"workers": 5}) == plain
    changed = {name for name, identity in keys(cluster={"seed": 8}).items() if identity != plain[name]}
    assert changed == {"cluster"}
