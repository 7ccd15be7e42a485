"""Figures of the development rows: each answers its own question, and every floor and target is of a figure."""

import numpy as np
import pytest
from headdata import SURE, TURN, ask_vector, item, read_talk, reading_heads, turn_vector

from guidance_atlas.heads import measure
from guidance_atlas.heads.cards import read_card
from guidance_atlas.heads.dev import FEWEST, Dev
from guidance_atlas.heads.evaluate import figures_of
from guidance_atlas.heads.yardsticks import FLOORS, PEOPLE, TARGETS
from guidance_atlas.vocab import CRITERIA, DOMAINS, DRIFT, PUSHBACK, STAKES

N = 48


def asks(*, wrong=()):
    """Conversations and what the heads see of them; those of a wrong number look like the other kind."""
    items, vectors = [], []
    for at in range(N):
        guidance = at % 2 == 0
        labels = {"guidance": guidance, "support": []}
        if guidance:
            place = at // 2
            labels |= {
                "domain": DOMAINS[place % 3],
                "domain_2": None,
                "stakes": STAKES[place % 3],
                "support": ["family"],
            }
        stratum = ("natural", "enriched", "forum")[at // 16]
        items.append(item(f"g:{at}", "hm", labels=labels, stratum=stratum))
        told = {name: labels.get(name) for name in ("domain", "stakes")}
        vectors.append(ask_vector(guidance=guidance != (at in wrong), support=labels["support"], **told))
    return items, np.array(vectors)


def talks():
    found = []
    for at in range(N):
        candor, kind = at % 5 + 1, PUSHBACK[at % 6] if at % 2 else None
        labels = {
            "candor": candor,
            "sycophantic_turns": [1] if candor <= 2 else [],
            "pushback": [{"turn": 2, "kind": kind}] if kind else [],
            "human_sycophancy": -candor,
            **dict.fromkeys(CRITERIA, candor),
            **{name: at % 3 == place for place, name in enumerate(DRIFT)},
        }
        answer = turn_vector(candor=candor, criteria=[candor] * 4, drift=[DRIFT[at % 3]])
        found.append(read_talk(answers=[answer], reactions=[turn_vector(kind=kind)], labels=labels))
    return found


def pairs(*gaps):
    """Written situations in which the better reply is so much above the worse."""
    names = (("candid", "pleasing"), ("holds", "caves"))
    return [
        {
            name: turn_vector(candor=3 + gap * side)[None]
            for pair in names
            for name, side in zip(pair, (0.5, -0.5), strict=True)
        }
        for gap in gaps
    ]


def figures(*, wrong=(), dev=None):
    items, vectors = asks(wrong=wrong)
    found = figures_of(reading_heads(), dev or Dev(items, vectors, talks(), pairs(1, 1, 1)))
    return {one.name: one for several in found.values() for one in several}


@pytest.fixture(scope="module", autouse=True)
def few_draws():
    """No interval is looked at here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "BOOTSTRAPS", 5)
        yield


@pytest.fixture(scope="module")
def right():
    return figures()


def test_heads_that_are_always_right_get_full_marks(right):
    rates = {name for name in right if name.endswith("found minus true") or "minus true," in name}

    assert all(right[name].value == 0 for name in rates)
    for name, one in right.items():
        if name in rates or name == "share kept, natural draw" or one.value is None:
            continue
        assert one.value == pytest.approx(1), name


@pytest.mark.parametrize("yardstick", [FLOORS, TARGETS, PEOPLE], ids=["floors", "targets", "people"])
def test_every_yardstick_is_of_a_figure_that_is_measured(right, yardstick):
    names = {one.name for one in read_card("names").figures}

    assert set(yardstick) <= set(right) | names


def test_a_figure_of_one_draw_is_of_that_draw_alone():
    found = figures(wrong=[0, 1, 2, 3])

    assert found["guidance F1, natural draw"].value == pytest.approx(0.75)
    assert found["guidance F1, enriched draw"].value == found["guidance F1, forum draw"].value == 1
    assert found["guidance F1, natural draw"].n == 16
    assert found["guidance F1"].n == N


def test_finding_too_much_is_told_apart_from_missing():
    too_much, missing = figures(wrong=[1, 3]), figures(wrong=[0, 2])
    name = "guidance rate found minus true, natural draw"

    assert (too_much["guidance recall"].value, missing["guidance precision"].value) == (1, 1)
    assert (too_much[name].value, missing[name].value) == (0.125, -0.125)
    assert too_much["guidance precision"].value == pytest.approx(24 / 26, abs=0.001)


def test_domains_are_measured_on_guidance_alone_and_rare_ones_not_one_by_one(right):
    assert right["domain accuracy"].n == N / 2
    assert {name for name in right if name.startswith("guidance recall, ")} == {
        f"guidance recall, {name}" for name in DOMAINS[:3]
    }
    assert N / 2 / 3 >= FEWEST


@pytest.mark.parametrize(("gaps", "share"), [((1, 1), 1), ((1, -1), 0.5), ((-1, -1, -1, 1), 0.25), ((0, 1), 0.5)])
def test_written_pairs_are_in_order_where_the_better_reply_is_higher(gaps, share):
    items, vectors = asks()

    found = figures(dev=Dev(items, vectors, talks(), pairs(*gaps)))

    assert found["candid above pleasing, written pairs held out"].value == share
    assert found["holding above caving, written pairs held out"].value == share


def test_a_situation_that_lacks_a_reply_is_not_counted():
    items, vectors = asks()
    some = [pairs(1)[0], {"candid": turn_vector()[None]}]

    assert figures(dev=Dev(items, vectors, talks(), some))["candid above pleasing, written pairs held out"].n == 1


def test_talks_without_a_reply_that_can_be_judged_are_left_out_of_candor():
    items, vectors = asks()
    silent = read_talk(reactions=[turn_vector()], labels={"candor": None, "pushback": [], "sycophantic_turns": []})

    found = figures(dev=Dev(items, vectors, [*talks(), silent], pairs(1)))

    assert found["candor Spearman"].n == N
    assert found["pushback F1, user turns"].n == N + 1


def test_vectors_of_the_builders_are_as_wide_as_their_heads_want():
    heads = reading_heads()

    assert turn_vector().shape == (TURN,) == (heads.candor.width,)
    assert ask_vector().shape == (heads.screen.width,)
    assert heads.screen.score(ask_vector()[None])[0] == pytest.approx(1 / (1 + np.exp(-SURE)))
