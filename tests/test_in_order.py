"""Whoever is lost, results are whole and in order, or the run says that a part cannot be done."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guidance_atlas.errors import StageError
from guidance_atlas.in_order import TRIES, JobsInOrder


@given(
    n_jobs=st.integers(0, 20),
    n_workers=st.integers(1, 4),
    lost=st.lists(st.booleans(), max_size=30),
    who=st.lists(st.integers(0, 3), max_size=60),
)
@example(n_jobs=20, n_workers=2, lost=[], who=[1] * 60)  # the first job takes longest
def test_results_are_whole_and_in_order_whoever_is_lost_and_whoever_is_first(n_jobs, n_workers, lost, who):
    taken, given_out, busy = [], [], []
    losses, turns = iter(lost), iter(who)
    jobs = JobsInOrder((taken.append(job) or job for job in range(n_jobs)), most=2 * n_workers)
    try:
        for _ in range(100):  # far more than it takes
            while len(busy) < n_workers and (number := jobs.take()) is not None:
                busy.append(number)
            if busy:
                number = busy.pop(next(turns, 0) % len(busy))
                if next(losses, False):
                    jobs.lose(number)
                else:
                    jobs.finish(number, jobs.held[number])
            given_out.extend(jobs.due())
            assert len(taken) - len(given_out) <= 2 * n_workers
        assert not jobs.left()
    except StageError:
        assert sum(lost) >= TRIES
        assert given_out == list(range(len(given_out)))
    else:
        assert given_out == list(range(n_jobs))


def test_a_part_that_takes_every_worker_with_it_ends_the_run_with_what_to_do():
    jobs = JobsInOrder(iter(["a", "b"]), most=2)
    jobs.take()
    jobs.take()

    with pytest.raises(
        StageError, match=r"3 workers were lost over the same part, most often for memory; raise run.ray"
    ):
        for number in (0, 1, 0, 1, 0):
            jobs.lose(number)
