"""Training of the glance: a cheap head over hashed words that learns to let through what the screen would accept."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
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

PENALTY = 1.0
RECALL = 0.985
LOWEST, HIGHEST = -3.0, 2.0  # further from the screen's line nothing more is to be learned
FORUM_WEIGHT, GOLD_WEIGHT = 0.5, 0.7
DECIMALS = 3  # of log-odds: below lies what differs between processors
ALIKE = 60  # characters at the beginning that put two conversations into one fold

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Lessons:
    """What to learn from, row by row: conversations, how far over the screen's line they lie, what each counts."""

    items: Sequence[Item]
    over: Array
    weights: Array
    chat: Flags

    @property
    def accepted(self) -> Flags:
        """Whether the screen accepts each."""
        return np.asarray(self.over >= 0)


def train_glance(
    labelled: Sequence[Labelled], chats: Sequence[Item], screen: ScreenHead, *, encoder: Encoder, seed: int
) -> Trained:
    """Ridge regression onto how far over its line the screen sees a conversation.

    The threshold keeps 98.5 % of what the screen accepts among chats that the fold had not seen.
    """
    told = lessons_of(labelled, chats, screen, encoder=encoder)
    rows = sparse([item.said for item in told.items])
    scores, fold = out_of_fold(rows, told, seed=seed)
    wanted = told.accepted & told.chat
    table, bias = _fit(rows, told.over, told.weights)
    facts = {"bias": bias, "threshold": threshold_of(scores[wanted])}
    head = HeadFile(NAME, None, {"table": table.astype(np.float16)}, facts)
    return Trained(head, folds_report(kept_by_others(scores, fold, wanted), told))


def lessons_of(labelled: Sequence[Labelled], chats: Sequence[Item], screen: ScreenHead, *, encoder: Encoder) -> Lessons:
    """Fit rows and unlabelled chats with what the screen says; forum posts that were read with their label instead.

    Posts are three times as long as chats and less like what is looked at: not worth the encoder's time.
    """
    sources = {item.source for item in chats}
    fit = [one for one in labelled if one.use == "fit"]
    post = [one.file == "read_asks" and one.item.source not in sources for one in fit]
    posts = [one.item for one, told in zip(fit, post, strict=True) if told]
    asked = [*(one.item for one, told in zip(fit, post, strict=True) if not told), *chats]
    odds = _odds(screen.score(encoder.encode([gist(item.said) for item in asked])))
    over = np.round(odds - _odds(np.array([screen.threshold])), DECIMALS)
    by_label = [HIGHEST if item.labels["guidance"] else LOWEST for item in posts]
    chat = np.array([item.source in sources for item in (*asked, *posts)])
    weights = np.where(chat, 1.0, GOLD_WEIGHT)
    weights[len(asked) :] = FORUM_WEIGHT
    return Lessons([*asked, *posts], np.concatenate([over, by_label]), weights, chat)


def out_of_fold(rows: Any, told: Lessons, *, seed: int) -> tuple[Array, NDArray[np.int64]]:  # noqa: ANN401
    """Score of each row by a head that has not seen it, nor one that begins alike; and the number of its fold."""
    strata = [f"{item.source}{accepted}" for item, accepted in zip(told.items, told.accepted, strict=True)]
    groups = [item.key[:ALIKE] for item in told.items]
    scores, fold = np.zeros(len(groups)), np.zeros(len(groups), dtype=np.int64)
    for number, (seen, unseen) in enumerate(folds(strata, groups, seed=seed)):
        table, bias = _fit(rows[seen], told.over[seen], told.weights[seen])
        scores[unseen], fold[unseen] = rows[unseen] @ table + bias, number
    return scores, fold


def threshold_of(wanted: Array) -> float:
    """The threshold that keeps 98.5 % of these scores."""
    return float(np.quantile(wanted, 1 - RECALL)) if len(wanted) else -np.inf


def kept_by_others(scores: Array, fold: NDArray[np.int64], wanted: Flags) -> Flags:
    """Who is kept when each fold's threshold is set on the other folds: no row has a say in what it is judged by."""
    thresholds = np.array([threshold_of(scores[wanted & (fold != one)]) for one in range(int(fold.max()) + 1)])
    return np.asarray(scores >= thresholds[fold])


def sparse(said: Sequence[Sequence[str]]) -> Any:  # noqa: ANN401 - a scipy matrix
    """The values of each conversation's words, shape (conversations, buckets)."""
    from scipy.sparse import csr_matrix

    words = hash_words(said)
    return csr_matrix((word_values(words), (words.text, words.bucket)), shape=(len(said), 1 << BITS))


def _odds(chances: Array) -> Array:
    return np.asarray(np.log(chances.clip(1e-6, 1 - 1e-6) / (1 - chances.clip(1e-6, 1 - 1e-6))), dtype=np.float64)


def _fit(rows: Any, over: Array, weights: Array) -> tuple[Array, float]:  # noqa: ANN401
    from sklearn.linear_model import Ridge

    model = Ridge(alpha=PENALTY).fit(rows, over.clip(LOWEST, HIGHEST), sample_weight=weights)
    return model.coef_, float(model.intercept_)


def folds_report(kept: Flags, told: Lessons) -> dict[str, Any]:
    """Shares kept of chats and of what the screen accepts, by source; gold rows are those of gate_train."""
    by_source: dict[str, list[float | None]] = defaultdict(list)
    sources = np.array([item.source for item in told.items])
    chat, accepted = told.chat, told.accepted
    for source in sorted(set(sources[chat])):
        rows = (sources == source) & chat
        by_source[str(source)] = [int(rows.sum()), _share(kept, rows), _share(kept, rows & accepted)]
    gold = ~chat & (told.weights == GOLD_WEIGHT)
    return {
        "chats": int(chat.sum()),
        "chats_kept_share": _share(kept, chat),
        "chats_screen_share": _share(accepted, chat),
        "chats_recall_of_screen": _share(kept, chat & accepted),
        "gold_recall_of_screen": _share(kept, gold & accepted),
        "by_source_n_kept_recall": dict(by_source),
    }


def _share(kept: Flags, rows: Flags) -> float | None:
    return round(float(kept[rows].mean()), 3) if rows.any() else None
