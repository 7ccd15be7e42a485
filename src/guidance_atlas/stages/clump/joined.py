"""Which of n people are one: a forest of joined numbers (union by smallest number)."""

import numpy as np
from numpy.typing import NDArray


class Joined:
    """People 0 .. n - 1, each alone at first. The smallest number of those joined stands for all."""

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))
        self._reason: list[str | None] = [None] * n

    def join(self, a: int, b: int, reason: str) -> None:
        """Make a and b one; each keeps the first reason it was joined for."""
        one, other = sorted((self._head(a), self._head(b)))
        if one != other:
            self._parent[other] = one
            for person in (a, b):
                self._reason[person] = self._reason[person] or reason

    def apart(self, a: int, b: int) -> bool:
        """Whether a and b are still two."""
        return self._head(a) != self._head(b)

    def numbers(self) -> NDArray[np.int64]:
        """For each person who stands for them."""
        found = np.array(self._parent, dtype=np.int64)
        while (found[found] != found).any():
            found = found[found]
        return found

    def heads(self) -> tuple[list[int], list[str | None]]:
        """For each person who stands for them, and why they were joined; null where they are alone."""
        return [self._head(person) for person in range(len(self._parent))], list(self._reason)

    def _head(self, person: int) -> int:
        while self._parent[person] != person:
            self._parent[person] = self._parent[self._parent[person]]
            person = self._parent[person]
        return person
