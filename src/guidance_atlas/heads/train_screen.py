"""Training of the screen: landmarks from unlabelled texts, weights from labelled ones, threshold from unseen folds."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.fit import Array, fit_logistic, unseen_scores
from guidance_atlas.heads.kernel import Kernel, near
from guidance_atlas.heads.linear import sigmoid
from guidance_atlas.heads.material import Material, Texts
from guidance_atlas.heads.measure import f1
from guidance_atlas.heads.screen import NAME, screen_features
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix

LANDMARKS = 512
FEWEST_IN_LANDMARK = 5
SHARPNESS = 0.2
STRENGTH = 6.0
WRITTEN_WEIGHT = 0.6
MAY_COST_F1 = 0.015


@dataclass(frozen=True)
class Trained:
    """A head's file, and what its choices were made on."""

    head: HeadFile
    chosen: dict[str, Any]


def train_screen(material: Material, *, encoder: str, seed: int) -> Trained:
    """Logistic regression on nearness to landmarks, threshold from rows each fold had not seen."""
    features = np.vstack([screen_features(texts.vectors, texts.said) for texts in material.labelled])
    truth = np.concatenate([guidance_of(texts) for texts in material.labelled])
    weights = np.concatenate(
        [np.full(len(texts.items), WRITTEN_WEIGHT if texts is material.written else 1.0) for texts in material.labelled]
    )
    landmarks = find_landmarks(material, seed=seed)
    base = whitened(landmarks)
    nearness = (near(features, landmarks, sharpness=SHARPNESS) @ base).astype(np.float32)
    items = [item for texts in material.labelled for item in texts.items]
    strata = [
        f"{item.facts.get('stratum', item.source == 'written')}{label}"
        for item, label in zip(items, truth, strict=True)
    ]
    scores = sigmoid(
        unseen_scores(
            lambda rows: fit_logistic(nearness[rows], truth[rows], strength=STRENGTH, weights=weights[rows]),
            nearness,
            strata,
            [item.key for item in items],
            seed=seed,
        )[:, 0]
    )
    gold = len(material.gold.items)
    natural = np.array([item.facts.get("stratum") == "natural" for item in items[:gold]])
    threshold, chosen = choose_threshold(truth[:gold].astype(float), scores[:gold], natural)
    layer = fit_logistic(nearness, truth, strength=STRENGTH, weights=weights)
    kernel = Kernel(landmarks, (base @ layer.weight[:, 0]).astype(np.float32), float(layer.bias[0]), SHARPNESS)
    head = HeadFile(NAME, encoder, kernel.tensors(), {**kernel.facts(), "threshold": threshold})
    return Trained(head, chosen)


def guidance_of(texts: Texts) -> NDArray[np.int64]:
    """1 where guidance is asked."""
    return np.array([int(item.labels["guidance"]) for item in texts.items], dtype=np.int64)


def find_landmarks(material: Material, *, seed: int) -> Matrix:
    """Centres of groups of different unlabelled texts; groups under five are dropped: none stands for one text."""
    from sklearn.cluster import MiniBatchKMeans

    pool = [material.chats, material.posts, material.negatives]
    features = np.vstack([screen_features(texts.vectors, texts.said) for texts in pool])
    features = np.unique(features, axis=0)
    features = features[np.random.default_rng(seed).permutation(len(features))]
    n = min(LANDMARKS, max(len(features) // 10, 1))
    groups = MiniBatchKMeans(n, random_state=seed, n_init=2, batch_size=4_096).fit(features)
    large = np.bincount(groups.labels_, minlength=n) >= FEWEST_IN_LANDMARK
    return np.asarray(groups.cluster_centers_[large]).astype(np.float16).astype(np.float32)


def whitened(landmarks: Matrix) -> NDArray[np.float64]:
    """The map that makes inner products of nearness equal to the kernel (Nyström's method)."""
    among = near(landmarks, landmarks, sharpness=SHARPNESS)
    directions, sizes, _ = np.linalg.svd(among)
    return np.asarray(2.0 * directions / np.sqrt(np.maximum(sizes, 1e-3)))


def choose_threshold(truth: Array, scores: Array, natural: NDArray[np.bool_]) -> tuple[float, dict[str, Any]]:
    """Threshold whose rate on the natural draw is nearest the truth among those that cost at most .015 of F1."""
    grid = np.round(np.arange(0.2, 0.7, 0.005), 3)
    quality = np.array([f1(truth, (scores >= one).astype(float)) or 0.0 for one in grid])
    bias = np.array([np.mean(scores[natural] >= one) - np.mean(truth[natural]) for one in grid])
    allowed = quality >= quality.max() - MAY_COST_F1
    at = int(np.argmin(np.where(allowed, np.abs(bias), np.inf)))
    return float(grid[at]), {
        "threshold": float(grid[at]),
        "folds_f1": round(float(quality[at]), 3),
        "folds_f1_best": round(float(quality.max()), 3),
        "folds_natural_rate_bias": round(float(bias[at]), 3),
        "folds_natural_f1": round(f1(truth[natural], (scores[natural] >= grid[at]).astype(float)) or 0.0, 3),
        "n": len(truth),
        "n_natural": int(natural.sum()),
    }
