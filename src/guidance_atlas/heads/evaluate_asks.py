"""How good the heads are that tell what is asked: glance, screen, labels."""

from functools import partial

import numpy as np

from guidance_atlas.heads.dev import FEWEST, Dev
from guidance_atlas.heads.measure import (
    Figure,
    accuracy,
    average_precision,
    f1,
    figure,
    kappa,
    macro_f1,
    precision,
    rate_error,
    recall,
)
from guidance_atlas.heads.opened import Heads
from guidance_atlas.vocab import DOMAINS, STAKES, SUPPORT


def glance_figures(heads: Heads, dev: Dev) -> list[Figure]:
    """What glance keeps: of what the screen accepts, of true guidance, of a natural draw."""
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


def screen_figures(heads: Heads, dev: Dev) -> list[Figure]:
    """Guidance or not, over all rows and by draw, by domain, and by how sure label and head are."""
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
        figure("guidance precision", precision, truth, told),
        figure("guidance recall", recall, truth, told),
        figure("guidance F1, natural draw", f1, truth[natural], told[natural]),
        figure("guidance average precision, natural draw", average_precision, truth[natural], scores[natural]),
        figure("guidance rate found minus true, natural draw", rate_error, truth[natural], told[natural]),
        *(
            figure(f"guidance F1, {name} draw", f1, truth[stratum == name], told[stratum == name])
            for name in ("enriched", "forum")
        ),
        figure("guidance F1, labels marked sure", f1, truth[sure], told[sure]),
        figure("right, where the head is sure", accuracy, truth[certain], told[certain]),
        figure("right, where the head is unsure", accuracy, truth[~certain], told[~certain]),
        *(
            figure(f"guidance recall, {name}", recall, truth[domains == name], told[domains == name])
            for name in DOMAINS
            if (domains == name).sum() >= FEWEST
        ),
    ]


def labels_figures(heads: Heads, dev: Dev) -> list[Figure]:
    """Domain, stakes and support, of conversations with guidance alone."""
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
        figure("domain macro-F1, domains of 8 rows and more", partial(macro_f1, fewest=FEWEST), domain, best),
        figure("stakes quadratic kappa", partial(kappa, n_classes=len(STAKES)), stakes, guess),
        figure("stakes accuracy", accuracy, stakes, guess),
        figure("support F1, all kinds together", f1, mentioned.ravel(), found.ravel()),
        *each,
    ]
