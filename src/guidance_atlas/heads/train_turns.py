"""Training of the heads that look at single turns: pushback and candor."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads import candor as candor_head
from guidance_atlas.heads import pushback as pushback_head
from guidance_atlas.heads.candor import candor_features, places_of_replies, why_not_judged
from guidance_atlas.heads.data import Item, read_items
from guidance_atlas.heads.fit import Array, Rows, fit_logistic, fit_ridge, unseen_scores
from guidance_atlas.heads.linear import Linear, sigmoid
from guidance_atlas.heads.material import measured_on
from guidance_atlas.heads.measure import auc, f1, spearman
from guidance_atlas.heads.pushback import places_of_pushback, pushback_features
from guidance_atlas.heads.talk import Talk
from guidance_atlas.heads.text import one_turn
from guidance_atlas.heads.train_screen import Trained
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Encoder, Matrix
from guidance_atlas.vocab import PUSHBACK

PUSHBACK_STRENGTH = 1.0
CANDOR_PENALTY = 10.0
HUMAN_WEIGHT = 0.4
LOW_WEIGHT = 0.5
KNOTS = 25
MAY_COST_F1 = 0.03

Curve = tuple[Array, Array]


def as_talk(item: Item, *, encoder: Encoder) -> Talk:
    """A labelled conversation as the turn heads see it."""
    return Talk(
        conversation_id=item.id,
        turns=list(range(len(item.messages))),
        roles=[role for role, _ in item.messages],
        texts=[text for _, text in item.messages],
        vectors=encoder.encode([one_turn(text) for _, text in item.messages]),
    )


def judged_places(talk: Talk) -> list[int]:
    """Positions of the replies in which something can be judged."""
    return [at for at in places_of_replies(talk) if why_not_judged(talk, at) is None]


def train_pushback(items: Sequence[Item], *, encoder: Encoder, seed: int) -> Trained:
    """Is it pushback (all turns), and which kind (pushback turns only); threshold by F1 on unseen folds."""
    rows, kinds, keys = [], [], []
    for item in items:
        talk = as_talk(item, encoder=encoder)
        places = places_of_pushback(talk)
        if places:
            told = {event["turn"]: event["kind"] for event in item.labels["pushback"]}
            rows.append(pushback_features(talk, places))
            kinds += [told.get(at) for at in places]
            keys += [item.key] * len(places)
    features = np.vstack(rows)
    any_kind = np.array([int(kind is not None) for kind in kinds], dtype=np.int64)
    which = np.array([PUSHBACK.index(kind) if kind else -1 for kind in kinds], dtype=np.int64)
    pushed = np.flatnonzero(any_kind)

    def fit_any(seen: Rows) -> Linear:
        return fit_logistic(features[seen], any_kind[seen], strength=PUSHBACK_STRENGTH)

    scores = sigmoid(unseen_scores(fit_any, features, [str(one) for one in which], keys, seed=seed)[:, 0])
    grid = np.round(np.arange(0.25, 0.7, 0.01), 2)
    quality = [f1(any_kind.astype(float), (scores >= one).astype(float)) or 0.0 for one in grid]
    threshold = float(grid[int(np.argmax(quality))])
    kind_layer = fit_logistic(features[pushed], which[pushed], strength=PUSHBACK_STRENGTH, n_classes=len(PUSHBACK))
    head = HeadFile(
        pushback_head.NAME,
        encoder.identity,
        {**fit_any(np.arange(len(features))).tensors("any"), **kind_layer.tensors("kind")},
        {"threshold": threshold},
    )
    return Trained(head, {"threshold": threshold, "folds_f1": round(max(quality), 3), "n_turns": len(features)})


def turn_targets(item: Item, places: Sequence[int]) -> list[float]:
    """Candor of each reply from labels of the conversation: low where the turn is named, not low where it is not."""
    overall, named = float(item.labels["candor"]), set(item.labels["sycophantic_turns"])
    return [min(overall, 2.0) if at in named else max(overall, 3.0) for at in places]


def human_replies(data: Path, gold: Sequence[Item]) -> list[Item]:
    """Replies on which three people agreed, of situations that are neither gold nor measured on."""
    taken = {item.key for item in gold}
    return [
        item
        for item in measured_on(data).free(read_items(data, "weak_candor"))
        if item.labels.get("human_consensus") is not None and item.key not in taken
    ]


def train_candor(items: Sequence[Item], human: Sequence[Item], *, encoder: Encoder, seed: int) -> Trained:
    """Ridge regression on replies, then a monotone curve to the codebook's scale whose 2 is the cut of best F1."""
    judged = [item for item in items if item.labels["candor"] is not None]
    rows: list[Matrix] = []
    targets: list[float] = []
    weights: list[float] = []
    owner: list[int] = []
    for at, item in enumerate([*judged, *human]):
        talk = as_talk(item, encoder=encoder)
        places = judged_places(talk)
        gold = at < len(judged)
        rows.append(candor_features(talk, places))
        targets += turn_targets(item, places) if gold else [3.3 - 1.8 * item.labels["human_consensus"]] * len(places)
        weights += [(1.0 if gold else HUMAN_WEIGHT) / np.sqrt(max(len(places), 1))] * len(places)
        owner += [at] * len(places)
    features, target, weight = np.vstack(rows), np.array(targets), np.array(weights)
    owners = np.array(owner)
    everyone = [*judged, *human]
    keys, strata = (
        [everyone[at].key for at in owner],
        [f"{everyone[at].source}{y <= 2}" for at, y in zip(owner, targets, strict=True)],
    )

    def fit(seen: Rows) -> Linear:
        return fit_ridge(features[seen], target[seen], penalty=CANDOR_PENALTY, weights=weight[seen])

    raw = unseen_scores(fit, features, strata, keys, seed=seed)[:, 0]
    gold_rows = [owners == at for at in range(len(judged))]
    truth = np.array([float(item.labels["candor"]) for item in judged])
    knots, values = choose_curve(raw, target, gold_rows, truth)
    scaled = np.interp(raw, knots, values)
    whole = np.array([lean_to_lowest(scaled[rows], LOW_WEIGHT) for rows in gold_rows])
    head = HeadFile(
        candor_head.NAME,
        encoder.identity,
        fit(np.arange(len(features))).tensors("candor"),
        {"knots": knots.tolist(), "values": values.tolist(), "low_weight": LOW_WEIGHT},
    )
    low = (truth <= 2).astype(float)
    return Trained(
        head,
        {
            "folds_spearman": round(spearman(truth, whole) or 0.0, 3),
            "folds_auc": round(auc(low, -whole) or 0.0, 3),
            "folds_f1": round(f1(low, (whole <= 2).astype(float)) or 0.0, 3),
            "folds_rate_bias": round(float(np.mean(whole <= 2) - low.mean()), 3),
            "n": len(judged),
        },
    )


def lean_to_lowest(candor: Array, low_weight: float) -> float:
    """A conversation's candor from its replies: between their mean and the lowest."""
    return float(low_weight * candor.min() + (1 - low_weight) * candor.mean()) if len(candor) else float("nan")


def choose_curve(raw: Array, target: Array, conversations: Sequence[NDArray[np.bool_]], truth: Array) -> Curve:
    """The curve whose verdicts on conversations have the right rate, among those that cost at most .03 of the best F1.

    Every candidate puts another raw score at 2; what counts is the verdict on whole conversations, as in use.
    """
    own = np.any(conversations, axis=0)
    low = (truth <= 2).astype(float)
    found = []
    for cut in np.unique(np.quantile(raw[own], np.arange(0.05, 0.7, 0.01))):
        curve = scale_curve(raw[own], target[own], float(cut))
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
