"""What is fitted is a sample; whoever is left out goes where most neighbours are, and says so by a low strength."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas.adapters.umap_hdbscan import UmapHdbscan, collapsed, placed

GROUPER = UmapHdbscan(neighbours=10, components=3, least=10, least_share=0.0, min_samples=3, seed=7, sample=10_000)


def blobs(n_groups, n_each, seed=0):
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(n_groups, 384))
    rows = np.repeat(centres, n_each, axis=0) + 0.35 * random.normal(size=(n_groups * n_each, 384))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def _plain(monkeypatch):
    """The largest directions instead of UMAP, which takes its seconds."""

    def reduce(self, vectors, *_):
        return (vectors @ np.linalg.svd(vectors, full_matrices=False)[2][: self.components].T).astype(np.float32)

    monkeypatch.setattr(UmapHdbscan, "_reduce", reduce)


def equally(near):
    return np.ones(near.shape, np.float32)


def ints(*rows):
    return np.array(rows, dtype=np.int32)


def strengths(*values):
    return np.array(values, dtype=np.float32)


def test_a_row_in_no_group_goes_where_half_of_its_neighbours_are():
    near = ints(*[[i, 0, 1] for i in range(4)], [4, 0, 2])
    groups, strength = placed(ints(0, 0, 1, 1, -1), strengths(1, 0.5, 1, 0, 0), near, equally(near))

    assert groups.tolist() == [0, 0, 1, 1, 0]  # one each: the first
    assert strength[:4].tolist() == [1.0, 0.75, 1.0, 0.5]
    assert strength[4] == pytest.approx(0.25, abs=0.001)


@pytest.mark.parametrize(
    ("near", "group"),
    [
        ([5, 0, 1, 2, 4], 0),  # three of four others
        ([5, 0, 1, 3, 4], 0),  # two of four
        ([5, 0, 3, 4, 4], -1),  # one of four: the others are in none either
        ([5, 4, 4, 4, 4], -1),
        ([0, 1, 3, 4, 2], 0),  # three of five, where the row is not among its own
    ],
)
def test_neighbours_that_are_in_none_speak_against_every_group(near, group):
    fitted = ints(0, 0, 0, 1, -1, -1)
    near = ints(*[[i, 0, 1, 2, 3] for i in range(5)], near)

    assert placed(fitted, strengths(1, 1, 1, 1, 0, 0), near, equally(near))[0][5] == group


def test_rows_beyond_the_sample_are_placed_by_the_fitted_ones_alone():
    near = ints([0, 1], [1, 0], [2, 0], [3, 3], [0, 1], [2, 3], [3, 3])
    groups, strength = placed(ints(0, 0, 1, -1), strengths(1, 1, 1, 0), near, equally(near))

    assert groups.tolist() == [0, 0, 1, -1, 0, 1, -1]
    assert strength.tolist() == pytest.approx([1, 1, 1, 0, 0.499, 0.25, 0], abs=0.001)


def test_a_row_far_from_its_neighbours_stays_in_no_group():
    near = ints(*[[i, (i + 1) % 40, (i + 2) % 40] for i in range(40)], [0, 1, 2], [0, 1, 2])
    cosines = np.concatenate([np.full((40, 3), 0.8), np.full((1, 3), 0.3), np.full((1, 3), 0.85)]).astype(np.float32)
    groups, _ = placed(ints(*[0] * 40), np.ones(40, np.float32), near, cosines)

    assert groups[40:].tolist() == [-1, 0]


@given(data=st.data(), n=st.integers(1, 30), n_groups=st.integers(0, 4))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_strength_tells_who_put_a_row_there(data, n, n_groups):
    fitted = ints(*data.draw(st.lists(st.integers(-1, n_groups - 1), min_size=n, max_size=n)))
    sure = strengths(*data.draw(st.lists(st.floats(0, 1, width=32), min_size=n, max_size=n)))
    n_more = data.draw(st.integers(0, 5))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    near = random.integers(0, n, (n + n_more, 4)).astype(np.int32)
    groups, strength = placed(fitted, sure, near, random.random(near.shape).astype(np.float32))

    assert (groups[:n][fitted >= 0] == fitted[fitted >= 0]).all()
    by_fit = np.concatenate([fitted >= 0, np.zeros(n_more, bool)])
    assert (strength[by_fit] >= 0.5).all()
    assert (strength[~by_fit] < 0.5).all()
    assert ((strength == 0) == (groups == -1)).all()
    assert strength.max(initial=0) <= 1


@pytest.mark.usefixtures("_plain")
def test_a_sample_and_its_neighbours_give_the_groups_of_all():
    rows = blobs(4, 300)[np.random.default_rng(3).permutation(1_200)]
    whole, _ = GROUPER.group(rows)
    some, strength = replace(GROUPER, sample=400).group(rows)

    both = (whole >= 0) & (some >= 0)
    assert both.mean() > 0.95
    assert len(set(zip(whole[both], some[both], strict=True))) == 4
    assert (strength[400:] < 0.5).all()


def test_what_lies_nowhere_near_stays_in_no_group(monkeypatch):
    far = np.random.default_rng(9).standard_normal((150, 384)).astype(np.float32)
    order = np.random.default_rng(1).permutation(750)
    rows = np.vstack([blobs(3, 200), far / np.linalg.norm(far, axis=1, keepdims=True)])[order]
    truth = np.repeat([0, 1, 2, -1], [200, 200, 200, 150])[order].astype(np.int32)

    def cluster(self, reduced, least, selection):
        return truth[: len(reduced)], np.ones(len(reduced), np.float32)

    monkeypatch.setattr(UmapHdbscan, "_reduce", lambda self, vectors, *_: vectors)
    monkeypatch.setattr(UmapHdbscan, "_cluster", cluster)
    groups, _ = replace(GROUPER, sample=500).group(rows)

    assert (groups == truth)[:500].mean() > 0.95
    assert (groups == truth)[500:].mean() > 0.95


@pytest.mark.parametrize(
    ("groups", "verdict"),
    [
        ([0] * 150 + [1] * 150, True),  # two groups
        ([0] * 200 + [1] * 50 + [2] * 50, True),  # one holds over half
        ([0] * 100 + [1] * 100 + [2] * 100, False),
        ([-1] * 300, True),
        ([0] * 60 + [1] * 10, False),  # too few rows to tell
    ],
)
def test_a_collapse_is_noticed(groups, verdict):
    assert collapsed(np.array(groups, dtype=np.int32)) is verdict


def test_a_collapse_is_tried_again_with_leaf_selection(monkeypatch):
    tried = []

    def cluster(self, reduced, least, selection):
        tried.append(selection)
        n_groups = {"eom": 1, "leaf": 5}[selection]
        return (np.arange(len(reduced)) % n_groups).astype(np.int32), np.ones(len(reduced), np.float32)

    monkeypatch.setattr(UmapHdbscan, "_reduce", lambda self, vectors, *_: vectors)
    monkeypatch.setattr(UmapHdbscan, "_cluster", cluster)

    assert set(GROUPER.group(blobs(2, 150))[0]) == {0, 1, 2, 3, 4}
    assert tried == ["eom", "leaf"]


def test_every_number_is_part_of_the_key():
    others = {
        replace(GROUPER, **{name: 4}).identity for name in ("neighbours", "components", "least", "seed", "sample")
    }

    assert len(others | {GROUPER.identity}) == 6


def test_what_umap_compiles_is_kept_for_the_next_process():
    GROUPER.group(blobs(3, 20))

    import umap

    functions = (umap.umap_.smooth_knn_dist, umap.umap_.compute_membership_strengths)
    assert all(function._cache.cache_path for function in functions)
