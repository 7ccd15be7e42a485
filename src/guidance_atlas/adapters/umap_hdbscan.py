"""Grouping by UMAP (McInnes et al. 2018) and HDBSCAN (Campello et al. 2013), seeded, on one thread, guarded."""

import os
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.ports import Matrix

_NONE = -1
_LARGEST_SHARE = 0.5  # a cluster over half of the sample is a collapse, seen in 11 % of nightly runs elsewhere
_ENOUGH_TO_COLLAPSE = 200  # rows; below it one big cluster may be the truth


@dataclass(frozen=True)
class UmapHdbscan:
    """UMAP to few dimensions, then HDBSCAN; leaf selection where the first try collapses into one or two clusters."""

    neighbours: int
    components: int
    least: int
    least_share: float
    min_samples: int
    seed: int

    @property
    def identity(self) -> str:
        """Libraries' versions and every number that could change the groups."""
        libraries = [f"{name}={version(name)}" for name in ("umap-learn", "hdbscan", "numba", "numpy", "scikit-learn")]
        return ",".join([*libraries, repr(self)])

    def group(self, vectors: Matrix) -> tuple[NDArray[np.int32], Matrix]:
        """Group of each row (-1: none) and membership strength (0 to 1). Too few rows to group: none of them is."""
        least = max(self.least, round(self.least_share * len(vectors)))
        if len(vectors) < max(2 * least, self.neighbours + 2, self.components + 3):
            return np.full(len(vectors), _NONE, np.int32), np.zeros(len(vectors), np.float32)
        _choose_cache()
        reduced = self._reduce(vectors)
        groups, strength = self._cluster(reduced, least, "eom")
        if collapsed(groups):
            groups, strength = self._cluster(reduced, least, "leaf")
        return groups, strength

    def _reduce(self, vectors: Matrix) -> Matrix:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts not installed, and that a seed means one thread
            import umap

            _keep_compiled(umap.umap_, umap.layouts, umap.utils, umap.distances)
            reducer = umap.UMAP(
                n_neighbors=self.neighbours,
                n_components=self.components,
                min_dist=0.0,
                metric="cosine",
                random_state=self.seed,
                n_jobs=1,
            )
            return np.asarray(reducer.fit_transform(vectors), dtype=np.float32)

    def _cluster(self, reduced: Matrix, least: int, selection: str) -> tuple[NDArray[np.int32], Matrix]:
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


def collapsed(groups: NDArray[np.int32]) -> bool:
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
