"""Operating points of turns: the scale of candor, thresholds of pushback and drift, and which turns are read."""

import numpy as np
import pytest
from headdata import TURN, item, read_talk, turn_vector
from hypothesis import assume, given
from hypothesis import strategies as st
from talkframes import ReadsWords

from guidance_atlas.heads.candor import candor_head, lean_to_lowest
from guidance_atlas.heads.drift import drift_head
from guidance_atlas.heads.examples import Examples, examples_of
from guidance_atlas.heads.exchange import Excerpt, Exchange, exchange_at
from guidance_atlas.heads.linear import Linear
from guidance_atlas.heads.material import Labelled
from guidance_atlas.heads.measure import f1
from guidance_atlas.heads.pushback import pushback_head
from guidance_atlas.heads.train_turns import (
    LOW_WEIGHT,
    MAY_COST_F1,
    choose_curve,
    read_talks,
    scale_curve,
    set_candor,
    set_drift,
    set_pushback,
)
from guidance_atlas.vocab import CRITERIA, DRIFT, PUSHBACK

NOTHING = Exchange((), Excerpt("", 1))


def pick(first, n):
    """A layer of the numbers of a vector from `first` on."""
    weight = np.zeros((TURN, n), dtype=np.float32)
    weight[first + np.arange(n), np.arange(n)] = 1
    return Linear(weight, np.zeros(n, dtype=np.float32))


LAYERS = {
    "any": pick(0, 1),
    "kind": pick(1, len(PUSHBACK)),
    "candor": pick(1 + len(PUSHBACK), 1),
    "criteria": pick(2 + len(PUSHBACK), len(CRITERIA)),
    "drift": pick(TURN - len(DRIFT), len(DRIFT)),
}


def test_the_curve_reads_two_at_the_cut_and_never_falls():
    scores = np.linspace(0, 4, 60)
    truth = np.where(scores < 1.3, 1.0, np.where(scores < 3, 3.0, 5.0))

    knots, values = scale_curve(scores, truth, 1.3)

    assert np.interp(1.3, knots, values) == pytest.approx(2, abs=1e-3)
    assert ((np.interp(scores, knots, values) <= 2) == (truth <= 2)).all()
    assert (np.diff(values) >= 0).all()
    assert (np.diff(knots) > 0).all()


talks = st.lists(st.tuples(st.integers(-100, 100), st.integers(1, 5)), min_size=12, max_size=40)


@given(talks, st.floats(0.2, 0.8))
def test_any_curve_rises_stays_on_the_scale_and_has_two_at_its_cut(rows, share):
    scores = np.array([one / 50 for one, _ in rows])
    truth = np.array([1.0, 5.0, *(float(one) for _, one in rows[2:])])
    cut = float(np.sort(scores)[int(share * len(rows))])
    assume(cut < scores.max())

    knots, values = scale_curve(scores, truth, cut)

    assert (np.diff(values) >= 0).all()
    assert (np.diff(knots) > 0).all()
    assert 1 <= values.min() <= values.max() <= 5
    assert np.interp(cut, knots, values) == pytest.approx(2, abs=1e-3)


def test_the_curve_is_chosen_by_verdicts_on_whole_conversations():
    raw = np.tile(np.linspace(0, 4, 40), 2)
    truth = np.where(np.linspace(0, 4, 40) < 1.5, 1.0, 4.0)
    conversations = [(np.arange(80) % 40) == at for at in range(40)]

    knots, values = choose_curve(raw, np.tile(truth, 2), conversations, truth)

    assert ((np.interp(raw[:40], knots, values) <= 2) == (truth <= 2)).all()


def test_a_right_rate_is_preferred_where_it_costs_little():
    draw = np.random.default_rng(0)
    truth = np.where(np.arange(300) < 60, 1.0, 4.0)
    raw = np.where(truth < 2, -0.5, 0.5) + draw.normal(size=300) * 0.6
    conversations = [np.arange(300) == at for at in range(300)]
    low = (truth <= 2).astype(float)

    told = (np.interp(raw, *choose_curve(raw, truth, conversations, truth)) <= 2).astype(float)

    best = max(f1(low, (raw <= cut).astype(float)) or 0 for cut in np.quantile(raw, np.arange(0.05, 0.7, 0.01)))
    assert (f1(low, told) or 0) >= best - MAY_COST_F1 - 1e-9
    assert abs(told.mean() - low.mean()) < 0.05


def judged(n=60):
    """Conversations of one or two replies whose raw scores tell their candor."""
    draw = np.random.default_rng(0)
    found = []
    for at in range(n):
        candor = at % 5 + 1
        raw = [(candor - 3) / 2 + draw.normal() * 0.05 for _ in range(1 + at % 2)]
        answers = [turn_vector(candor=one, criteria=[(candor - 3) / 2] * 4) for one in raw]
        found.append(read_talk(answers=answers, labels={"candor": candor}))
    return found


def test_candor_is_put_on_the_scale_of_the_codebook():
    several = judged()
    unknown = read_talk(answers=[turn_vector()], labels={"candor": None})
    silent = read_talk(labels={"candor": 1})

    trained = set_candor(LAYERS, [*several, unknown, silent], encoder="r@1")

    head = candor_head(trained.head)
    for talk in several:
        candor = head.score(np.array(list(talk.answers.values())))
        assert (lean_to_lowest(candor, head.low_weight) <= 2) == (talk.item.labels["candor"] <= 2)
    assert (trained.chosen["check_f1"], trained.chosen["check_rate_bias"], trained.chosen["n"]) == (1, 0, len(several))
    assert trained.chosen["check_spearman"] > 0.95
    assert (trained.head.encoder, head.low_weight) == ("r@1", LOW_WEIGHT)


def test_criteria_come_back_on_the_scale_they_were_labelled_on():
    several = judged()

    head = candor_head(set_candor(LAYERS, several, encoder="r").head)

    for talk in several:
        told = head.criteria_of(np.array(list(talk.answers.values())))
        assert np.allclose(told, talk.item.labels["candor"], atol=1e-5)


def reactions(n=80):
    examples, vectors = Examples(), []
    for at in range(n):
        kind = PUSHBACK[at % len(PUSHBACK)] if at % 2 else None
        examples.reaction(NOTHING, 1.0, kind)
        vectors.append(turn_vector(kind=kind) / 8)
    examples.answer(NOTHING, 1.0, 3)
    return examples, np.array([*vectors, turn_vector(kind="insists")])


def test_pushback_is_set_on_reactions_alone():
    examples, vectors = reactions()

    trained = set_pushback(LAYERS, examples, vectors, encoder="r@1")

    score, kinds = pushback_head(trained.head).hear(vectors[:-1])
    pushed = np.array(examples.pushed[:-1]) > 0
    assert np.array_equal(score >= trained.chosen["threshold"], pushed)
    assert [kind for kind, one in zip(kinds, pushed, strict=True) if one] == [
        PUSHBACK[at % len(PUSHBACK)] for at in range(80) if at % 2
    ]
    assert (trained.chosen["check_f1"], trained.chosen["n_turns"]) == (1, 80)


def test_drift_is_set_where_it_is_known():
    examples, vectors = Examples(), []
    for at in range(60):
        errors = [DRIFT[0]] if at % 3 == 0 else [DRIFT[1]] if at in (1, 4) else []
        examples.answer(NOTHING, 1.0, 3, drift=errors)
        vectors.append(turn_vector(drift=errors))
    examples.answer(NOTHING, 1.0, 3, drift=None)
    vectors.append(turn_vector(drift=DRIFT))

    trained = set_drift(LAYERS["drift"], examples, np.array(vectors), encoder="r@1")

    flags = drift_head(trained.head).flags(np.array(vectors[:-1]))
    assert flags[:, 0].tolist() == [at % 3 == 0 for at in range(60)]
    assert trained.chosen["n_turns"] == 60
    assert trained.chosen["thresholds"][1] == max(trained.chosen["thresholds"])  # too rare to choose one


def test_only_turns_that_can_be_judged_are_read_each_to_its_own_conversation():
    several = [
        item("a:1", "shall I go", "no, I would not", "why is that", "ok"),
        item("a:2", "hm"),
        item("a:3", "shall I stay", "yes, I would stay"),
    ]
    reader = ReadsWords()

    found = read_talks(several, reader)

    assert [(list(one.answers), list(one.reactions)) for one in found] == [([1], [2]), ([], []), ([1], [])]
    alone = reader.read([exchange_at(several[2].messages, 1)])[0]
    assert np.array_equal(found[2].answers[1], alone)
    assert read_talks([], reader) == []


def test_check_turns_come_from_labels_and_from_situations_held_out():
    row = {"id": "x", "ask": "shall I go", "candid": "no, I would not", "pleasing": "yes, you are great"}
    talk = Labelled(item("a:1", "shall I go", "no, I would not", labels={"candor": 4}), "candor_train", "check")

    examples = examples_of([talk], [row])

    assert [one.said.text for one in examples.exchanges] == ["no, I would not", "no, I would not", "yes, you are great"]
    assert len(examples.pairs) == 1
