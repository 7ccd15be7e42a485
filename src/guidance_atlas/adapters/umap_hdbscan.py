"""Grouping by UMAP (McInnes et al. 2018) and HDBSCAN (Campello et al. 2013), seeded, on one thread, guarded."""

import os
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.adapters.nearest import Rows, nearest
from guidance_atlas.ports import Matrix

Groups = NDArray[np.int32]
_NONE = -1
_LARGEST_SHARE = 0.5  # a cluster over half of the sample is a collapse, seen in 11 % of nightly runs elsewhere
_EPOCHS = 200
_INIT = "spectral"
_CLEARLY = 1 / 3  # of its neighbours; chosen on the vectors of bench/clustering.py
_LOOSE = 0.01  # share of the rows that HDBSCAN placed which lie farther from their neighbours than is close
_BELOW = 0.499  # the strength at which all neighbours agree, below any of HDBSCAN's own
_BLOCK = 8_192  # rows whose neighbours vote at a time
_ENOUGH_TO_COLLAPSE = 200  # rows; below it one big cluster may be the truth


@dataclass(frozen=True)
class UmapHdbscan:
    """UMAP to few dimensions, then HDBSCAN, on a sample; whoever that leaves out goes where most neighbours are.

    Leaf selection where the first try of HDBSCAN collapses into one or two clusters.
    """

    neighbours: int
    components: int
    least: int
    least_share: float
    min_samples: int
    seed: int
    sample: int

    @property
    def identity(self) -> str:
        """Libraries' versions and every number that could change the groups."""
        names = ("umap-learn", "hdbscan", "numba", "numpy", "scikit-learn", "scipy", "torch")
        return ",".join([*(f"{name}={version(name)}" for name in names), repr(self)])

    def group(self, vectors: Matrix) -> tuple[Groups, Matrix]:
        """Group of each row (-1: none) and how strongly it belongs there. Too few rows to group: none of them is.

        The first `sample` rows are fitted, so the order of the rows must be as good as a draw. Strength is 0.5 to 1
        where HDBSCAN put the row, less where its neighbours did (see placed).
        """
        fitted = vectors[: self.sample]
        least = max(self.least, round(self.least_share * len(fitted)))
        if len(fitted) < max(2 * least, self.neighbours + 2, self.components + 3):
            return np.full(len(vectors), _NONE, np.int32), np.zeros(len(vectors), np.float32)
        near, cosines = nearest(fitted, fitted, self.neighbours)
        reduced = self._reduce(fitted, near, cosines)
        groups, strength = self._cluster(reduced, least, "eom")
        if collapsed(groups):
            groups, strength = self._cluster(reduced, least, "leaf")
        beyond = nearest(vectors[self.sample :], fitted, self.neighbours)
        return placed(groups, strength, np.vstack([near, beyond[0]]), np.vstack([cosines, beyond[1]]))

    def _reduce(self, vectors: Matrix, near: Rows, cosines: Matrix) -> Matrix:
        _choose_cache()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts not installed, and that a seed means one thread
            import umap

            _keep_compiled(umap.umap_, umap.layouts, umap.utils, umap.distances)
            reducer = umap.UMAP(
                n_neighbors=self.neighbours,
                n_components=self.components,
                n_epochs=_EPOCHS,
                init=_INIT,
                min_dist=0.0,
                metric="cosine",
                precomputed_knn=(near.copy(), np.maximum(1 - cosines, 0)),
                random_state=self.seed,
                n_jobs=1,
            )
            return np.asarray(reducer.fit_transform(vectors), dtype=np.float32)

    def _cluster(self, reduced: Matrix, least: int, selection: str) -> tuple[Groups, Matrix]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import hdbscan

            model = hdbscan.HDBSCAN(
                min_cluster_size=least,
                min_samples=self.min_samples,
                cluster_selection_method=selection,
                core_dist_n_jobs=1,
            ).fit(reduced.astype(np.float64))
        return model.labels_.astype(np.int32), model.probabilities_.astype(np.float32)


def placed(groups: Groups, strength: Matrix, near: Rows, cosines: Matrix) -> tuple[Groups, Matrix]:
    """Groups and strengths of all rows, of which the first len(groups) were fitted.

    A row without a group goes to the one that most of its neighbours among the fitted rows were put in by HDBSCAN, if
    it holds _CLEARLY of them or more (neighbours in no group count as well), and if the row lies as close to its
    neighbours as all but _LOOSE of the rows do that HDBSCAN put in groups. Strength: where HDBSCAN put the row,
    0.5 + p / 2, p its probability; where its neighbours did, half of their share and at most _BELOW.

    Args:
        near, cosines: of all rows, their neighbours among the fitted ones; a fitted row may be among its own.
    """
    found = np.concatenate([groups, np.full(len(near) - len(groups), _NONE, np.int32)])
    sure = np.concatenate([np.where(groups == _NONE, 0, 0.5 + strength / 2), np.zeros(len(near) - len(groups))])
    if (groups == _NONE).all():
        return found, sure.astype(np.float32)
    itself = near == np.arange(len(near))[:, None]
    close = np.where(itself, 0, cosines).sum(axis=1) / np.maximum((~itself).sum(axis=1), 1)
    close_enough = close >= np.quantile(close[: len(groups)][groups != _NONE], _LOOSE)
    lost = np.flatnonzero((found == _NONE) & close_enough)
    for rows in np.array_split(lost, len(lost) // _BLOCK + 1):
        best, share = _votes(groups[near[rows]], itself[rows], int(groups.max()) + 1)
        clear = share >= _CLEARLY
        found[rows[clear]] = best[clear]
        sure[rows[clear]] = _BELOW * share[clear]
    return found, sure.astype(np.float32)


def _votes(
    neighbours: Groups, itself: NDArray[np.bool_], n_groups: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The group that most neighbours of each row are in, the first of equals, and its share of the neighbours."""
    n, width = len(neighbours), n_groups + 1  # the first place counts neighbours in none
    places = np.arange(n)[:, None] * width + neighbours + 1
    counts = np.bincount(places[~itself], minlength=n * width).reshape(n, width)
    counts[:, 0] = np.where(counts[:, 1:].any(axis=1), 0, 1)
    best = counts.argmax(axis=1)
    return best - 1, counts[np.arange(n), best] * (best > 0) / np.maximum((~itself).sum(axis=1), 1)


def collapsed(groups: Groups) -> bool:
    """Whether grouping said nothing: over half of the rows in one group, or nearly all in none."""
    if len(groups) < _ENOUGH_TO_COLLAPSE:
        return False
    sizes = np.bincount(groups[groups != _NONE]) if (groups != _NONE).any() else np.zeros(1)
    return bool(sizes.max() > _LARGEST_SHARE * len(groups) or sizes.size <= 2)


def _choose_cache() -> None:
    """Say where numba keeps what it compiles between runs: 10 to 30 seconds a process otherwise."""
    if "NUMBA_CACHE_DIR" not in os.environ:
        home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
        os.environ["NUMBA_CACHE_DIR"] = str(home / "guidance-atlas" / "numba")


def _keep_compiled(*modules: ModuleType) -> None:
    """Have numba keep these modules' functions as well: nearly all of them are compiled anew in each process else."""
    from numba.core.dispatcher import Dispatcher

    for module in modules:
        for one in vars(module).values():
            if isinstance(one, Dispatcher) and one.py_func.__module__ == module.__name__:
                one.enable_caching()
