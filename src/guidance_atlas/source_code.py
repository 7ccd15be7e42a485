"""What version of our own code a stage runs: a digest over its module and every module of ours that it imports."""

import ast
import hashlib
import importlib.util
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

_PACKAGE = __name__.partition(".")[0]


def code_digest(module: ModuleType | None) -> str:
    """Digest of a module's source and, through its imports, of all our modules and data files it can reach.

    Data files beside a module (wording, weights) count as its code: they change answers as much.
    """
    if module is None or not module.__name__.startswith(_PACKAGE):
        return ""
    sha = hashlib.sha256()
    for name in sorted(_reachable(module.__name__)):
        sha.update(name.encode() + b"\0" + _source(name) + b"\0")
    return sha.hexdigest()[:32]


@cache
def _reachable(name: str) -> frozenset[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(_imports(current))
    return frozenset(found)


@cache
def _imports(name: str) -> frozenset[str]:
    names: set[str] = set()
    for node in _statements(ast.parse(_source(name)).body):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(n for n in names if n.split(".")[0] == _PACKAGE and _path(n) is not None)


def _statements(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Statements at any depth; expressions, which are most of a tree, hold no imports and are not looked into."""
    for node in body:
        yield node
        for inner in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from _statements(getattr(node, inner, ()))


@cache
def _path(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec is not None and spec.origin else None


@cache
def _source(name: str) -> bytes:
    path = _path(name)
    return path.read_bytes() if path is not None else b""
