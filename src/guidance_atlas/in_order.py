"""Jobs whose workers may be lost: none is forgotten, and results come in the order of the jobs."""

from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

from guidance_atlas.errors import StageError

TRIES = 3


class JobsInOrder:
    """Jobs by number. Held are those taken whose result was not yet given out, at most `most` at a time."""

    def __init__(self, waiting: Iterator[Any], *, most: int) -> None:
        self._waiting, self._most = waiting, most
        self.held: dict[int, Any] = {}
        self._results: dict[int, Any] = {}
        self._lost: deque[int] = deque()
        self._losses: Counter[int] = Counter()
        self._n_taken = self._n_given = 0
        self._more = True

    def left(self) -> bool:
        """Whether anything is still to be given out."""
        return self._more or bool(self.held)

    def take(self) -> int | None:
        """The next job to be worked on: a lost one, else a new one; None if there is none or too many are held."""
        if self._lost:
            return self._lost.popleft()
        if self._more and len(self.held) < self._most:
            for job in self._waiting:
                number = self._n_taken
                self.held[number] = job
                self._n_taken += 1
                return number
            self._more = False
        return None

    def finish(self, number: int, result: object) -> None:
        """Keep a result until it is its turn."""
        self._results[number] = result

    def lose(self, number: int) -> None:
        """Put a job back whose worker was lost.

        Raises:
            StageError: for the third time.
        """
        self._lost.append(number)
        self._losses[number] += 1
        if self._losses[number] == TRIES:
            raise StageError(
                f"{TRIES} workers were lost over the same part, most often for memory; raise run.ray_worker_gb, or "
                "make parts smaller (ingest.part_records, ingest.part_mb); finished parts are kept"
            )

    def due(self) -> Iterator[Any]:
        """Give out the results whose turn it is."""
        while self._n_given in self._results:
            del self.held[self._n_given]
            yield self._results.pop(self._n_given)
            self._n_given += 1
