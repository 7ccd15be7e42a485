"""Where the parts are worked on: in this process, or in several side by side. The answer is the same."""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Protocol, TypeVar

from guidance_atlas.errors import SettingsError, StageError
from guidance_atlas.settings import RunSettings

Job = TypeVar("Job")
Done = TypeVar("Done")


class Executor(Protocol):
    """Applies one piece of work to many jobs."""

    def map(self, work: Callable[[Job], Done], jobs: Iterable[Job]) -> Iterator[Done]:
        """Results in the order of the jobs. Jobs are taken only as fast as they can be worked on."""
        ...


class InProcess:
    """One job after another, here."""

    def map(self, work: Callable[[Job], Done], jobs: Iterable[Job]) -> Iterator[Done]:
        """Results in the order of the jobs."""
        return map(work, jobs)


class ProcessPool:
    """`workers` processes, each with its own models; at most two jobs wait for each of them."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def map(self, work: Callable[[Job], Done], jobs: Iterable[Job]) -> Iterator[Done]:
        """Results in the order of the jobs.

        Raises:
            StageError: a worker was killed from outside, most often for memory.
        """
        context = multiprocessing.get_context("spawn")  # threads of torch and polars do not survive a fork
        pool = ProcessPoolExecutor(self.workers, mp_context=context, initializer=_die_with_parent)
        waiting: deque[Future[Done]] = deque()
        try:
            for job in jobs:
                waiting.append(pool.submit(work, job))
                if len(waiting) > 2 * self.workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise StageError(
                "a worker process was killed, most often for memory; run again with fewer --workers or smaller parts"
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def open_executor(settings: RunSettings) -> Executor:
    """The executor that the settings ask for.

    Raises:
        SettingsError: it is Ray's, and Ray is not installed.
    """
    if settings.executor == "ray":
        try:
            from guidance_atlas.adapters.ray import RayActors
        except ImportError:
            raise SettingsError(
                "run.executor is ray, but Ray is not installed; run: pip install 'guidance-atlas[ray]'"
            ) from None
        worker_bytes = round(settings.ray_worker_gb * 1e9)
        return RayActors(settings.workers, address=settings.ray_address, worker_bytes=worker_bytes)
    return InProcess() if settings.workers == 1 else ProcessPool(settings.workers)


def _die_with_parent() -> None:
    """End this process as soon as its parent is gone, so that a killed run leaves nobody working."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
