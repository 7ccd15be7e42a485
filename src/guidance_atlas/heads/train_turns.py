"""Operating points of the heads on turns: thresholds of pushback and drift, and the scale of candor, on check rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads import candor as candor_head
from guidance_atlas.heads import drift as drift_head
from guidance_atlas.heads import pushback as pushback_head
from guidance_atlas.heads.candor import lean_to_lowest
from guidance_atlas.heads.data import Item
from guidance_atlas.heads.examples import Examples
from guidance_atlas.heads.exchange import Exchange, exchange_at
from guidance_atlas.heads.fit import Array
from guidance_atlas.heads.linear import Linear, sigmoid
from guidance_atlas.heads.measure import auc, f1, macro_f1, spearman
from guidance_atlas.heads.train_asks import Trained, best_threshold, calibrate
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix, Reader
from guidance_atlas.vocab import DRIFT, PUSHBACK

LOW_WEIGHT = 0.5
KNOTS = 25
MAY_COST_F1 = 0.03
GRID = np.round(np.arange(0.1, 0.9, 0.01), 2)

Curve = tuple[Array, Array]


@dataclass(frozen=True)
class ReadTalk:
    """A labelled conversation with the vectors of its turns that can be judged."""

    item: Item
    answers: dict[int, NDArray[np.float32]]
    reactions: dict[int, NDArray[np.float32]]


def read_talks(items: Sequence[Item], reader: Reader) -> list[ReadTalk]:
    """Read every turn that can be judged, all conversations together."""
    places: list[tuple[int, int]] = []
    exchanges: list[Exchange] = []
    for row, item in enumerate(items):
        for at in range(len(item.messages)):
            exchange = exchange_at(item.messages, at)
            if exchange is not None:
                places.append((row, at))
                exchanges.append(exchange)
    found = [ReadTalk(item, {}, {}) for item in items]
    for (row, at), vector in zip(places, reader.read(exchanges), strict=True):
        talk = found[row]
        side = talk.answers if talk.item.messages[at][0] == "assistant" else talk.reactions
        side[at] = vector
    return found


def set_pushback(layers: dict[str, Linear], examples: Examples, vectors: Matrix, *, encoder: str) -> Trained:
    """Calibrate pushback and choose the threshold of best F1."""
    pushed = np.array(examples.pushed)
    known = ~np.isnan(pushed)
    layer = calibrate(layers["any"], vectors[known], pushed[known])
    scores = sigmoid(layer(vectors[known])[:, 0])
    threshold = best_threshold(pushed[known], scores, GRID)
    head = HeadFile(
        pushback_head.NAME,
        encoder,
        {**layer.tensors("any"), **layers["kind"].tensors("kind")},
        {"threshold": threshold},
    )
    some = known & (np.nan_to_num(pushed) > 0)
    kinds = np.array(examples.kind)[some].argmax(axis=1).astype(float)
    told = layers["kind"](vectors[some]).argmax(axis=1).astype(float)
    return Trained(
        head,
        {
            "threshold": threshold,
            "check_f1": round(f1(pushed[known], (scores >= threshold).astype(float)) or 0.0, 3),
            "check_kind_macro_f1": round(macro_f1(kinds, told) or 0.0, 3),
            "n_turns": int(known.sum()),
            "n_kinds": len(PUSHBACK),
        },
    )


def set_drift(layer: Linear, examples: Examples, vectors: Matrix, *, encoder: str) -> Trained:
    """Choose each drift error's threshold of best F1; written rows count, since some errors are rare in real talk."""
    truth = np.array(examples.drift).reshape(-1, len(DRIFT))
    known = ~np.isnan(truth).any(axis=1)
    scores = sigmoid(layer(vectors[known]))
    thresholds = [best_threshold(truth[known, at], scores[:, at], GRID) for at in range(len(DRIFT))]
    quality = {
        name: round(f1(truth[known, at], (scores[:, at] >= thresholds[at]).astype(float)) or 0.0, 3)
        for at, name in enumerate(DRIFT)
    }
    head = HeadFile(drift_head.NAME, encoder, layer.tensors("drift"), {"thresholds": thresholds})
    return Trained(head, {"thresholds": thresholds, "check_f1": quality, "n_turns": int(known.sum())})


def set_candor(layers: dict[str, Linear], talks: Sequence[ReadTalk], *, encoder: str) -> Trained:
    """Choose the rising curve from raw scores to the codebook's scale, on conversations that were not fitted."""
    judged = [one for one in talks if one.item.labels.get("candor") is not None and one.answers]
    raw_of = [layers["candor"](np.array(list(one.answers.values())))[:, 0] for one in judged]
    truth = np.array([float(one.item.labels["candor"]) for one in judged])
    raw, owner = np.concatenate(raw_of), np.repeat(np.arange(len(judged)), [len(one) for one in raw_of])
    target = truth[owner]
    knots, values = choose_curve(raw, target, [owner == at for at in range(len(judged))], truth)
    whole = np.array([lean_to_lowest(np.interp(one, knots, values), LOW_WEIGHT) for one in raw_of])
    criteria = Linear(layers["criteria"].weight * 2, layers["criteria"].bias * 2 + 3)
    head = HeadFile(
        candor_head.NAME,
        encoder,
        {**layers["candor"].tensors("candor"), **criteria.tensors("criteria")},
        {"knots": knots.tolist(), "values": values.tolist(), "low_weight": LOW_WEIGHT},
    )
    low = (truth <= 2).astype(float)
    return Trained(
        head,
        {
            "check_spearman": round(spearman(truth, whole) or 0.0, 3),
            "check_auc": round(auc(low, -whole) or 0.0, 3),
            "check_f1": round(f1(low, (whole <= 2).astype(float)) or 0.0, 3),
            "check_rate_bias": round(float(np.mean(whole <= 2) - low.mean()), 3),
            "n": len(judged),
        },
    )


def choose_curve(raw: Array, target: Array, conversations: Sequence[NDArray[np.bool_]], truth: Array) -> Curve:
    """The curve whose verdicts on conversations have the right rate, among those that cost at most .03 of the best F1.

    Every candidate puts another raw score at 2; what counts is the verdict on whole conversations, as in use.
    """
    low = (truth <= 2).astype(float)
    found = []
    for cut in np.unique(np.quantile(raw, np.arange(0.05, 0.7, 0.01))):
        curve = scale_curve(raw, target, float(cut))
        scaled = np.interp(raw, *curve)
        told = np.array([float(lean_to_lowest(scaled[rows], LOW_WEIGHT) <= 2) for rows in conversations])
        found.append((f1(low, told) or 0.0, abs(float(told.mean() - low.mean())), curve))
    best = max(quality for quality, _, _ in found)
    return min((one for one in found if one[0] >= best - MAY_COST_F1), key=lambda one: one[1])[2]


def scale_curve(scores: Array, truth: Array, cut: float) -> Curve:
    """Knots of a rising curve from raw scores to candor 1-5: shares under a score match the labels; the cut is at 2."""
    shares = np.linspace(0, 1, KNOTS)
    under, over = scores[scores <= cut], scores[scores > cut]
    low, high = np.clip(truth[truth <= 2], 1, 1.95), truth[truth > 2]
    knots = np.concatenate([np.quantile(under, shares), [cut], np.quantile(over, shares)])
    values = np.concatenate([_smooth(low, shares, 1.0, 1.99), [2.0], _smooth(high, shares, 2.01, 5.0)])
    keep = np.append(np.diff(knots) > 1e-9, [True])
    return knots[keep].round(6), np.maximum.accumulate(values)[keep].round(4)


def _smooth(labels: Array, shares: Array, lowest: float, highest: float) -> Array:
    """Quantiles of whole-number labels with each label spread half a step to both sides."""
    spread = np.sort(np.concatenate([labels + offset for offset in np.linspace(-0.5, 0.5, 9)]))
    return np.asarray(np.clip(np.quantile(spread, shares), lowest, highest))
