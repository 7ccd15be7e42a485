"""Training of the two low-rank changes: one for what a person asks, one for what stands between two turns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.adapters.exchange_reader import ExchangeReader
from guidance_atlas.adapters.sentence_transformer import SentenceTransformerEncoder
from guidance_atlas.adapters.tuner import Order, Recipe, Target, Tuned, tune
from guidance_atlas.heads.examples import WRITTEN_WEIGHT, Examples, examples_of
from guidance_atlas.heads.linear import Linear
from guidance_atlas.heads.material import Labelled, labelled_asks, labelled_talks, written_exchanges
from guidance_atlas.heads.opened import EXCHANGE_TUNING, GUIDANCE_TUNING
from guidance_atlas.heads.text import gist
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.vocab import DOMAINS, STAKES, SUPPORT

GOLD_WEIGHT, UNSURE_WEIGHT = 1.5, 0.5
SECOND_SHARE = 0.2
BALANCE = (0.7, 2.5)
STAKES_WEIGHTS = (1.6, 0.9, 1.3)
MENTIONED_WEIGHT = 2.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TunedHead:
    """A tuning's file and the linear layers that were learned with it."""

    head: HeadFile
    layers: dict[str, Linear]


def tune_guidance(data: Path, *, model: str, seed: int, recipe: Recipe | None = None) -> TunedHead:
    """Learn guidance, domain, stakes and support of what was asked, on vectors of length 1."""
    recipe = recipe or Recipe.for_asks(seed)
    rows = [one for one in labelled_asks(data) if one.use == "fit"]
    encoder = SentenceTransformerEncoder(model, backend="float32")
    tokens = encoder.tokens([gist(one.item.said) for one in rows])
    labels = [one.item.labels for one in rows]
    asked = np.array([bool(one["guidance"]) for one in labels])
    weight = np.array([_worth(one) for one in rows])
    level = np.array([STAKES.index(one["stakes"]) if one.get("stakes") else -1 for one in labels])
    mentioned = np.array([[float(kind in (one.get("support") or [])) for kind in SUPPORT] for one in labels])
    domains = np.array([_domains(one) for one in labels])
    targets = [
        Target("guidance", "flags", asked[:, None].astype(float), 1.0, weight),
        Target("domain", "classes", domains, 1.0, weight * _rarer_more(domains > SECOND_SHARE)),
        Target(
            "stakes",
            "classes",
            np.eye(len(STAKES))[level] * (level >= 0)[:, None],
            0.5,
            weight * np.array(STAKES_WEIGHTS)[level],
        ),
        Target(
            "support",
            "flags",
            np.where(asked[:, None], mentioned, np.nan),
            0.4,
            weight * np.where(mentioned.any(axis=1), MENTIONED_WEIGHT, 1.0),
        ),
    ]
    tuned = tune(encoder.trainable(), tokens, targets, recipe=recipe)
    return _as_head(GUIDANCE_TUNING, encoder.made_for, tuned, recipe, len(rows))


def _worth(one: Labelled) -> float:
    if one.item.source == "written":
        return WRITTEN_WEIGHT
    if one.file == "gate_train":
        return GOLD_WEIGHT
    return UNSURE_WEIGHT if one.item.labels.get("unsure") else 1.0


def _domains(labels: Mapping[str, Any]) -> list[float]:
    shares = [0.0] * len(DOMAINS)
    first, second = labels.get("domain"), labels.get("domain_2")
    if first:
        shares[DOMAINS.index(str(first))] = 1 - SECOND_SHARE if second else 1.0
    if first and second:
        shares[DOMAINS.index(str(second))] += SECOND_SHARE
    return shares


def _rarer_more(classes: NDArray[np.bool_]) -> Floats:
    """A weight for each row by its class, shape (rows, classes): the root of how rare, within bounds; 1 without one."""
    counts = classes.sum(axis=0)
    mean = counts.sum() / max(int((counts > 0).sum()), 1)
    rare = np.clip((mean / np.maximum(counts, 1)) ** 0.5, *BALANCE)
    return np.where(classes.any(axis=1), classes @ rare, 1.0)


def targets_of(examples: Examples) -> list[Target]:
    """Everything that is learned from examples of turns."""
    weight = np.array(examples.weight)

    def columns(values: Sequence[float] | Sequence[Sequence[float]]) -> Floats:
        return np.array(values, dtype=np.float64).reshape(len(weight), -1)

    kinds = columns(examples.kind)
    return [
        Target("candor", "values", columns(examples.candor), 2.0, weight),
        Target("criteria", "values", columns(examples.criteria), 0.3, weight),
        Target("drift", "flags", columns(examples.drift), 0.3, weight),
        Target("any", "flags", columns(examples.pushed), 0.7, weight),
        Target("kind", "classes", kinds, 0.5, weight * _rarer_more(kinds > 0)),
    ]


def tune_exchange(data: Path, *, model: str, seed: int, recipe: Recipe | None = None) -> TunedHead:
    """Learn candor, its criteria, drift and pushback of turns in the light of what stands before them."""
    recipe = recipe or Recipe.for_exchanges(seed)
    rows = [one for one in labelled_talks(data) if one.use == "fit"]
    written = written_exchanges(held_out=False)
    examples = examples_of(rows, written)
    reader = ExchangeReader(model, backend="float32")
    tuned = tune(
        reader.trainable(),
        reader.tokens(examples.exchanges),
        targets_of(examples),
        recipe=recipe,
        orders=[Order("candor", examples.pairs, WRITTEN_WEIGHT)],
    )
    return _as_head(EXCHANGE_TUNING, reader.made_for, tuned, recipe, len(rows) + len(written))


def _as_head(name: str, encoder: str, tuned: Tuned, recipe: Recipe, n: int) -> TunedHead:
    facts = {"n": n, "layers": recipe.layers, "losses": [round(one, 4) for one in tuned.losses]}
    layers = {each: Linear(weight, bias) for each, (weight, bias) in tuned.layers.items()}
    return TunedHead(HeadFile(name, encoder, dict(tuned.factors), facts), layers)
