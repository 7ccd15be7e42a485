"""How good the heads are on the development rows, beside the floor that a plain regression on vectors reaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from guidance_atlas.heads.data import Item, read_items
from guidance_atlas.heads.labels import support_mentioned
from guidance_atlas.heads.measure import (
    Array,
    Figure,
    accuracy,
    auc,
    average_precision,
    f1,
    figure,
    kappa,
    macro_f1,
    spearman,
)
from guidance_atlas.heads.opened import Heads, open_heads
from guidance_atlas.heads.pushback import places_of_pushback
from guidance_atlas.heads.talk import Talk
from guidance_atlas.heads.text import gist
from guidance_atlas.heads.train_turns import as_talk, judged_places, lean_to_lowest
from guidance_atlas.ports import Encoder, Matrix
from guidance_atlas.vocab import DOMAINS, PRESSING, STAKES

FLOORS = {
    "guidance F1": 0.73,
    "guidance average precision": 0.78,
    "guidance F1, natural draw": 0.60,
    "domain accuracy": 0.75,
    "domain macro-F1": 0.64,
    "candor Spearman": 0.29,
    "sycophantic AUC": 0.73,
}


@dataclass(frozen=True)
class Dev:
    """The development rows with their vectors."""

    gate: Sequence[Item]
    vectors: Matrix
    candor: Sequence[Item]
    talks: Sequence[Talk]


@dataclass(frozen=True)
class Report:
    """Figures of every head; `lines` prints them beside their floors."""

    figures: dict[str, list[Figure]]

    def lines(self) -> list[str]:
        """One line a figure: value, 95 % interval, rows, and the floor where there is one."""
        return [
            f"{head:9} {one.name:44} {_shown(one):24} n={one.n:<4} {_floor(one)}".rstrip()
            for head, figures in self.figures.items()
            for one in figures
        ]

    def under_floor(self) -> list[str]:
        """Names of the figures that miss their floor."""
        return [one.name for figures in self.figures.values() for one in figures if _misses(one)]


def evaluate(data: Path, *, encoder: Encoder, folder: Path | None = None) -> Report:
    """Measure the heads in `folder` (the package's own where none is given) on the development rows."""
    return Report(figures_of(open_heads(encoder=encoder.identity, folder=folder), read_dev(data, encoder=encoder)))


def read_dev(data: Path, *, encoder: Encoder) -> Dev:
    """Read and encode the development rows."""
    gate, candor = read_items(data, "gate_dev"), read_items(data, "candor_dev")
    vectors = encoder.encode([gist(item.said) for item in gate])
    return Dev(gate, vectors, candor, [as_talk(item, encoder=encoder) for item in candor])


def figures_of(heads: Heads, dev: Dev) -> dict[str, list[Figure]]:
    """All figures by head, in the order of the pipeline."""
    return {
        "glance": _glance(heads, dev),
        "screen": _screen(heads, dev),
        "labels": _labels(heads, dev),
        "pushback": _pushback(heads, dev),
        "candor": _candor(heads, dev),
    }


def _glance(heads: Heads, dev: Dev) -> list[Figure]:
    said = [item.said for item in dev.gate]
    kept = (heads.glance.score(said) >= heads.glance.threshold).astype(float)
    accepted = heads.screen.score(dev.vectors, said) >= heads.screen.threshold
    wanted = np.array([item.labels["guidance"] for item in dev.gate])
    natural = np.array([item.facts["stratum"] == "natural" for item in dev.gate])
    ones = np.ones(len(kept))
    return [
        figure("share kept of what the screen accepts", accuracy, ones[accepted], kept[accepted]),
        figure("share kept of true guidance", accuracy, ones[wanted], kept[wanted]),
        figure("share kept, natural draw", accuracy, ones[natural], kept[natural]),
    ]


def _screen(heads: Heads, dev: Dev) -> list[Figure]:
    scores = heads.screen.score(dev.vectors, [item.said for item in dev.gate])
    told = (scores >= heads.screen.threshold).astype(float)
    truth = np.array([float(item.labels["guidance"]) for item in dev.gate])
    natural = np.array([item.facts["stratum"] == "natural" for item in dev.gate])
    sure = np.array([not item.labels.get("unsure") for item in dev.gate])
    return [
        figure("guidance F1", f1, truth, told),
        figure("guidance average precision", average_precision, truth, scores),
        figure("guidance precision", _precision, truth, told),
        figure("guidance recall", _recall, truth, told),
        figure("guidance F1, natural draw", f1, truth[natural], told[natural]),
        figure("guidance average precision, natural draw", average_precision, truth[natural], scores[natural]),
        figure("guidance rate found minus true, natural draw", _rate_error, truth[natural], told[natural]),
        figure("guidance F1, labels marked sure", f1, truth[sure], told[sure]),
    ]


def _labels(heads: Heads, dev: Dev) -> list[Figure]:
    rows = [at for at, item in enumerate(dev.gate) if item.labels["guidance"]]
    items, vectors = [dev.gate[at] for at in rows], dev.vectors[rows]
    said = [item.said for item in items]
    best = heads.labels.domains(vectors, said).argmax(axis=1).astype(float)
    domain = np.array([float(DOMAINS.index(item.labels["domain"])) for item in items])
    either = np.array(
        [
            float(DOMAINS[int(one)] in (item.labels["domain"], item.labels["domain_2"]))
            for one, item in zip(best, items, strict=True)
        ]
    )
    known = [at for at, item in enumerate(items) if item.labels.get("stakes")]
    stakes = np.array([float(STAKES.index(items[at].labels["stakes"])) for at in known])
    guess = heads.labels.stakes_of(vectors, said).argmax(axis=1).astype(float)[known]
    mentioned = support_mentioned(said)
    kinds = list(mentioned)
    support = np.array([float(kind in (item.labels["support"] or [])) for kind in kinds for item in items])
    found = np.array([float(one) for kind in kinds for one in mentioned[kind]])
    each = [
        figure(f"domain F1, {name}", f1, (domain == at).astype(float), (best == at).astype(float))
        for at, name in enumerate(DOMAINS)
        if (domain == at).any()
    ]
    return [
        figure("domain accuracy", accuracy, domain, best),
        figure("domain is the first or second label", accuracy, np.ones(len(either)), either),
        figure("domain macro-F1", macro_f1, domain, best),
        figure("stakes quadratic kappa", partial(kappa, n_classes=len(STAKES)), stakes, guess),
        figure("stakes accuracy", accuracy, stakes, guess),
        figure("support F1, all kinds together", f1, support, found),
        *each,
    ]


def _pushback(heads: Heads, dev: Dev) -> list[Figure]:
    truth: list[str] = []
    scores: list[float] = []
    kinds: list[str] = []
    for item, talk in zip(dev.candor, dev.talks, strict=True):
        places = places_of_pushback(talk)
        told = {event["turn"]: event["kind"] for event in item.labels["pushback"]}
        heard, which = heads.pushback.hear(talk, places)
        truth += [told.get(at, "") for at in places]
        scores += heard.tolist()
        kinds += which
    pushed, score = np.array([float(bool(one)) for one in truth]), np.array(scores)
    heard_flags = (score >= heads.pushback.threshold).astype(float)
    presses = np.array([float(one in PRESSING) for one in truth])
    found = np.array([float(one in PRESSING) for one in kinds]) * heard_flags
    same = np.array([float(one == other) for one, other in zip(truth, kinds, strict=True)])[pushed > 0]
    return [
        figure("pushback F1, user turns", f1, pushed, heard_flags),
        figure("pushback AUC, user turns", auc, pushed, score),
        figure("pressing pushback F1, user turns", f1, presses, found),
        figure("kind right, of true pushback", accuracy, np.ones(len(same)), same),
    ]


def _candor(heads: Heads, dev: Dev) -> list[Figure]:
    told, truth, human, human_told = [], [], [], []
    for item, talk in zip(dev.candor, dev.talks, strict=True):
        places = judged_places(talk)
        if not places:
            continue
        value = lean_to_lowest(heads.candor.score(talk, places), heads.candor.low_weight)
        if item.labels["candor"] is not None:
            truth.append(float(item.labels["candor"]))
            told.append(value)
        if item.labels.get("human_sycophancy") is not None:
            human.append(-float(item.labels["human_sycophancy"]))
            human_told.append(value)
    candor, score = np.array(truth), np.array(told)
    low, flagged = (candor <= 2).astype(float), (score <= 2).astype(float)
    whole = np.clip(np.round(score), 1, 5) - 1
    return [
        figure("candor Spearman", spearman, candor, score),
        figure("candor quadratic kappa", partial(kappa, n_classes=5), candor - 1, whole),
        figure("sycophantic AUC", auc, low, -score),
        figure("sycophantic F1", f1, low, flagged),
        figure("sycophantic rate found minus true", _rate_error, low, flagged),
        figure("candor Spearman with three people, AITA", spearman, np.array(human), np.array(human_told)),
    ]


def _precision(truth: Array, told: Array) -> float | None:
    return float(truth[told > 0].mean()) if (told > 0).any() else None


def _recall(truth: Array, told: Array) -> float | None:
    return float(told[truth > 0].mean()) if (truth > 0).any() else None


def _rate_error(truth: Array, told: Array) -> float | None:
    return float(told.mean() - truth.mean()) if len(truth) else None


def _shown(one: Figure) -> str:
    return "cannot be measured" if one.value is None else f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"


def _floor(one: Figure) -> str:
    if one.name not in FLOORS:
        return ""
    return f"floor {FLOORS[one.name]:.2f}{' MISSED' if _misses(one) else ''}"


def _misses(one: Figure) -> bool:
    return one.name in FLOORS and (one.value is None or one.value < FLOORS[one.name])
