"""Stages and the check that a plan of them is sound, read from their own signatures before anything runs."""

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, partial
from typing import Any, get_args, get_origin, get_type_hints

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import Table
from guidance_atlas.errors import ChainError
from guidance_atlas.source_code import code_digest


class Scope(StrEnum):
    """What a stage sees: one part of the corpus, or all parts' narrow tables."""

    PART = "part"
    CORPUS = "corpus"


@dataclass(frozen=True)
class Stage:
    """One step of the plan: what it reads, what it writes, and everything that could change its answer."""

    function: Callable[..., Any]
    scope: Scope
    gate: bool
    reads: tuple[type[Table], ...]
    writes: type[Table]
    fixed: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """The stage's verb."""
        return self.function.__name__

    @property
    def run(self) -> Callable[..., pl.DataFrame]:
        """The function with its settings and models in hand."""
        return partial(self.function, **self.fixed)

    @cached_property
    def identity(self) -> str:
        """Digest of the stage's code (with all of ours it imports), settings and models; never its inputs."""
        settings = {name: _identity(value) for name, value in sorted(self.fixed.items())}
        return digest([self.name, code_digest(inspect.getmodule(self.function)), settings])

    def key(self, inputs: Sequence[str]) -> str:
        """Name of the stored table: the stage's identity and the keys of what it read, in order."""
        return digest([self.identity, list(inputs)])


def digest(value: object) -> str:
    """32 hex digits that stand for a JSON-able value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def _identity(value: object) -> object:
    if hasattr(value, "identity"):
        return [type(value).__name__, code_digest(inspect.getmodule(type(value))), value.identity]
    if isinstance(value, bytes):
        return hashlib.sha256(b"setting" + value).hexdigest()  # a secret must not be readable from a key
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    if value is None or isinstance(value, (str, int, float, bool, list, tuple)):
        return value
    return str(value)


def stage(function: Callable[..., Any], *, scope: Scope, gate: bool = False, **fixed: object) -> Stage:
    """Make a stage of a plain function: its positional frames are what it reads, its return type what it writes.

    Raises:
        ChainError: the function's signature names no contract to write.
    """
    hints = get_type_hints(function)
    positional = [p for p in inspect.signature(function).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    reads = tuple(get_args(hints[p.name])[0] for p in positional if get_origin(hints[p.name]) is dy.DataFrame)
    written = get_args(hints.get("return", None))
    if len(written) != 1 or not issubclass(written[0], Table):
        raise ChainError(f"{function.__name__} does not say which contract it writes; annotate its return type")
    return Stage(function, scope, gate, reads, written[0], fixed)


def check_chain(stages: Sequence[Stage], *, given: Sequence[type[Table]] = ()) -> None:
    """Refuse an unsound plan: an input missing, two writers, exposure falling outside a gate, a part that waits.

    `given` are tables that the runner brings itself.

    Raises:
        ChainError: says which stage and which table.
    """
    writers: dict[type[Table], Stage] = {}
    for step in stages:
        for table in step.reads:
            if table in given:
                continue
            if table not in writers:
                raise ChainError(f"{step.name} reads {table.__name__}, which no earlier stage writes; move it behind")
            if step.scope is Scope.PART and writers[table].scope is Scope.CORPUS:
                raise ChainError(f"{step.name} works on a part but reads {table.__name__}, which needs all parts")
        if step.writes in writers:
            raise ChainError(f"{step.name} writes {step.writes.__name__}, which {writers[step.writes].name} writes too")
        closest = max((table.exposure for table in step.reads), default=step.writes.exposure)
        if step.writes.exposure < closest and not step.gate:
            raise ChainError(f"{step.name} turns {closest.name} into {step.writes.exposure.name}, but it is not a gate")
        writers[step.writes] = step


def describe(stages: Sequence[Stage]) -> list[dict[str, str]]:
    """One row per stage for print: scope, name, gate, what it reads and writes, and the exposure of that."""
    return [
        {
            "scope": step.scope.value,
            "stage": step.name,
            "gate": "gate" if step.gate else "",
            "reads": ", ".join(table.__name__ for table in step.reads)
            or ("source" if step.scope is Scope.PART else "nothing"),
            "writes": step.writes.__name__,
            "exposure": step.writes.exposure.name,
        }
        for step in stages
    ]
