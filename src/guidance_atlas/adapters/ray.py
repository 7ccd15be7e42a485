"""Ray: the same work on actors anywhere in a cluster.

Jobs, results and the reasons of failures pass through Ray's memory, which it may write to disk, and what workers print
lands in Ray's logs. So jobs hold no words, a worker prints nothing, and a failure is told as kind and place.
"""

import logging
import os
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeVar

import ray

from guidance_atlas import errors
from guidance_atlas.errors import AtlasError, SettingsError, StageError, StoreError
from guidance_atlas.in_order import JobsInOrder
from guidance_atlas.runner import kind_and_place
from guidance_atlas.store import refusal

Job = TypeVar("Job")
Done = TypeVar("Done")

STARTS = 3  # of workers, one after the other, that fail
PATIENCE = 300  # seconds without any worker
AHEAD = 2  # jobs taken per worker whose results were not yet given out


class RayActors:
    """`workers` actors, each with its own models; one job at a time each, and as many more may wait for their turn."""

    def __init__(self, workers: int, *, address: str, worker_bytes: int) -> None:
        self.workers, self.address, self.worker_bytes = workers, address, worker_bytes

    def map(self, work: Callable[[Job], Done], jobs: Iterable[Job]) -> Iterator[Done]:
        """Results in the order of the jobs. What a lost worker had in hand is done once more by another.

        Raises:
            SettingsError: there is no cluster.
            StageError: a job was lost with its worker three times, or no worker comes up.
            AtlasError: the work failed; of the same kind as there.
        """
        waiting = iter(jobs)
        for first in waiting:  # where nothing is to do, nobody is called
            with _connected(self.address), _crew(self, work) as crew:
                yield from _in_order(crew, JobsInOrder(chain([first], waiting), most=AHEAD * self.workers))


def _in_order(crew: "_Crew", jobs: JobsInOrder) -> Iterator[Any]:
    """Keep the crew at work, and give results out as soon as it is their turn."""
    while True:
        yield from jobs.due()
        while crew.idle and (number := jobs.take()) is not None:
            crew.give(number, jobs.held[number])
        if not jobs.left():
            return
        number, answer = crew.wait()
        if number is None:
            continue
        if answer is None:
            jobs.lose(number)
        else:
            jobs.finish(number, _opened(answer))


@dataclass
class _Crew:
    """The actors: those asked whether they are there, those with nothing to do, and those at work on a job."""

    start: Callable[[], Any]
    asked: dict[Any, Any] = field(default_factory=dict)
    idle: list[Any] = field(default_factory=list)
    busy: dict[Any, tuple[Any, int]] = field(default_factory=dict)
    began: set[Any] = field(default_factory=set)  # those that ever answered
    n_failed: int = 0  # one after the other that never did

    def add(self) -> None:
        """Start one more."""
        actor = self.start()
        self.asked[actor.ready.remote()] = actor

    def give(self, number: int, job: object) -> None:
        """Give a job to one that is idle."""
        actor = self.idle.pop()
        self.busy[actor.work.remote(job)] = (actor, number)

    def wait(self) -> tuple[int | None, Any]:
        """Wait for one: number and answer of its job; no answer if it was lost, no number if it had no job."""
        ready, _ = ray.wait([*self.asked, *self.busy], timeout=None if self.busy else PATIENCE)
        if not ready:
            raise StageError(
                f"Ray gave no worker within {PATIENCE} seconds; look at ray status: each needs one CPU and "
                "run.ray_worker_gb of memory"
            )
        answer = _answer(ready[0])
        actor, number = self.busy.pop(ready[0]) if ready[0] in self.busy else (self.asked.pop(ready[0]), None)
        if answer is None:
            self._replace(actor)
        else:
            self.idle.append(actor)
            self.began.add(actor)
            self.n_failed = 0
        return number, answer

    def _replace(self, actor: Any) -> None:  # noqa: ANN401
        ray.kill(actor)
        self.n_failed += actor not in self.began
        if self.n_failed == STARTS:
            raise StageError(
                "workers do not start: install the same guidance-atlas[ray] on every node; Ray's logs there say why"
            )
        self.add()
        while self.idle:  # they may have gone with the same node, and a job must not be lost for that
            other = self.idle.pop()
            self.asked[other.ready.remote()] = other

    def dismiss(self) -> None:
        """End all of them, at work or not."""
        for actor in [*self.idle, *self.asked.values(), *(actor for actor, _ in self.busy.values())]:
            ray.kill(actor)


@contextmanager
def _crew(cluster: RayActors, work: Callable[..., Any]) -> Iterator[_Crew]:
    actor = ray.remote(_Worker).options(
        num_cpus=1, memory=cluster.worker_bytes, max_restarts=0, max_task_retries=0, scheduling_strategy="SPREAD"
    )
    crew = _Crew(start=lambda: actor.remote(work))
    try:
        for _ in range(cluster.workers):
            crew.add()
        yield crew
    finally:
        crew.dismiss()


class _Worker:
    """One process somewhere. Models are opened with the first job and stay."""

    def __init__(self, work: Callable[..., Any]) -> None:
        silence = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):  # Ray keeps what is printed
            os.dup2(silence, stream)
        self._work = work

    def ready(self) -> bool:
        """Say that this worker is there."""
        return True

    def work(self, job: object) -> tuple[str, Any]:
        """The result as ("done", result), else the error's class and message: nothing that is raised is seen by Ray."""
        try:
            return "done", self._work(job)
        except AtlasError as error:
            return type(error).__name__, str(error)
        except MemoryError:
            return StageError.__name__, "a worker has no memory left; raise run.ray_worker_gb or make parts smaller"
        except Exception as error:
            if reason := refusal(error):
                return StoreError.__name__, f"a worker cannot write: {reason}"
            return StageError.__name__, f"a worker failed: {kind_and_place(error)}; finished parts are kept"


def _answer(reference: object) -> Any:  # noqa: ANN401 - whatever the work gives
    """What a worker answered; None if it is lost."""
    try:
        return ray.get(reference)
    except ray.exceptions.RayError:
        return None


def _opened(answer: tuple[str, Any]) -> Any:  # noqa: ANN401
    kind, result = answer
    if kind == "done":
        return result
    raise getattr(errors, kind)(result)


@contextmanager
def _connected(address: str) -> Iterator[None]:
    with redirect_stdout(sys.stderr):  # Ray prints there of workers and nodes that die; answers go to standard output
        _connect(address)
        try:
            yield
        finally:
            ray.shutdown()


def _connect(address: str) -> None:
    try:
        if address != "auto":  # Ray would knock for minutes
            host, _, port = address.rpartition(":")
            socket.create_connection((host, int(port)), timeout=5).close()
        ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL)
    except (OSError, OverflowError, RuntimeError, ValueError) as error:
        raise SettingsError(
            f"no Ray cluster of this version is to be had at {address} ({type(error).__name__}): this machine must be "
            "one of its nodes (ray start); see docs/operations.md"
        ) from None
