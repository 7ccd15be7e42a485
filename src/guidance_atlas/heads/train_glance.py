"""Training of the glance: a cheap head over hashed words that learns to let through what the screen would accept."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.data import Item
from guidance_atlas.heads.fit import Array, folds
from guidance_atlas.heads.glance import BITS, NAME, hash_words, word_values
from guidance_atlas.heads.material import Labelled
from guidance_atlas.heads.screen import ScreenHead
from guidance_atlas.heads.text import gist
from guidance_atlas.heads.train_asks import Trained
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Encoder

PENALTY = 0.3
RECALL = 0.985
GOLD_WEIGHT = 3.0
SURE = 3.0


def train_glance(
    labelled: Sequence[Labelled],
    unlabelled: Mapping[str, Sequence[Item]],
    screen: ScreenHead,
    *,
    encoder: Encoder,
    seed: int,
) -> Trained:
    """Ridge regression onto the screen's own log-odds, drawn half-way to the label where there is one.

    The threshold keeps 98.5 % of what the screen accepts among chats that the fold had not seen.
    """
    items = [one.item for one in labelled if one.use == "fit"]
    n_labelled = len(items)
    items += [item for name in ("weak_domains", "weak_negatives", "chats") for item in unlabelled[name]]
    said = [item.said for item in items]
    told = screen.score(encoder.encode([gist(turns) for turns in said])).clip(1e-6, 1 - 1e-6)
    accepted = (told >= screen.threshold).astype(np.int64)
    labels = [item.labels.get("guidance") if at < n_labelled else None for at, item in enumerate(items)]
    odds = np.log(told / (1 - told)).clip(-SURE - 1, SURE + 1)
    target = np.array(
        [
            one if label is None else (one + (SURE if label else -SURE)) / 2
            for one, label in zip(odds, labels, strict=True)
        ]
    )
    weights = np.array([1.0 if label is None else GOLD_WEIGHT for label in labels])
    keys = [item.key for item in items]
    sources = np.array([item.source for item in items])

    rows = _sparse(said)
    scores = np.zeros(len(said))
    for seen, unseen in folds(
        [f"{source}{one}" for source, one in zip(sources, accepted, strict=True)], keys, seed=seed
    ):
        table, bias = _fit(rows[seen], target[seen], weights[seen])
        scores[unseen] = rows[unseen] @ table + bias
    chat = np.isin(sources, sorted({item.source for item in unlabelled["chats"]}))
    wanted = (accepted == 1) & chat
    threshold = float(np.quantile(scores[wanted], 1 - RECALL))
    table, bias = _fit(rows, target, weights)
    head = HeadFile(NAME, None, {"table": table.astype(np.float16)}, {"bias": bias, "threshold": threshold})
    return Trained(head, _folds_report(scores >= threshold, accepted == 1, sources, chat))


def _sparse(said: Sequence[Sequence[str]]) -> Any:  # noqa: ANN401 - a scipy matrix
    from scipy.sparse import csr_matrix

    words = hash_words(said)
    return csr_matrix((word_values(words), (words.text, words.bucket)), shape=(len(said), 1 << BITS))


def _fit(rows: Any, target: Array, weights: Array) -> tuple[Array, float]:  # noqa: ANN401
    from sklearn.linear_model import Ridge

    model = Ridge(alpha=PENALTY).fit(rows, target, sample_weight=weights)
    return model.coef_, float(model.intercept_)


def _folds_report(
    kept: NDArray[np.bool_], accepted: NDArray[np.bool_], sources: NDArray[np.str_], chat: NDArray[np.bool_]
) -> dict[str, Any]:
    by_source: dict[str, list[float | None]] = defaultdict(list)
    for source in sorted(set(sources[chat])):
        rows = (sources == source) & chat
        by_source[str(source)] = [int(rows.sum()), round(float(kept[rows].mean()), 3), _share(kept, rows & accepted)]
    return {
        "chats": int(chat.sum()),
        "chats_kept_share": round(float(kept[chat].mean()), 3),
        "chats_screen_share": round(float(accepted[chat].mean()), 3),
        "chats_recall_of_screen": _share(kept, chat & accepted),
        "gold_recall_of_screen": _share(kept, ~chat & accepted),
        "by_source_n_kept_recall": dict(by_source),
    }


def _share(kept: NDArray[np.bool_], rows: NDArray[np.bool_]) -> float | None:
    return round(float(kept[rows].mean()), 3) if rows.any() else None
