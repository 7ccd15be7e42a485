"""From what a head says to what is true: shares corrected for the errors that its card measured.

What a head finds is a mixture: of every true class, the share that it takes for each class. With that share known from
labelled rows (a confusion), the true shares follow by inverting the mixture: Rogan and Gladen (1978) for two classes,
the same by matrix for more (Buonaccorsi 2010). The confusion is itself measured on few rows, so an interval draws it
again: rows of the confusion from their Dirichlet posterior with Perks's prior (one pseudo-count spread over a row),
what was found from its Jeffreys posterior, and takes the 2.5 % and 97.5 % points of the answers, each held to 0..1 by
itself. Shares themselves are put back onto what is possible, 0 to 1 and 1 in all (Euclidean projection, Duchi and
others 2008). Draws are not: one class held at 0 would pull all others down, and intervals would miss.

The same counts and the same confusion give the same interval, whatever other groups there are.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

DRAWS = 1_000
LEAST_ROWS = 10
# A class that the head finds hardly more often where it is true than where it is not (97.5 % sure) cannot be inverted.
LEAST_GAP = 0.1
# Where the card's errors explain over three quarters of a large share, the answer is all card and no finding: a kind of
# text that the card met often, and these conversations hold seldom, can take a whole class away.
LARGE, MOST_EXPLAINED = 0.1, 0.75
TAIL = 0.025
TINY = 1e-9


@dataclass(frozen=True)
class Corrected:
    """Shares (0 to 1) with their 95 % intervals; NaN where a share cannot be estimated."""

    share: Floats
    low: Floats
    high: Floats


def corrected_share(found: Counts, of: Counts, confusion: Counts, *, seed: int = 0, draws: int = DRAWS) -> Corrected:
    """The true shares of a yes-or-no label in several groups.

    Args:
        found: per group, how many the head says yes to, 0 to of.
        of: per group, how many it was asked about.
        confusion: shape (2, 2); row: truth (no, yes), column: said (no, yes); labelled rows.
        seed: the same counts and seed give the same interval.
        draws: how often the confusion is drawn again.

    Returns:
        One answer a group. NaN where nothing was asked; NaN in all where there are fewer than ten labelled rows of
        either truth, or where the head may hardly be better than chance; NaN where the card cannot fit a group, or
        where a tenth or more was found and the card's errors explain over three quarters of it.
    """
    draw = np.random.default_rng(seed)
    wrong = draw.beta(confusion[0, 1] + 0.5, confusion[0, 0] + 0.5, draws)
    gap = draw.beta(confusion[1, 1] + 0.5, confusion[1, 0] + 0.5, draws) - wrong
    if confusion.sum(axis=1).min() < LEAST_ROWS or np.quantile(gap, TAIL) < LEAST_GAP:
        return _unknown(found.shape)

    def ends(n: int, whole: int) -> Floats:
        seen = np.random.default_rng([seed, n, whole]).beta(n + 0.5, whole - n + 0.5, draws)
        return _ends((seen - wrong) / gap)

    rates = confusion / confusion.sum(axis=1, keepdims=True)
    raw = found / np.where(of > 0, of, np.nan)
    share = np.clip((raw - rates[0, 1]) / (rates[1, 1] - rates[0, 1]), 0.0, 1.0)
    share = np.where(_explained_away(share, raw), np.nan, share)
    pairs = list(zip(found.tolist(), of.tolist(), strict=True))
    known = {pair: ends(*pair) for pair in set(pairs)}
    low, high = np.array([known[pair] for pair in pairs]).reshape(-1, 2).T
    return _around(share, low, high)


def corrected_shares(
    found: Counts, confusion: Counts, *, seed: int = 0, draws: int = DRAWS, outside: int | None = None
) -> Corrected:
    """The true shares of several classes that exclude each other, in several groups.

    Args:
        found: shape (groups, classes): how many of a group the head put into a class.
        confusion: shape (classes, classes); row: truth, column: said; labelled rows.
        seed: the same counts and seed give the same interval.
        draws: how often the confusion is drawn again.
        outside: a class that the shares are not of, such as "no guidance"; shares are then of all other classes.

    Returns:
        Answers of shape (groups, classes). NaN for the class outside, for classes with fewer than ten labelled rows,
        for those that the head may hardly tell from the rest, in groups of which nothing is found inside or all that
        is may be error, and where a tenth or more is of a class of which the card's errors explain over three quarters.
    """
    n = len(confusion)
    inside = np.arange(n) != (n if outside is None else outside)
    rows = confusion.sum(axis=1)
    filled = _filled_up(confusion, outside)
    drawn = [np.random.default_rng([seed, at]).dirichlet(row + 1 / n, draws) for at, row in enumerate(filled)]
    mixed = np.stack(drawn, axis=1)
    counted = filled / np.maximum(filled.sum(axis=1, keepdims=True), TINY)
    back, best_back = unmixing(mixed), unmixing(counted[None])
    told = inside & (rows >= LEAST_ROWS) & _told_apart(mixed, confusion)

    def answer(counts: Counts) -> tuple[Floats, Floats, Floats]:
        if counts[inside].sum() < 1:
            return (np.full(n, np.nan),) * 3
        best = onto_shares(counts[None, :] / counts.sum() @ best_back[0])
        left = best[:, inside].sum() > TINY
        share, raw = _of_inside(np.stack([best[0], counts]), inside)
        share = np.where(told & left & ~_explained_away(share, raw), share, np.nan)
        seen = np.random.default_rng([seed, *counts.tolist()]).dirichlet(counts + 0.5, draws)
        low, high = _ends(_of_inside(np.einsum("ds,dst->dt", seen, back), inside))
        return share, low, high

    share, low, high = np.array([answer(counts) for counts in found]).reshape(-1, 3, n).swapaxes(0, 1)
    return _around(share, low, high)


def _filled_up(confusion: Counts, outside: int | None) -> Floats:
    """Confusion in which classes of too few rows are filled up to ten with how the other classes fare.

    Such a class gets no answer of its own, but what is taken for it and what it is taken for bear on the others. A row
    of two that were both missed would make it the same as the class outside, and nothing could be inverted.
    """
    n = len(confusion)
    rows = confusion.sum(axis=1)
    inside = np.arange(n) != (n if outside is None else outside)
    known = inside & (rows > 0)
    whole = max(float(rows[known].sum()), TINY)
    own = float(np.diagonal(confusion)[known].sum()) / whole
    lost = 0.0 if outside is None else float(confusion[known, outside].sum()) / whole
    filled = confusion.astype(np.float64)
    for at in np.flatnonzero(inside & (rows < LEAST_ROWS)):
        like = np.where(inside, (1 - own - lost) / max(int(inside.sum()) - 1, 1), lost)
        like[at] = own
        filled[at] += (LEAST_ROWS - rows[at]) * like
    return filled


def unmixing(mixed: Floats) -> Floats:
    """Matrices that turn shares found into true ones: true = found @ unmixing, from found = true @ mixed.

    Args:
        mixed: shape (draws, classes, classes): of each true class, the share taken for each class.
    """
    # A hair of ridge keeps a draw with two equal rows solvable; it moves others by less than 1e-6.
    among = mixed @ mixed.swapaxes(1, 2) + TINY * np.eye(mixed.shape[1])
    return np.asarray(np.linalg.solve(among, mixed).swapaxes(1, 2))


def onto_shares(raw: Floats) -> Floats:
    """The nearest point of each row (rows, classes) whose numbers are 0 to 1 and add up to 1."""
    ordered = -np.sort(-raw, axis=1)
    excess = (np.cumsum(ordered, axis=1) - 1.0) / np.arange(1, raw.shape[1] + 1)
    last = (ordered > excess).sum(axis=1) - 1
    return np.maximum(raw - np.take_along_axis(excess, last[:, None], axis=1), 0.0)


def _told_apart(mixed: Floats, confusion: Counts) -> Flags:
    """Say of each class whether it is surely found more often among its own than among all other labelled rows."""
    rows = confusion.sum(axis=1)
    right = np.diagonal(mixed, axis1=1, axis2=2)
    all_taken = np.einsum("t,dtc->dc", rows, mixed)
    wrong = (all_taken - rows * right) / np.maximum(rows.sum() - rows, 1)
    enough: Flags = np.quantile(right - wrong, TAIL, axis=0) >= LEAST_GAP
    return enough


def _explained_away(share: Floats, raw: Floats) -> Flags:
    return np.asarray((raw >= LARGE) & (share < (1 - MOST_EXPLAINED) * raw))


def _of_inside(shares: Floats, inside: Flags) -> Floats:
    kept = np.where(inside, shares, 0.0)
    return np.asarray(kept / np.maximum(kept.sum(axis=1, keepdims=True), TINY))


def _ends(answers: Floats) -> Floats:
    return np.asarray(np.quantile(answers, [TAIL, 1 - TAIL], axis=0))


def _around(share: Floats, low: Floats, high: Floats) -> Corrected:
    # Where even the far end is no possible share, fewer (or more) are found than the card's errors alone would give:
    # the card does not fit these conversations, and [0, 0] would be a certainty that nobody has.
    share = np.where((high < 0) | (low > 1), np.nan, share)
    low, high = np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
    # The middle of the draws and the plain answer may differ; an interval that leaves out its own figure helps nobody.
    return Corrected(share, np.minimum(low, share), np.maximum(high, share))


def _unknown(shape: tuple[int, ...]) -> Corrected:
    nothing = np.full(shape, np.nan)
    return Corrected(nothing, nothing, nothing)
