"""A row of the table says whether it is what it should be, and the command fails where one is not."""

import json

import pytest

from guidance_atlas.attacks.outcome import Outcome, wilson
from guidance_atlas.attacks.table import show_outcomes
from guidance_atlas.errors import CheckError


def row(right, n=100, blind=0.5, bound=0.5, defended=True):
    return Outcome("an attack", "something", n, right, blind, bound, defended)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_intervals_are_those_of_wilson(part, whole, low, high):
    assert wilson(part, whole) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(
    ("one", "holds"),
    [
        (row(55), True),  # 0.45 to 0.64
        (row(70), False),  # 0.60 to 0.78
        (row(70, bound=0.65), True),
        (row(70, bound=None), None),
        (row(0, blind=0.0, bound=0.0), True),
        (row(1, blind=0.0, bound=0.0), False),  # a single find is one too many
        (row(70, defended=False), True),
        (row(55, defended=False), False),  # an attack that cannot win says nothing
        (row(0, n=0), False),  # nor one that was never tried
    ],
)
def test_a_row_holds_when_it_is_what_it_should_be(one, holds):
    assert one.holds is holds


def test_the_command_fails_when_a_bound_is_broken_and_prints_the_table_first(capsys):
    with pytest.raises(CheckError, match="1 of 2 attacks"):
        show_outcomes([row(50), row(90)], as_json=True)

    told = json.loads(capsys.readouterr().out)
    assert [one["verdict"] for one in told] == ["holds", "BROKEN"]
    assert {"attack", "guessed", "n", "right", "share", "low", "high", "blind", "bound"} <= set(told[0])


def test_a_table_without_faults_ends_well(capsys):
    show_outcomes([row(50), row(90, bound=None), row(90, defended=False)], as_json=False)

    told = capsys.readouterr().out
    assert "ATTACK WINS, nothing is promised" in told
    assert "attack wins, as it must" in told
