"""Operating points of the heads on what was asked: calibration and thresholds, on rows that were not fitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads import labels as labels_head
from guidance_atlas.heads import screen as screen_head
from guidance_atlas.heads.fit import Array, fit_logistic
from guidance_atlas.heads.labels import expected_level
from guidance_atlas.heads.linear import Linear, sigmoid, softmax
from guidance_atlas.heads.material import Labelled
from guidance_atlas.heads.measure import accuracy, f1, kappa, macro_f1
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix
from guidance_atlas.vocab import DOMAINS, STAKES, SUPPORT

MAY_COST_F1 = 0.015
UNSURE = (0.25, 0.75)
SUPPORT_GRID = np.round(np.arange(0.2, 0.9, 0.02), 2)
LEAST_MENTIONS = 5


@dataclass(frozen=True)
class Trained:
    """A head's file, and what its choices were made on."""

    head: HeadFile
    chosen: dict[str, Any]


def set_screen(layer: Linear, rows: Sequence[Labelled], vectors: Matrix, *, encoder: str) -> Trained:
    """Calibrate guidance (Platt 1999) and choose the threshold, on check and natural rows.

    The threshold is the one whose rate on the natural draw is nearest the truth among those that cost at most .015
    of the best F1.
    """
    truth = np.array([float(one.item.labels["guidance"]) for one in rows])
    natural = np.array([one.use == "natural" for one in rows])
    calibrated = calibrate(layer, vectors, truth)
    scores = sigmoid(calibrated(vectors)[:, 0])
    threshold, chosen = choose_threshold(truth, scores, natural)
    tensors = calibrated.tensors("guidance")
    return Trained(HeadFile(screen_head.NAME, encoder, tensors, {"threshold": threshold, "unsure": UNSURE}), chosen)


def calibrate(layer: Linear, vectors: Matrix, truth: Array) -> Linear:
    """The same layer, stretched and shifted so that its log-odds fit what is true of rows it has not seen."""
    raw = layer(vectors).astype(np.float32)
    curve = fit_logistic(raw, truth.astype(np.int64), strength=1e3)
    slope, shift = float(curve.weight[0, 0]), float(curve.bias[0])
    return Linear(layer.weight * np.float32(slope), (layer.bias * slope + shift).astype(np.float32))


def choose_threshold(truth: Array, scores: Array, natural: NDArray[np.bool_]) -> tuple[float, dict[str, Any]]:
    """Threshold whose rate on the natural draw is nearest the truth among those that cost at most .015 of F1."""
    grid = np.round(np.arange(0.2, 0.7, 0.005), 3)
    quality = np.array([f1(truth, (scores >= one).astype(float)) or 0.0 for one in grid])
    bias = np.array([np.mean(scores[natural] >= one) - np.mean(truth[natural]) for one in grid])
    allowed = quality >= quality.max() - MAY_COST_F1
    at = int(np.argmin(np.where(allowed, np.abs(bias), np.inf)))
    return float(grid[at]), {
        "threshold": float(grid[at]),
        "check_f1": round(float(quality[at]), 3),
        "check_f1_best": round(float(quality.max()), 3),
        "natural_rate_bias": round(float(bias[at]), 3),
        "natural_f1": round(f1(truth[natural], (scores[natural] >= grid[at]).astype(float)) or 0.0, 3),
        "n": len(truth),
        "n_natural": int(natural.sum()),
    }


def set_labels(layers: dict[str, Linear], rows: Sequence[Labelled], vectors: Matrix, *, encoder: str) -> Trained:
    """Choose when a second domain is given, where stakes are cut, and when support is mentioned, on rows not fitted."""
    labels = [one.item.labels for one in rows]
    domain = np.array([DOMAINS.index(one["domain"]) for one in labels])
    chances = softmax(layers["domain"](vectors))
    wanted = float(np.mean([one.get("domain_2") is not None for one in labels]))
    ordered = np.sort(chances, axis=1)
    second = round(float(np.quantile(ordered[:, -2] / ordered[:, -1], 1 - wanted)), 3)
    level = np.array([STAKES.index(one["stakes"]) for one in labels])
    cuts = stakes_cuts(level, softmax(layers["stakes"](vectors)))
    told = np.digitize(expected_level(softmax(layers["stakes"](vectors))), cuts)
    mentioned = np.array([[float(kind in (one.get("support") or [])) for kind in SUPPORT] for one in labels])
    # One threshold for all kinds: each alone is mentioned too seldom to choose by.
    told_support = sigmoid(layers["support"](vectors))
    thresholds = [best_threshold(mentioned.ravel(), told_support.ravel(), SUPPORT_GRID)] * len(SUPPORT)
    head = HeadFile(
        labels_head.NAME,
        encoder,
        {
            name: tensor
            for each in ("domain", "stakes", "support")
            for name, tensor in layers[each].tensors(each).items()
        },
        {"second": second, "stakes_cuts": cuts, "support_thresholds": thresholds},
    )
    best = chances.argmax(axis=1)
    return Trained(
        head,
        {
            "second": second,
            "stakes_cuts": [round(one, 3) for one in cuts],
            "support_threshold": thresholds[0],
            "check_support_f1": round(
                f1(mentioned.ravel(), (told_support.ravel() >= thresholds[0]).astype(float)) or 0, 3
            ),
            "check_domain_accuracy": round(accuracy(domain.astype(float), best.astype(float)) or 0.0, 3),
            "check_domain_macro_f1": round(macro_f1(domain.astype(float), best.astype(float)) or 0.0, 3),
            "check_stakes_kappa": round(
                kappa(level.astype(float), told.astype(float), n_classes=len(STAKES)) or 0.0, 3
            ),
            "n": len(rows),
        },
    )


def stakes_cuts(level: NDArray[np.int64], chances: Array) -> tuple[float, float]:
    """The two cuts of the expected level that agree best with the labels (quadratic kappa)."""
    expected = expected_level(chances)
    grid = np.unique(np.quantile(expected, np.linspace(0.02, 0.98, 49)))
    scored = [
        (
            kappa(level.astype(float), np.digitize(expected, (low, high)).astype(float), n_classes=len(STAKES)) or 0.0,
            low,
            high,
        )
        for at, low in enumerate(grid)
        for high in grid[at + 1 :]
    ]
    _, low, high = max(scored)
    return float(low), float(high)


def best_threshold(truth: Array, scores: Array, grid: Array) -> float:
    """The threshold of best F1; the highest of the grid where the label is hardly ever given."""
    if truth.sum() < LEAST_MENTIONS:
        return float(grid[-1])
    return float(max(grid, key=lambda one: f1(truth, (scores >= one).astype(float)) or 0.0))
