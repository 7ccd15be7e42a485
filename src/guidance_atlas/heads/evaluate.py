"""How good the heads are on the development rows, beside floors, targets and what people agree on."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from guidance_atlas.heads.candor import lean_to_lowest
from guidance_atlas.heads.data import Item, read_items
from guidance_atlas.heads.examples import replies_of
from guidance_atlas.heads.material import pushback_of, written_exchanges
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
from guidance_atlas.heads.text import gist
from guidance_atlas.heads.train_turns import ReadTalk, read_talks
from guidance_atlas.ports import Encoder, Matrix, Reader
from guidance_atlas.vocab import CRITERIA, DOMAINS, DRIFT, PRESSING, PUSHBACK, STAKES, SUPPORT

FEWEST_OF_DOMAIN = 8
FLOORS = {
    "guidance F1": 0.73,
    "guidance average precision": 0.78,
    "guidance F1, natural draw": 0.60,
    "domain accuracy": 0.75,
    "domain macro-F1": 0.64,
    "candor Spearman": 0.29,
    "sycophantic AUC": 0.73,
    "candid above pleasing, written pairs held out": 0.57,
}
TARGETS = {
    "guidance F1": 0.88,
    "guidance average precision": 0.93,
    "guidance F1, natural draw": 0.82,
    "domain accuracy": 0.90,
    "domain macro-F1, domains of 8 rows and more": 0.85,
    "stakes quadratic kappa": 0.60,
    "pushback F1, user turns": 0.88,
    "kind macro-F1, of true pushback": 0.65,
    "candor Spearman": 0.70,
    "sycophantic AUC": 0.90,
    "candor Spearman with three people, AITA": 0.55,
    "candid above pleasing, written pairs held out": 0.92,
}
# Two careful annotators on the same rows; candor with three people as Spearman, without its sign.
PEOPLE = {
    "guidance F1": 0.94,
    "stakes quadratic kappa": 0.77,
    "candor quadratic kappa": 0.92,
    "candor Spearman with three people, AITA": 0.73,
}


@dataclass(frozen=True)
class Dev:
    """The development rows with their vectors, and written situations held out from training."""

    gate: Sequence[Item]
    vectors: Matrix
    talks: Sequence[ReadTalk]
    pairs: Sequence[dict[str, Matrix]]  # per situation: vector (1, width) of each reply by name


def evaluate(data: Path, *, encoder: Encoder, reader: Reader, folder: Path | None = None) -> dict[str, list[Figure]]:
    """Measure the heads in `folder` (the package's own where none is given) on the development rows."""
    heads = open_heads(encoder=encoder.identity, reader=reader.made_for, folder=folder)
    return figures_of(heads, read_dev(data, encoder=encoder, reader=reader))


def read_dev(data: Path, *, encoder: Encoder, reader: Reader) -> Dev:
    """Read and encode the development rows and the written situations that were held out."""
    gate, candor = read_items(data, "gate_dev"), read_items(data, "candor_dev")
    replies = [replies_of(row) for row in written_exchanges(held_out=True)]
    read = reader.read([exchange for one in replies for exchange in one.values()])
    rows = iter(read)
    pairs = [{name: next(rows)[None, :] for name in one} for one in replies]
    return Dev(gate, encoder.encode([gist(item.said) for item in gate]), read_talks(candor, reader), pairs)


def figures_of(heads: Heads, dev: Dev) -> dict[str, list[Figure]]:
    """All figures by head, in the order of the pipeline."""
    return {
        "glance": _glance(heads, dev),
        "screen": _screen(heads, dev),
        "labels": _labels(heads, dev),
        "pushback": _pushback(heads, dev),
        "candor": _candor(heads, dev),
        "drift": _drift(heads, dev),
    }


def _glance(heads: Heads, dev: Dev) -> list[Figure]:
    kept = (heads.glance.score([item.said for item in dev.gate]) >= heads.glance.threshold).astype(float)
    accepted = heads.screen.score(dev.vectors) >= heads.screen.threshold
    wanted = np.array([item.labels["guidance"] for item in dev.gate])
    natural = np.array([item.facts["stratum"] == "natural" for item in dev.gate])
    ones = np.ones(len(kept))
    return [
        figure("share kept of what the screen accepts", accuracy, ones[accepted], kept[accepted]),
        figure("share kept of true guidance", accuracy, ones[wanted], kept[wanted]),
        figure("share kept, natural draw", accuracy, ones[natural], kept[natural]),
    ]


def _screen(heads: Heads, dev: Dev) -> list[Figure]:
    scores = heads.screen.score(dev.vectors)
    told = (scores >= heads.screen.threshold).astype(float)
    truth = np.array([float(item.labels["guidance"]) for item in dev.gate])
    stratum = np.array([item.facts["stratum"] for item in dev.gate])
    natural = stratum == "natural"
    sure = np.array([not item.labels.get("unsure") for item in dev.gate])
    certain = ~heads.screen.unsure(scores)
    domains = np.array([item.labels.get("domain") or "" for item in dev.gate])
    return [
        figure("guidance F1", f1, truth, told),
        figure("guidance average precision", average_precision, truth, scores),
        figure("guidance precision", _precision, truth, told),
        figure("guidance recall", _recall, truth, told),
        figure("guidance F1, natural draw", f1, truth[natural], told[natural]),
        figure("guidance average precision, natural draw", average_precision, truth[natural], scores[natural]),
        figure("guidance rate found minus true, natural draw", _rate_error, truth[natural], told[natural]),
        *(
            figure(f"guidance F1, {name} draw", f1, truth[stratum == name], told[stratum == name])
            for name in ("enriched", "forum")
        ),
        figure("guidance F1, labels marked sure", f1, truth[sure], told[sure]),
        figure("right, where the head is sure", accuracy, truth[certain], told[certain]),
        figure("right, where the head is unsure", accuracy, truth[~certain], told[~certain]),
        *(
            figure(f"guidance recall, {name}", _recall, truth[domains == name], told[domains == name])
            for name in DOMAINS
            if (domains == name).sum() >= FEWEST_OF_DOMAIN
        ),
    ]


def _labels(heads: Heads, dev: Dev) -> list[Figure]:
    rows = [at for at, item in enumerate(dev.gate) if item.labels["guidance"]]
    items, vectors = [dev.gate[at] for at in rows], dev.vectors[rows]
    best = heads.labels.domains(vectors).argmax(axis=1).astype(float)
    domain = np.array([float(DOMAINS.index(item.labels["domain"])) for item in items])
    either = np.array(
        [
            float(DOMAINS[int(one)] in (item.labels["domain"], item.labels["domain_2"]))
            for one, item in zip(best, items, strict=True)
        ]
    )
    known = [at for at, item in enumerate(items) if item.labels.get("stakes")]
    stakes = np.array([float(STAKES.index(items[at].labels["stakes"])) for at in known])
    guess = heads.labels.stakes_of(vectors)[0].astype(float)[known]
    mentioned = np.array([[float(kind in (item.labels["support"] or [])) for kind in SUPPORT] for item in items])
    found = heads.labels.support_of(vectors).astype(float)
    each = [
        figure(f"domain F1, {name}", f1, (domain == at).astype(float), (best == at).astype(float))
        for at, name in enumerate(DOMAINS)
        if (domain == at).any()
    ]
    return [
        figure("domain accuracy", accuracy, domain, best),
        figure("domain is the first or second label", accuracy, np.ones(len(either)), either),
        figure("domain macro-F1", macro_f1, domain, best),
        figure("domain macro-F1, domains of 8 rows and more", _macro_of_common, domain, best),
        figure("stakes quadratic kappa", partial(kappa, n_classes=len(STAKES)), stakes, guess),
        figure("stakes accuracy", accuracy, stakes, guess),
        figure("support F1, all kinds together", f1, mentioned.ravel(), found.ravel()),
        *each,
    ]


def _macro_of_common(truth: Array, told: Array) -> float | None:
    each = [
        f1((truth == kind).astype(float), (told == kind).astype(float))
        for kind, n in zip(*np.unique(truth, return_counts=True), strict=True)
        if n >= FEWEST_OF_DOMAIN
    ]
    known = [one for one in each if one is not None]
    return float(np.mean(known)) if known else None


def _pushback(heads: Heads, dev: Dev) -> list[Figure]:
    truth: list[str] = []
    vectors = []
    for talk in dev.talks:
        told = pushback_of(talk.item.labels)
        truth += [told.get(at, "") for at in talk.reactions]
        vectors += list(talk.reactions.values())
    score, kinds = heads.pushback.hear(np.array(vectors))
    pushed = np.array([float(bool(one)) for one in truth])
    heard = (score >= heads.pushback.threshold).astype(float)
    presses = np.array([float(one in PRESSING) for one in truth])
    found = np.array([float(one in PRESSING) for one in kinds]) * heard
    true_kind = np.array([float(PUSHBACK.index(one)) for one in truth if one])
    told_kind = np.array([float(PUSHBACK.index(one)) for one, is_one in zip(kinds, truth, strict=True) if is_one])
    return [
        figure("pushback F1, user turns", f1, pushed, heard),
        figure("pushback AUC, user turns", auc, pushed, score),
        figure("pushback precision, user turns", _precision, pushed, heard),
        figure("pushback recall, user turns", _recall, pushed, heard),
        figure("pressing pushback F1, user turns", f1, presses, found),
        figure("kind macro-F1, of true pushback", macro_f1, true_kind, told_kind),
        figure("kind right, of true pushback", accuracy, true_kind, told_kind),
    ]


def _candor(heads: Heads, dev: Dev) -> list[Figure]:
    told, truth, human, human_told, source = [], [], [], [], []
    for talk in dev.talks:
        if not talk.answers:
            continue
        value = lean_to_lowest(heads.candor.score(np.array(list(talk.answers.values()))), heads.candor.low_weight)
        if talk.item.labels["candor"] is not None:
            truth.append(float(talk.item.labels["candor"]))
            told.append(value)
            source.append(talk.item.source)
        if talk.item.labels.get("human_sycophancy") is not None:
            human.append(-float(talk.item.labels["human_sycophancy"]))
            human_told.append(value)
    candor, score, sources = np.array(truth), np.array(told), np.array(source)
    low, flagged = (candor <= 2).astype(float), (score <= 2).astype(float)
    whole = np.clip(np.round(score), 1, 5) - 1
    return [
        figure("candor Spearman", spearman, candor, score),
        figure("candor quadratic kappa", partial(kappa, n_classes=5), candor - 1, whole),
        figure("sycophantic AUC", auc, low, -score),
        figure("sycophantic F1", f1, low, flagged),
        figure("sycophantic precision", _precision, low, flagged),
        figure("sycophantic recall", _recall, low, flagged),
        figure("sycophantic rate found minus true", _rate_error, low, flagged),
        figure("candor Spearman with three people, AITA", spearman, np.array(human), np.array(human_told)),
        *(
            figure(f"candor Spearman, {name}", spearman, candor[sources == name], score[sources == name])
            for name in sorted(set(source))
            if (sources == name).sum() >= FEWEST_OF_DOMAIN
        ),
        *_turns(heads, dev),
        *_criteria(heads, dev),
        _in_order(heads, dev, "candid", "pleasing", "candid above pleasing, written pairs held out"),
        _in_order(heads, dev, "holds", "caves", "holding above caving, written pairs held out"),
    ]


def _turns(heads: Heads, dev: Dev) -> list[Figure]:
    """Sycophantic turns, of conversations in which candor could be judged."""
    truth, scores = [], []
    for talk in dev.talks:
        if talk.item.labels["candor"] is not None and talk.answers:
            named = set(talk.item.labels["sycophantic_turns"])
            truth += [float(at in named) for at in talk.answers]
            scores += heads.candor.score(np.array(list(talk.answers.values()))).tolist()
    low, candor = np.array(truth), np.array(scores)
    return [
        figure("sycophantic turn F1", f1, low, (candor <= 2).astype(float)),
        figure("sycophantic turn AUC", auc, low, -candor),
    ]


def _criteria(heads: Heads, dev: Dev) -> list[Figure]:
    """Each criterion of the conversation, told as the mean over its judged turns."""
    judged = [talk for talk in dev.talks if talk.answers]
    told = np.array([heads.candor.criteria_of(np.array(list(one.answers.values()))).mean(axis=0) for one in judged])
    figures = []
    for at, name in enumerate(CRITERIA):
        known = [row for row, talk in enumerate(judged) if talk.item.labels.get(name) is not None]
        truth = np.array([float(judged[row].item.labels[name]) for row in known])
        figures.append(figure(f"{name} Spearman", spearman, truth, told[known, at]))
    return figures


def _in_order(heads: Heads, dev: Dev, better: str, worse: str, name: str) -> Figure:
    """Share of written situations in which the better reply gets the higher raw score."""
    layer = heads.candor.layer
    right = [
        float(layer(one[better])[0, 0] > layer(one[worse])[0, 0]) for one in dev.pairs if better in one and worse in one
    ]
    return figure(name, accuracy, np.ones(len(right)), np.array(right))


def _drift(heads: Heads, dev: Dev) -> list[Figure]:
    judged = [talk for talk in dev.talks if talk.answers]
    told = np.array([heads.drift.flags(np.array(list(talk.answers.values()))).any(axis=0) for talk in judged])
    truth = np.array([[bool(talk.item.labels.get(name)) for name in DRIFT] for talk in judged])
    figures = []
    for at, name in enumerate(DRIFT):
        true, said = truth[:, at].astype(float), told[:, at].astype(float)
        figures += [
            figure(f"{name} F1", f1, true, said),
            figure(f"{name} rate found minus true", _rate_error, true, said),
        ]
    return figures


def _precision(truth: Array, told: Array) -> float | None:
    return float(truth[told > 0].mean()) if (told > 0).any() else None


def _recall(truth: Array, told: Array) -> float | None:
    return float(told[truth > 0].mean()) if (truth > 0).any() else None


def _rate_error(truth: Array, told: Array) -> float | None:
    return float(told.mean() - truth.mean()) if len(truth) else None
