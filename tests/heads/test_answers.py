"""What is true and what the heads say, side by side: they agree where heads are right, and errors add up."""

import numpy as np
import pytest
from headdata import ask_vector, item, read_talk, reading_heads, turn_vector
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.heads.answers import (
    OTHER_HELP,
    Answered,
    Asked,
    domain_confusion,
    drift_confusions,
    guidance_confusion,
    pushback_confusions,
    stakes_confusion,
    support_confusions,
    sycophancy_by_pushback,
    sycophancy_confusion,
    told_answered,
    told_asked,
    true_answered,
    true_asked,
)
from guidance_atlas.heads.confusion import NONE, WITH, WITHOUT
from guidance_atlas.vocab import CRITERIA, DOMAINS, DRIFT, PRESSING, PUSHBACK, STAKES, SUPPORT

HEADS = reading_heads()


@st.composite
def asked(draw):
    guidance = draw(st.booleans())
    if not guidance:
        return Asked(False, None, None, None, frozenset())
    domain, domain_2 = draw(st.permutations(DOMAINS))[:2]
    support = draw(st.frozensets(st.sampled_from(SUPPORT)))
    return Asked(True, domain, draw(st.sampled_from([None, domain_2])), draw(st.sampled_from(STAKES)), support)


answered = st.builds(
    Answered,
    st.frozensets(st.sampled_from(PUSHBACK)),
    st.none() | st.floats(1, 5),
    st.frozensets(st.sampled_from(DRIFT)),
)


def labels(one):
    return {
        "guidance": one.guidance,
        "domain": one.domain,
        "domain_2": one.domain_2,
        "stakes": one.stakes,
        "support": sorted(one.support),
    }


def told(several):
    """What the heads say of conversations whose vectors tell them this."""
    vectors = [
        ask_vector(
            guidance=one.guidance,
            domain=one.domain or DOMAINS[0],
            domain_2=one.domain_2,
            stakes=one.stakes or STAKES[0],
            support=one.support,
        )
        for one in several
    ]
    items = [item(f"a:{at}", "hm") for at in range(len(several))]
    return told_asked(HEADS, items, np.array(vectors))


@given(st.lists(asked(), min_size=1, max_size=8))
def test_where_heads_are_right_they_say_what_labels_say(several):
    found, scores = told(several)

    for one, other, score in zip(several, found, scores, strict=True):
        assert true_asked(labels(one)) == one
        assert other.guidance == one.guidance == (score >= 0.5)
        assert other == one or not one.guidance


def test_labels_of_what_is_no_guidance_are_not_taken_over():
    row = {"guidance": False, "domain": "career", "stakes": "low", "support": ["family"]}

    assert true_asked(row) == Asked(False, None, None, None, frozenset())


def test_what_the_glance_lets_go_is_no_guidance_however_sure_the_screen_is():
    heads = reading_heads()
    object.__setattr__(heads.glance, "threshold", 99.0)

    (one,), (score,) = told_asked(heads, [item("a:1", "hm")], ask_vector(domain="career", stakes="low")[None])

    assert not one.guidance
    assert score > 0.99


def talk(one):
    """A conversation of which the heads should say this."""
    reactions = [turn_vector(kind=kind) for kind in sorted(one.pushback)] or [turn_vector()]
    answers = [] if one.candor is None else [turn_vector(candor=one.candor, drift=one.drift)]
    return read_talk(answers=answers, reactions=reactions)


@given(answered)
def test_where_heads_are_right_about_turns_they_say_what_labels_say(one):
    found = told_answered(HEADS, talk(one))

    assert found.pushback == one.pushback
    if one.candor is not None:
        assert found.drift == one.drift
        assert found.candor == pytest.approx(one.candor, abs=1e-5)
    else:
        assert (found.candor, found.sycophantic, found.drift) == (None, None, frozenset())


def test_an_error_of_one_turn_is_the_conversations_and_the_lowest_turn_counts_double():
    turns = [turn_vector(candor=1, drift=["harsh"]), turn_vector(candor=5), turn_vector(candor=3)]

    found = told_answered(HEADS, read_talk(answers=turns))

    assert found.drift == {"harsh"}
    assert found.candor == pytest.approx((1 + 3) / 2)


@pytest.mark.parametrize(
    ("row", "one"),
    [
        ({}, Answered(frozenset(), None, frozenset())),
        (
            {"candor": 2, "pushback": [[2, "insists"], [4, "insists"]], "drift": ["rigid"]},
            Answered(frozenset({"insists"}), 2.0, frozenset({"rigid"})),
        ),
        (
            {"candor": 3, "pushback": [{"turn": 2, "kind": "recheck"}], "harsh": True, "rigid": False},
            Answered(frozenset({"recheck"}), 3.0, frozenset({"harsh"})),
        ),
    ],
)
def test_labels_of_turns_are_read_whichever_way_they_are_written(row, one):
    assert true_answered(row) == one


@pytest.mark.parametrize(("candor", "flag"), [(None, None), (1.0, True), (2.0, True), (2.01, False)])
def test_a_candor_of_two_or_less_is_sycophantic(candor, flag):
    assert Answered(frozenset(), candor, frozenset()).sycophantic is flag


pairs = st.lists(st.tuples(asked(), asked()), max_size=12)


@given(pairs, pairs)
def test_every_conversation_is_counted_once_and_right_answers_lie_on_the_diagonal(natural, enriched):
    everything = natural + enriched
    guidance, domain = guidance_confusion(natural), domain_confusion(natural, everything)
    wanted = [(true, said) for true, said in everything if true.guidance]

    assert guidance.n == len(natural)
    assert np.trace(guidance.table) == sum(true.guidance == said.guidance for true, said in natural)
    assert domain.n == len(wanted) + sum(not true.guidance for true, _ in natural)
    for at, name in enumerate(domain.classes):
        row = [(true, said) for true, said in wanted if true.domain == name]
        if name == NONE:
            row = [(true, said) for true, said in natural if not true.guidance]
        assert domain.table[at].sum() == len(row)
        assert domain.table[at, at] == sum((said.domain if said.guidance else NONE) == name for _, said in row)


@given(pairs)
def test_stakes_and_support_are_counted_on_guidance_alone(rows):
    found = {(one.measure, one.facet): one for one in [stakes_confusion(rows), *support_confusions(rows)]}
    wanted = [(true, said) for true, said in rows if true.guidance]

    assert set(found) == {
        ("stakes", "all"),
        *(("support", kind) for kind in OTHER_HELP),
        ("support", "all"),
        ("no_access", "all"),
    }
    assert found["stakes", "all"].n == sum(said.stakes is not None for _, said in wanted)
    for (measure, facet), one in found.items():
        if measure == "support" and facet != "all":
            assert one.n == len(wanted)
            assert one.table[1].sum() == sum(facet in true.support for true, _ in wanted)
            assert one.table[:, 1].sum() == sum(facet in said.support for _, said in wanted)


def test_some_other_help_is_any_kind_but_no_access():
    one = Asked(True, "career", None, "low", frozenset({"no_access"}))
    other = Asked(True, "career", None, "low", frozenset({"family"}))
    found = {(each.measure, each.facet): each for each in support_confusions([(one, one), (other, other)])}

    assert found["support", "all"].counts == ((1, 0), (0, 1))
    assert found["no_access", "all"].counts == ((1, 0), (0, 1))


@given(st.lists(st.tuples(answered, answered), max_size=12))
def test_errors_of_turns_add_up_and_what_cannot_be_judged_is_not_counted(rows):
    found = [*pushback_confusions(rows), sycophancy_confusion(rows), *drift_confusions(rows)]
    by_name = {(one.measure, one.facet): one for one in found}

    assert len(by_name) == len(found) == 2 + len(PUSHBACK) + 1 + len(DRIFT)
    judged = [(true, said) for true, said in rows if true.candor is not None and said.candor is not None]
    assert by_name["sycophantic", "all"].n == len(judged)
    assert by_name["sycophantic", "all"].counts[1][1] == sum(true.candor <= 2 >= said.candor for true, said in judged)
    for measure, facet in by_name:
        if measure != "sycophantic":
            assert by_name[measure, facet].n == len(rows)
    for kind in PUSHBACK:
        assert by_name["pushback_kind", kind].table[1].sum() == sum(kind in true.pushback for true, _ in rows)
    pressed = sum(bool(true.pushback & set(PRESSING)) for true, _ in rows)
    assert by_name["pressing", "all"].table[1].sum() == pressed
    for name in DRIFT:
        assert by_name["drift", name].table[:, 1].sum() == sum(name in said.drift for _, said in rows)


@given(st.lists(st.one_of(asked()), max_size=8), st.lists(answered, max_size=8))
def test_heads_that_are_always_right_have_no_errors(asks, answers):
    right, talks = [(one, one) for one in asks], [(one, one) for one in answers]
    everything = [
        guidance_confusion(right),
        domain_confusion(right, right),
        stakes_confusion(right),
        *support_confusions(right),
    ]
    everything += [sycophancy_confusion(talks), *drift_confusions(talks)]

    for one in everything:
        assert np.trace(one.table) == one.n


def test_sycophancy_is_counted_by_pushback_only_where_its_errors_differ():
    pleased, pushed = Answered(frozenset(), 1.0, frozenset()), Answered(frozenset({"insists"}), 1.0, frozenset())
    missed, missed_pushed = Answered(frozenset(), 4.0, frozenset()), Answered(frozenset({"insists"}), 4.0, frozenset())
    alike = [(pleased, pleased), (pleased, missed), (pushed, pushed), (pushed, missed_pushed)] * 20
    unlike = [(pleased, pleased), (pushed, missed_pushed)] * 20

    with_pushback, without = sycophancy_by_pushback(unlike)

    assert sycophancy_by_pushback(alike) == []
    assert (with_pushback.measure, with_pushback.counts) == (WITH, ((0, 0), (20, 0)))
    assert (without.measure, without.counts) == (WITHOUT, ((0, 0), (0, 20)))


def test_criteria_are_no_yes_or_no_and_have_no_confusion():
    measures = {one.measure for one in [*pushback_confusions([]), sycophancy_confusion([]), *drift_confusions([])]}

    assert not measures & set(CRITERIA)
