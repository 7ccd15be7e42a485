"""Groups depend on what was said, not on the order or the names of the rows."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas.adapters.umap_hdbscan import UmapHdbscan
from guidance_atlas.contracts import Screened, Vectors
from guidance_atlas.stages.cluster import cluster

GROUPER = UmapHdbscan(neighbours=10, components=3, least=10, least_share=0.0, min_samples=3, seed=7, sample=10_000)


class ByFirstNumber:
    """Groups rows by the sign of their first number; the first row is in no group."""

    identity = "by first number"

    def group(self, vectors):
        groups = np.where(vectors[:, 0] > 0, 5, 2).astype(np.int32)
        groups[0] = -1
        return groups, np.where(groups == -1, 0, 1).astype(np.float32)


def frames(vectors, ids=None, guidance=None):
    ids = ids if ids is not None else [f"c{i:04}" for i in range(len(vectors))]
    guidance = guidance if guidance is not None else [True] * len(vectors)
    screened = pl.DataFrame(
        {"conversation_id": ids, "score": 0.9, "guidance": guidance, "unsure": False, "reason": None}
    )
    said = pl.DataFrame({"conversation_id": ids, "vector": [list(map(float, row)) for row in vectors]})
    return Screened.validate(screened, cast=True), Vectors.validate(said, cast=True)


def blobs(n_groups, n_each, seed=0):
    random = np.random.default_rng(seed)
    centres = random.normal(size=(n_groups, 384))
    rows = np.repeat(centres, n_each, axis=0) + 0.35 * random.normal(size=(n_groups * n_each, 384))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_every_guidance_conversation_gets_a_row_and_nobody_else():
    screened, vectors = frames([[1, 0], [-1, 0], [0.5, 1]], guidance=[True, False, True])

    assert cluster(screened, vectors, grouper=ByFirstNumber())["conversation_id"].to_list() == ["c0000", "c0002"]


def test_a_row_in_no_group_is_null_and_groups_are_numbered_from_the_largest():
    found = cluster(*frames([[1, i] for i in range(5)] + [[-1, i] for i in range(3)]), grouper=ByFirstNumber())

    sizes = found.drop_nulls("cluster_id").group_by("cluster_id").len().sort("cluster_id")["len"].to_list()
    assert found["cluster_id"].null_count() == 1
    assert found.filter(pl.col("cluster_id").is_null())["strength"].to_list() == [None]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == 7


def test_no_guidance_gives_no_rows():
    assert cluster(*frames([[1.0, 0.0]], guidance=[False]), grouper=ByFirstNumber()).is_empty()


class Noting:
    """One group for each different first number; remembers what it was given."""

    identity = "noting"

    def group(self, vectors):
        self.given = vectors
        return np.unique(vectors[:, 0], return_inverse=True)[1].astype(np.int32), np.ones(len(vectors), np.float32)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(numbers=st.lists(st.integers(0, 6), min_size=1, max_size=12), seed=st.integers(0, 9))
def test_the_grouper_is_given_each_different_vector_once_in_an_order_of_its_own(numbers, seed):
    rows = np.array([[number, 1.0] for number in numbers], dtype=np.float32)
    shuffle = np.random.default_rng(seed).permutation(len(rows))
    one, other = Noting(), Noting()
    found = cluster(*frames(rows), grouper=one)
    turned = cluster(*frames(rows[shuffle], ids=[f"x{i:04}" for i in range(len(rows))]), grouper=other)

    assert len(one.given) == len(set(numbers))
    assert (one.given == other.given).all()
    assert turned["cluster_id"].to_list() == found["cluster_id"].gather(shuffle).to_list()
    assert (
        len(set(zip(numbers, found["cluster_id"], strict=True))) == len(set(numbers)) == found["cluster_id"].n_unique()
    )


@pytest.mark.slow
def test_real_groups_are_found_and_survive_another_order_and_other_ids():
    rows = blobs(4, 60)
    found = cluster(*frames(rows), grouper=GROUPER)
    shuffle = np.random.default_rng(1).permutation(len(rows))
    other = cluster(*frames(rows[shuffle], ids=[f"x{i:04}" for i in range(len(rows))]), grouper=GROUPER)

    truth = np.repeat(np.arange(4), 60)
    assert found["cluster_id"].n_unique() == 4
    assert all(found["cluster_id"].gather(np.flatnonzero(truth == group)).n_unique() == 1 for group in range(4))
    assert other["cluster_id"].to_list() == found["cluster_id"].gather(shuffle).to_list()


def test_too_few_conversations_are_in_no_group():
    assert cluster(*frames(blobs(1, 8)), grouper=GROUPER)["cluster_id"].null_count() == 8
