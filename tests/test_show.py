"""What a run prints: every share beside its corrected one, or why there is none, in lines that fit a terminal."""

import json

import polars as pl
import pytest
from corpus import Chat, tables

from guidance_atlas import contracts as c
from guidance_atlas.batch import Ran
from guidance_atlas.databases import write_atlas, write_internal
from guidance_atlas.heads.confusion import NO_YES, NONE, Confusion, Errors
from guidance_atlas.show import show_answer
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.stages.aggregate import aggregate
from guidance_atlas.stages.correct import correct_inside
from guidance_atlas.stages.protect import protect_inside
from guidance_atlas.vocab import DOMAINS

LEAKS = {"n_planted": 1000, "n_leaked": 20, "share": 0.02, "low": 0.013, "high": 0.031}
RAN = Ran("run", 500, 1, 1, 2.0, {}, "atlas.duckdb", "releases/1", None, changed=True, residual_leaks=LEAKS)
CARDS = {"head": "candor", "figure": "sycophantic AUC", "value": 0.9, "low": 0.8, "high": 1.0, "n": 80}
CLASSES = (*DOMAINS, NONE)
FAITHFUL = tuple(tuple(60 if row == column else 0 for column in range(len(CLASSES))) for row in range(len(CLASSES)))
ERRORS = (
    Confusion("sycophantic", "all", "all", NO_YES, ((90, 10), (20, 80))),
    Confusion("pushback", "all", "all", NO_YES, ((50, 50), (50, 50))),
    Confusion("domain_share", "all", "all", CLASSES, FAITHFUL),
)


@pytest.fixture
def root(tmp_path):
    """A published run: guidance about careers and law, two conversations about ethics, and 380 about other things."""
    chats = [Chat(f"c{i}", domain="career", sycophantic=i % 3 == 0, first=1) for i in range(80)]
    chats += [Chat(f"l{i}", domain="legal", sycophantic=i % 4 == 0, first=1) for i in range(48)]
    chats += [Chat(f"f{i}", domain="finance", sycophantic=False) for i in range(20)]
    chats += [Chat(f"n{i}", came_to="not_guidance") for i in range(380)]
    chats += [Chat(f"e{i}", domain="ethics", sycophantic=False) for i in range(2)]
    cells = protect_inside(aggregate(**tables(*chats), book=SqlBook()), least_people=10, round_to=1)
    rates = correct_inside(cells, errors=Errors((("card-1", ERRORS),)))
    names, cards = c.ClusterNames.create_empty(), pl.DataFrame(CARDS)
    write_atlas(
        tmp_path, atlas_cells=cells, atlas_rates=rates, cluster_names=names, cards=cards, about={}, book=SqlBook()
    )
    counts = pl.DataFrame(
        {"outcome": ["kept"], "code": [None], "n_records": [502]}, schema_overrides={"code": pl.String}
    )
    write_internal(tmp_path, {"roster_counts": counts})
    return tmp_path


def test_people_read_both_shares_with_their_intervals_or_why_there_is_none(root, capsys):
    show_answer(root, RAN, as_json=False)
    printed = capsys.readouterr().out

    lines = {line.split(":")[0].strip(): line for line in printed.splitlines()}
    assert "26.0% (19.6% to 33.6%) of 150 judged; corrected 22.9% (" in lines["are sycophantic"]
    assert lines["have pushback"].endswith("where there could be any; corrected not estimable")
    assert lines["ask for guidance"].endswith("in a known language; corrected not measured")
    career = next(line for line in printed.splitlines() if "career" in line)
    assert "–" in career
    assert "few_people" in printed
    assert "withheld" in printed
    assert "chance in people only. Corrected: that, and chance in the labelled" in printed
    assert max(map(len, printed.splitlines())) <= 120


def test_machines_read_the_same(root, capsys):
    show_answer(root, RAN, as_json=True)
    told = json.loads(capsys.readouterr().out)

    (found,) = [row for row in told["headline"] if row["measure"] == "sycophantic"]
    assert found["corrected_low"] < found["corrected"] < found["corrected_high"]
    assert {row["sycophantic_state"] for row in told["domains"]} >= {"corrected", "withheld", "nothing_asked"}
