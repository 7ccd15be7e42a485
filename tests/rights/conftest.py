"""One run of the small world for all tests here; each works on a copy of its root."""

import shutil
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from rightsworld import LONE, VICTIM, everything, keys_of, read, write_logs

from guidance_atlas.adapters.umap_hdbscan import UmapHdbscan
from guidance_atlas.settings import person_secret
from guidance_atlas.stages.keys import conversation_key, person_key


@contextmanager
def quick_groups():
    """Groups by the largest directions instead of UMAP, which takes seconds in every process."""

    def reduce(self, vectors, *_):
        return (vectors @ np.linalg.svd(vectors)[2][: self.components].T).astype(np.float32)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UmapHdbscan, "_reduce", reduce)
        yield


@pytest.fixture(scope="module", autouse=True)
def _quick_groups():
    with quick_groups():
        yield


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rights")
    logs, root = write_logs(folder / "logs"), folder / "atlas"
    root.mkdir()
    (root / "secret").write_text("a secret of sixteen bytes or more")
    (root / "secret").chmod(0o600)
    with quick_groups():  # made before any module's fixture, and kept by all of them
        ran = read(logs, root)
    secret = person_secret(root)
    victim, lone = person_key(secret, VICTIM), conversation_key(secret, LONE)
    return SimpleNamespace(
        folder=folder,
        logs=logs,
        root=root,
        ran=ran,
        secret=secret,
        victim=victim,
        lone=lone,
        bytes=everything(root),
        victims_keys=keys_of(root, pl.col("person_key") == victim),
    )


@pytest.fixture
def copy(world, tmp_path):
    """A copy of the root, to do things to."""
    return shutil.copytree(world.root, tmp_path / "atlas", symlinks=True)
