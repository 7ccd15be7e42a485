"""Bursts: more new people than usual, within a day or two, who say something unusually alike."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
WINDOW = 1  # days before and after
LEAST_DAYS = 8  # of a corpus in which "usual" means something
LEAST_COMPANY = 4  # other new people beside one
UNUSUAL = 4.0  # times as many as the other days would give


def in_bursts(
    i: Rows, j: Rows, *, person: Rows, days: NDArray[np.float64], new: NDArray[np.bool_]
) -> Iterator[tuple[int, int]]:
    """Pairs of alike conversations (i, j) that belong to one burst.

    A conversation stands in a burst when LEAST_COMPANY other people or more, it and they on the first day they were
    ever seen, said something alike within WINDOW days of it, and that is UNUSUAL times what the rest of the corpus's
    days hold of such people. In a corpus of fewer than LEAST_DAYS days nothing is a burst.

    Args:
        i, j: rows of conversations that are alike, each pair once.
        person: each row's person.
        days: each row's day as a number; NaN where it is not known.
        new: whether the day is the first on which the person was seen.
    """
    if not np.isfinite(days).any() or np.nanmax(days) - np.nanmin(days) + 1 < LEAST_DAYS:
        return
    n_other_days = np.nanmax(days) - np.nanmin(days) - 2 * WINDOW
    pairs = person[i] != person[j]
    i, j = i[pairs], j[pairs]
    within = (np.abs(days[i] - days[j]) <= WINDOW) & new[i] & new[j]
    beyond = np.abs(days[i] - days[j]) > WINDOW
    here, elsewhere = (_company(i[kind], j[kind], person, len(days)) for kind in (within, beyond))
    usual = elsewhere * (2 * WINDOW + 1) / n_other_days
    burst = (here >= LEAST_COMPANY) & (here >= UNUSUAL * usual)
    joins = within & burst[i] & burst[j]
    yield from zip(i[joins].tolist(), j[joins].tolist(), strict=True)


def _company(i: Rows, j: Rows, person: Rows, n: int) -> Rows:
    """How many other people each row is alike to."""
    rows, others = np.concatenate([i, j]), person[np.concatenate([j, i])]
    n_people = int(person.max()) + 1
    keys = np.sort(rows * n_people + others)  # np.unique takes a hundred times as long from numpy 2.3 on
    return np.bincount(keys[np.diff(keys, prepend=-1) > 0] // n_people, minlength=n)
