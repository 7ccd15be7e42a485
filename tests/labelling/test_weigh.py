"""Weights undo the draw, and counts are scaled to no more than the labels are worth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ownchats import THRESHOLD, frames, world

from guidance_atlas.contracts import Screened, Verdicts
from guidance_atlas.heads.confusion import count_flags
from guidance_atlas.labelling import weigh
from guidance_atlas.labelling.draw import Draw, draw_rows

rows = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40)


def one_by_one(pairs):
    return [[count_flags("guidance", [true], [told])] for true, told in pairs]


@given(rows, st.floats(1, 1e6))
def test_equal_weights_give_the_plain_counts(pairs, weight):
    ((found, total),) = weigh.weigh(one_by_one(pairs), [weight] * len(pairs))
    plain = count_flags("guidance", [true for true, _ in pairs], [told for _, told in pairs])

    assert found == plain
    assert total == pytest.approx(plain.table * weight)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(1, 100)), min_size=1, max_size=40))
def test_a_row_is_worth_no_more_than_its_labels_and_keeps_its_shares(labels):
    pairs, weights = [(true, told) for true, told, _ in labels], np.array([weight for *_, weight in labels])
    ((found, total),) = weigh.weigh(one_by_one(pairs), weights)
    plain = np.array([sum(true == at for true, _ in pairs) for at in (False, True)])

    assert (found.table.sum(axis=1) <= plain).all()
    shares = total / np.maximum(total.sum(axis=1, keepdims=True), 1e-9)
    assert np.abs(found.table - shares * found.table.sum(axis=1, keepdims=True)).max() < 1.5


def test_unequal_weights_are_worth_kish_s_number():
    pairs, weights = [(True, True)] * 4, [1, 1, 1, 3]
    ((found, _),) = weigh.weigh(one_by_one(pairs), weights)

    assert found.counts == ((0, 0), (0, 3))  # 6² / 12


@pytest.mark.parametrize("how", ["random", "unsure"])
def test_over_many_draws_the_weighted_confusion_is_that_of_everybody(how):
    chats = world(600)
    made = frames(chats)
    truth = {chat.id: (chat.truth["guidance"] == "yes", chat.told) for chat in chats}
    everybody = count_flags("guidance", *zip(*truth.values(), strict=True)).table
    draws, plain = [], []
    for seed in range(300):
        drawn = draw_rows(made[Screened], made[Verdicts], Draw(how, 80, seed), threshold=THRESHOLD)
        pairs = [truth[name] for name in drawn["conversation_id"]]
        ((_, total),) = weigh.weigh(one_by_one(pairs), (1 / drawn["chance"]).to_list())
        draws.append(total)
        plain.append(count_flags("guidance", *zip(*pairs, strict=True)).table / len(pairs))

    spread = np.std(draws, axis=0) / np.sqrt(len(draws))
    assert (np.abs(np.mean(draws, axis=0) - everybody) <= 4 * spread + 1e-6).all()
    assert np.abs(np.mean(plain, axis=0) - everybody / len(chats)).max() > 0.1  # without weights it is not
