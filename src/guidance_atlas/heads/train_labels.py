"""Training of the label heads: domain and stakes of guidance conversations."""

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.fit import Rows, fit_logistic, unseen_scores
from guidance_atlas.heads.labels import NAME, domain_features, stakes_features
from guidance_atlas.heads.linear import Linear, softmax
from guidance_atlas.heads.material import Material, Texts, weak_domain
from guidance_atlas.heads.measure import accuracy, kappa, macro_f1
from guidance_atlas.heads.train_screen import Trained
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.vocab import DOMAINS, STAKES

DOMAIN_STRENGTH = 0.5
STAKES_STRENGTH = 0.2
WRITTEN_WEIGHT = 0.6
WEAK_WEIGHT = 0.05
NONE = -1


def train_labels(material: Material, *, encoder: str, seed: int) -> Trained:
    """Two logistic regressions; weakly labelled posts count little and only for the domain."""
    asked = [texts.where([bool(item.labels["guidance"]) for item in texts.items]) for texts in material.labelled]
    gold = len(asked[0].items)
    pools = [*asked, material.posts]
    domain = np.concatenate([*(_classes(texts, "domain", DOMAINS) for texts in asked), _weak_classes(material.posts)])
    weight = np.concatenate(
        [
            np.full(len(texts.items), one)
            for texts, one in zip(pools, (1.0, 1.0, WRITTEN_WEIGHT, WEAK_WEIGHT), strict=True)
        ]
    )
    features = np.vstack([domain_features(texts.vectors, texts.said) for texts in pools])
    keys = [item.key for texts in pools for item in texts.items]

    def fit_domain(rows: Rows) -> Linear:
        return fit_logistic(
            features[rows], domain[rows], strength=DOMAIN_STRENGTH, weights=weight[rows], n_classes=len(DOMAINS)
        )

    unseen = softmax(unseen_scores(fit_domain, features, [str(one) for one in domain], keys, seed=seed))[:gold]
    second = _choose_second(unseen, asked[0])

    stakes = np.concatenate([_classes(texts, "stakes", STAKES) for texts in asked])
    known = np.flatnonzero(stakes != NONE)
    risk = np.vstack([stakes_features(texts.vectors, texts.said) for texts in asked])[known]
    stakes = stakes[known]
    balance = weight[known] * np.sqrt(stakes.size / np.bincount(stakes, minlength=len(STAKES)))[stakes]

    def fit_stakes(rows: Rows) -> Linear:
        return fit_logistic(
            risk[rows], stakes[rows], strength=STAKES_STRENGTH, weights=balance[rows], n_classes=len(STAKES)
        )

    guess = unseen_scores(fit_stakes, risk, [str(one) for one in stakes], [keys[at] for at in known], seed=seed)
    told = guess.argmax(axis=1)[known < gold].astype(float)
    truth = stakes[known < gold].astype(float)
    everything = np.arange(len(features)), np.arange(len(risk))
    head = HeadFile(
        NAME,
        encoder,
        {**fit_domain(everything[0]).tensors("domain"), **fit_stakes(everything[1]).tensors("stakes")},
        {"second": second, "width": int(material.gold.vectors.shape[1])},
    )
    best = unseen.argmax(axis=1).astype(float)
    return Trained(
        head,
        {
            "second": second,
            "folds_domain_accuracy": round(accuracy(domain[:gold].astype(float), best) or 0.0, 3),
            "folds_domain_macro_f1": round(macro_f1(domain[:gold].astype(float), best) or 0.0, 3),
            "folds_stakes_kappa": round(kappa(truth, told, n_classes=len(STAKES)) or 0.0, 3),
            "n": gold,
        },
    )


def _classes(texts: Texts, label: str, names: tuple[str, ...]) -> NDArray[np.int64]:
    told = [item.labels.get(label) for item in texts.items]
    return np.array([names.index(one) if one else NONE for one in told], dtype=np.int64)


def _weak_classes(posts: Texts) -> NDArray[np.int64]:
    return np.array([DOMAINS.index(weak_domain(item) or "other") for item in posts.items], dtype=np.int64)


def _choose_second(probabilities: NDArray[np.float64], gold: Texts) -> float:
    """The share of the best domain's probability at which a second is given as often as people give one."""
    wanted = np.mean([item.labels.get("domain_2") is not None for item in gold.items])
    ordered = np.sort(probabilities, axis=1)
    return round(float(np.quantile(ordered[:, -2] / ordered[:, -1], 1 - wanted)), 3)
