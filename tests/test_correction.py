"""Shares with a head's errors taken out: what must hold of them, and that their intervals hold the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from guidance_atlas.correction import corrected_share, corrected_shares, onto_shares

counts = st.integers(0, 400)
tables = st.integers(2, 6).flatmap(
    lambda n: st.tuples(
        st.lists(st.lists(counts, min_size=n, max_size=n), min_size=n, max_size=n).map(np.array),
        st.lists(st.lists(counts, min_size=n, max_size=n), min_size=1, max_size=3).map(np.array),
    )
)
GOOD = np.array([[95, 5], [10, 40]])  # finds 80 %, blames 5 %
GUESS = np.array([[50, 50], [50, 50]])


def flags(*pairs, confusion=GOOD):
    found, of = np.array(pairs).T
    return corrected_share(found, of, confusion)


def mixing(draw, n, *, right):
    """Of n true classes, the share taken for each class; `right` for itself."""
    table = np.zeros((n, n))
    for at in range(n):
        table[at] = draw.dirichlet(np.full(n, 0.5)) * (1 - right)
        table[at, at] += right
    return table


@given(part=st.floats(0, 1), of=st.integers(1, 10_000), rows=st.integers(40, 1_000))
def test_a_head_that_never_errs_gives_back_the_share_that_was_found(part, of, rows):
    n = round(part * of)

    answer = flags((n, of), confusion=np.diag([rows, rows]))

    assert answer.share.item() == pytest.approx(n / of)


def test_classes_that_are_never_confused_keep_their_shares():
    answer = corrected_shares(np.array([[30, 50, 20]]), np.diag([40, 20, 60]))

    assert answer.share[0] == pytest.approx([0.3, 0.5, 0.2])


def test_where_the_card_is_sure_only_chance_in_people_is_left():
    answer = flags((30, 100), confusion=np.diag([10**7, 10**7]))

    low, high = beta.ppf([0.025, 0.975], 30.5, 70.5)
    assert (answer.low.item(), answer.high.item()) == pytest.approx((low, high), abs=0.015)


def test_errors_that_are_known_are_taken_out_to_the_last_digit():
    # Of 1,000, 200 are true: 160 of them are found, and 40 of the others are blamed.
    assert flags((200, 1_000)).share.item() == pytest.approx(0.2)
    assert flags((240, 1_000), confusion=np.array([[90, 10], [10, 40]])).share.item() == pytest.approx(0.2)


@given(found=st.integers(0, 500), more=st.integers(0, 500), confusion=st.lists(counts, min_size=4, max_size=4))
def test_a_share_lies_in_its_interval_and_both_in_0_to_1_or_nothing_is_said(found, more, confusion):
    answer = flags((found, found + more), confusion=np.array(confusion).reshape(2, 2))

    numbers = np.array([answer.low, answer.share, answer.high])
    assert np.isnan(numbers).all() or (np.diff([0, *numbers[:, 0], 1]) >= 0).all()


@given(tables)
def test_shares_of_classes_lie_in_their_intervals_and_add_up_to_one_where_all_are_known(given_counts):
    confusion, found = given_counts

    answer = corrected_shares(found, confusion)

    known, whole = ~np.isnan(answer.share), ~np.isnan(answer.share).any(axis=1)
    order = np.stack([np.zeros_like(answer.low), answer.low, answer.share, answer.high, np.ones_like(answer.low)])
    assert (np.diff(order, axis=0)[:, known] >= 0).all()
    assert np.allclose(answer.share[whole].sum(axis=1), 1)
    assert (np.nansum(answer.share, axis=1) <= 1 + 1e-9).all()


@pytest.mark.parametrize(
    "confusion",
    [GUESS, GUESS[:, ::-1], np.array([[9, 0], [0, 500]]), np.array([[500, 0], [1, 8]]), np.array([[40, 60], [30, 70]])],
    ids=["chance", "chance the other way", "few of no", "few of yes", "hardly better"],
)
def test_a_head_that_says_too_little_is_not_inverted(confusion):
    assert np.isnan(flags((30, 100), confusion=confusion).share).all()


def test_a_class_that_is_hardly_told_from_the_rest_has_no_share_and_the_others_keep_theirs():
    found, half_blind = np.array([[300, 300, 400]]), np.array([[90, 5, 5], [10, 45, 45], [10, 45, 45]])

    assert np.isnan(corrected_shares(found, np.full((3, 3), 50)).share).all()
    told = corrected_shares(found, half_blind).share[0]
    assert told[0] == pytest.approx(0.25, abs=0.01)
    assert np.isnan(told[1:]).all()


def test_where_nothing_was_asked_or_found_nothing_is_said():
    assert np.isnan(flags((0, 0), (5, 10)).share).tolist() == [True, False]
    nothing = corrected_shares(np.array([[0, 0, 90], [20, 10, 60]]), np.diag([50] * 3), outside=2)
    assert np.isnan(nothing.share).tolist() == [[True] * 3, [False, False, True]]


def test_where_all_that_was_found_may_be_error_no_share_of_it_is_told():
    noisy = np.array([[80, 20, 0], [20, 80, 0], [15, 15, 70]])

    assert np.isnan(corrected_shares(np.array([[100, 100, 800]]), noisy, outside=2).share).all()


def test_a_group_gets_the_same_interval_in_any_company():
    alone, among = flags((30, 100)), flags((7, 9), (30, 100), (0, 0))
    assert (among.low[1], among.high[1]) == (alone.low[0], alone.high[0])

    table, group = np.array([[40, 5, 5], [5, 40, 5], [5, 5, 40]]), [30, 50, 20]
    alone, among = corrected_shares(np.array([group]), table), corrected_shares(np.array([[9, 9, 9], group]), table)
    assert np.array_equal([among.low[1], among.high[1]], [alone.low[0], alone.high[0]])


def test_more_labelled_rows_and_more_people_make_the_interval_narrower():
    def width(found, of, times):
        answer = flags((found, of), confusion=GOOD * times)
        return (answer.high - answer.low).item()

    assert width(30, 100, 1) > width(30, 100, 10) > width(300, 1_000, 10) > width(3_000, 10_000, 100)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8))
def test_the_nearest_possible_shares_are_shares_and_shares_stay_as_they_are(raw):
    (shares,) = onto_shares(np.array([raw]))

    assert (shares >= 0).all()
    assert shares.sum() == pytest.approx(1)
    assert onto_shares(shares[None])[0] == pytest.approx(shares)
    # No other point of the same sum lies nearer: moving weight from one class to another never helps.
    gap = np.array(raw) - shares
    assert (gap[shares > 1e-9] >= gap.max() - 1e-6).all()


def wilson(found, of):
    share, z = found / of, 1.96
    middle, half = share + z**2 / (2 * of), z * np.sqrt(share * (1 - share) / of + z**2 / (4 * of**2))
    return (middle - half) / (1 + z**2 / of), (middle + half) / (1 + z**2 / of)


def test_intervals_of_flags_hold_the_truth_where_raw_ones_hardly_do():
    draw = np.random.default_rng(2026)
    held, raw_held = [], []
    for _ in range(600):
        right, wrong, truth = draw.uniform(0.6, 0.95), draw.uniform(0.02, 0.3), draw.uniform(0.02, 0.5)
        yes, no, of = draw.integers(20, 60), draw.integers(40, 200), draw.integers(50, 3_000)
        hits, blamed = draw.binomial(yes, right), draw.binomial(no, wrong)
        n_true = draw.binomial(of, truth)
        found = draw.binomial(n_true, right) + draw.binomial(of - n_true, wrong)
        answer = flags((found, of), confusion=np.array([[no - blamed, blamed], [yes - hits, hits]]))
        if not np.isnan(answer.share.item()):
            held.append(answer.low.item() <= truth <= answer.high.item())
            raw_held.append(wilson(found, of)[0] <= truth <= wilson(found, of)[1])

    assert len(held) > 500
    assert np.mean(held) >= 0.93
    assert np.mean(raw_held) < 0.5


@pytest.mark.parametrize(
    ("n", "outside", "least_rows"), [(7, None, 20), (7, 6, 20), (12, 11, 30)], ids=["all", "one outside", "many"]
)
def test_intervals_of_classes_hold_the_truth_where_raw_ones_hardly_do(n, outside, least_rows):
    draw = np.random.default_rng(2026)
    inside = np.arange(n) != outside
    held, raw_held, small_held = [], [], []
    for _ in range(300):
        among = draw.dirichlet(12 / np.arange(1, n) ** 1.5)
        truth = np.append(among * 0.3, 0.7)
        mixed = mixing(draw, n, right=draw.uniform(0.55, 0.85))
        confusion = np.array([draw.multinomial(draw.integers(least_rows, 80), row) for row in mixed])
        found = draw.multinomial(draw.integers(500, 5_000), truth @ mixed)
        answer = corrected_shares(found[None], confusion, outside=outside)
        true = np.where(inside, truth, 0) / truth[inside].sum()
        raw = wilson(np.where(inside, found, 0), found[inside].sum())
        known = ~np.isnan(answer.share[0])
        inside_interval = (answer.low[0] <= true) & (true <= answer.high[0])
        held.extend(inside_interval[known])
        small_held.extend(inside_interval[known & (true < 0.05)])
        raw_held.extend(((raw[0] <= true) & (true <= raw[1]))[known])

    assert len(held) > 0.75 * 300 * inside.sum()
    assert np.mean(held) >= 0.93
    assert np.mean(small_held) >= 0.92
    assert np.mean(raw_held) < 0.5


def test_fewer_found_than_the_errors_alone_would_give_is_no_certain_zero():
    """A card whose false alarms are not to be seen in a group was measured on other conversations."""
    card = np.array([[800, 200], [20, 180]])

    answer = corrected_share(np.array([0, 200, 60]), np.array([300, 300, 300]), card)

    assert np.isnan(answer.share[0])
    assert answer.share[1] > 0.5
    assert np.isnan(answer.share[2])


def test_a_class_that_the_errors_explain_nearly_whole_is_not_told_to_be_empty():
    """One kind of text that the card met often is taken for the first class; here it may be rare."""
    card = np.array([[900, 80, 20], [10, 80, 10], [10, 10, 80]])

    answer = corrected_shares(np.array([[900, 75, 90]]), card, outside=0)

    assert np.isnan(answer.share[0, 1])
    assert answer.share[0, 2] > 0.8


def test_a_handful_that_may_all_be_errors_still_gets_an_upper_end():
    answer = flags((5, 100), confusion=np.array([[95, 5], [10, 90]]))

    assert (answer.share.item(), answer.low.item()) == pytest.approx((0.0, 0.0))
    assert 0.02 < answer.high.item() < 0.1
