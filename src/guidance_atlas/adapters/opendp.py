"""OpenDP, the only place that opens it: discrete Laplace noise on whole numbers, from the system's random source.

Integers only, so nothing hangs on how floating point rounds (Mironov 2012); what a measurement costs is read from its
own privacy map, never worked out here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from math import inf, nextafter
from typing import Any

from guidance_atlas.errors import SettingsError

SEPARATOR = "|"
WHOLE = "i64"
WIDENED = 1 + 1e-9  # a step of the scale, until the map's careful rounding is inside what was asked
MOST_THRESHOLD = 10**9


@dataclass(frozen=True)
class Bounds:
    """The most that one person changes: dense_l1 over all dense numbers, sparse_l1 over sparse_cells sparse ones."""

    dense_l1: int
    sparse_l1: int
    sparse_cells: int


class OpenDpNoise:
    """Noise for one release: a vector that is told whole, and a histogram told only from a threshold on.

    epsilon and delta are what both cost together at most, as OpenDP's maps say. scale is the Laplace scale of every
    number, in conversations; threshold the least noisy count that is told.
    """

    def __init__(self, *, epsilon: float, delta: float, bounds: Bounds) -> None:
        self._dp = _opendp()
        self.scale = (bounds.dense_l1 + bounds.sparse_l1) / epsilon
        while _together(self._vector(), self._histogram(MOST_THRESHOLD), bounds)[0] > epsilon:
            self.scale *= WIDENED
        self.threshold = int(
            self._dp.binary_search(
                lambda least: self._histogram(least).map(_of_sparse(bounds))[1] <= delta,
                bounds=(bounds.sparse_l1, MOST_THRESHOLD),
            )
        )
        self._told_whole, self._told_from = self._vector(), self._histogram(self.threshold)
        self.epsilon, self.delta = _together(self._told_whole, self._told_from, bounds)

    @property
    def made_by(self) -> str:
        """The library and its version."""
        return f"OpenDP {version('opendp')}"

    def draw(
        self, dense: Sequence[int], sparse: Mapping[tuple[str, ...], int]
    ) -> tuple[list[int], dict[tuple[str, ...], int]]:
        """Noisy counts, dense ones in the order given, and those sparse ones that reach the threshold.

        Every call spends epsilon and delta again.
        """
        named = {SEPARATOR.join(key): value for key, value in sparse.items()}
        noisy, told = self._told_whole(list(dense)), self._told_from(named)
        return list(noisy), {tuple(key.split(SEPARATOR)): value for key, value in told.items()}

    def _vector(self) -> Any:  # noqa: ANN401 - OpenDP's own
        dp = self._dp
        return dp.m.make_laplace(dp.vector_domain(dp.atom_domain(T=WHOLE)), dp.l1_distance(T=WHOLE), self.scale)

    def _histogram(self, threshold: int) -> Any:  # noqa: ANN401 - OpenDP's own
        dp = self._dp
        space = (
            dp.map_domain(dp.atom_domain(T=str), dp.atom_domain(T=WHOLE)),
            dp.l01inf_distance(dp.absolute_distance(T=WHOLE)),
        )
        return dp.m.make_laplace_threshold(*space, self.scale, threshold)


def _of_sparse(bounds: Bounds) -> tuple[int, int, int]:
    """Numbers that one person changes, by how much in all, and by how much in one: all may lie in one."""
    return bounds.sparse_cells, bounds.sparse_l1, bounds.sparse_l1


def _together(vector: Any, histogram: Any, bounds: Bounds) -> tuple[float, float]:  # noqa: ANN401 - OpenDP's own
    """Epsilon and delta of both: they add up (Dwork and Roth 2014, theorem 3.16). The sum is rounded upwards."""
    epsilon, delta = histogram.map(_of_sparse(bounds))
    return nextafter(vector.map(bounds.dense_l1) + epsilon, inf), delta


def _opendp() -> Any:  # noqa: ANN401 - a module
    """Open OpenDP.

    Raises:
        SettingsError: it is not installed.
    """
    try:
        import opendp.prelude
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "opendp":
            raise
        raise SettingsError("a public export needs OpenDP: pip install 'guidance-atlas[dp]'") from None
    opendp.prelude.enable_features("contrib")
    return opendp.prelude
