"""Training of the finder of names: same data and seed give the same weights.

Run: python -m guidance_atlas.heads.train_names --data ../shared/data --out FOLDER
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from guidance_atlas.adapters.models import DEFAULT_MODEL, find_model
from guidance_atlas.adapters.name_tuner import tune_names
from guidance_atlas.heads.cards import Card, Source, cards_folder, write_card
from guidance_atlas.heads.material import LICENCES
from guidance_atlas.heads.measure import Figure
from guidance_atlas.heads.name_measure import Count, found, masked
from guidance_atlas.heads.name_rows import (
    PERSON,
    PLACE,
    Told,
    chats,
    forum_texts,
    in_lower_case,
    private_chats,
    templates,
    tweets,
)
from guidance_atlas.heads.name_sheet import sheet_of
from guidance_atlas.heads.name_templates import written_chats
from guidance_atlas.heads.train import code_version
from guidance_atlas.heads.weights import HeadFile, write_head
from guidance_atlas.ports import Matrix
from guidance_atlas.stages.scrub.names import mark_names
from guidance_atlas.stages.scrub.net import NAMES, NameNet
from guidance_atlas.stages.scrub.page import Page
from guidance_atlas.stages.scrub.words import lexicon

N_WRITTEN, N_TALKS, EPOCHS = 6_000, 4_000, 6
WRITTEN_WEIGHT, TEMPLATE_WEIGHT, SMALL_WEIGHT = 0.3, 0.4, 0.5
# Over-masking is preferred to missing: the threshold is as low as the share of words that names may take allows; with
# identifiers, 2 % of all words may be masked.
MOST_MASKED = 0.017
DOUBTED = 0.8  # share of the words looked at in chats that lie below doubt
N_CHECKED, N_MEASURED = 700, 500
ON_TEST = (
    "WNUT17 test, section F of BTC, pii_chat_dev and conversations of chats that training may not read; a span counts "
    "as found when any of it is"
)


def texts_to_fit(data: Path, *, seed: int) -> Iterator[tuple[Told, float]]:
    """Marked texts with their weights: real ones twice, as written and in lower case."""
    for told in (*tweets(data), *forum_texts(data)):
        if told.use == "fit":
            yield told, 1.0
            yield in_lower_case(told), SMALL_WEIGHT
    yield from ((told, TEMPLATE_WEIGHT) for told in templates(data))
    yield from ((told, WRITTEN_WEIGHT) for told in written_chats(N_WRITTEN, seed=seed))


def fit_names(data: Path, *, seed: int) -> tuple[HeadFile, Counter[str]]:
    """Learn the net, its operating point not set yet; and how many rows of which file it learned from."""
    told = list(texts_to_fit(data, seed=seed))
    talks = _draw(chats(data, "fit"), N_TALKS, seed)
    sheet = sheet_of(told, talks)
    tensors = tune_names(sheet, _piece_vectors(), epochs=EPOCHS, seed=seed)
    rows = Counter(one.file for one, _ in told) + Counter(chats=len(talks))
    return HeadFile(NAMES, None, tensors, {"n": len(sheet.truth), "threshold": 0, "doubt": 0}), rows


def set_point(head: HeadFile, data: Path, *, seed: int) -> HeadFile:
    """Set doubt and the lowest threshold at which names take no more than MOST_MASKED of the words of check chats."""
    texts = list(chain.from_iterable(_draw(chats(data, "check"), N_CHECKED, seed)))
    net, words = NameNet(head), lexicon()
    pages = [Page(text, words) for text in texts]
    _, told = net.judge(pages, [mark_names(page) for page in pages])
    ahead = np.maximum(told[:, 1], told[:, 2]) - told[:, 0]
    net.doubt = int(np.quantile(ahead, DOUBTED))
    levels = np.append(np.unique(ahead), ahead.max() + 1)
    low, high = -1, len(levels) - 1
    while high - low > 1:
        middle = (low + high) // 2
        net.threshold = int(levels[middle])
        count = masked(texts, net)
        low, high = (middle, high) if count.part > MOST_MASKED * count.whole else (low, middle)
    return replace(head, facts={**head.facts, "threshold": int(levels[high]), "doubt": net.doubt})


def figures_of(net: NameNet | None, data: Path, *, seed: int = 1) -> list[Figure]:
    """What is found of texts that no choice was made on; with no net, by lists and cues alone."""
    forum = [told for told in forum_texts(data) if told.use == "test"]
    late = [told for told in tweets(data) if told.use == "test"]
    private = list(private_chats(data))
    own = list(chain.from_iterable(_draw(chats(data, "test"), N_MEASURED, seed)))
    named, placed = (found(private, label, net) for label in (PERSON, PLACE))
    figures = {
        "people found, WNUT17 test": found(forum, PERSON, net),
        "people found, BTC section F": found(late, PERSON, net),
        "people and places found, private chats": Count(named.part + placed.part, named.whole + placed.whole),
        "people found, private chats in lower case": found(map(in_lower_case, private), PERSON, net),
        "people found, WNUT17 test in lower case": found(map(in_lower_case, forum), PERSON, net),
        "people found, BTC section F in lower case": found(map(in_lower_case, late), PERSON, net),
        "places found, WNUT17 test": found(forum, PLACE, net),
        "places found, BTC section F": found(late, PLACE, net),
        "words of chats masked as names": masked(own, net),
    }
    return [count.figure(name) for name, count in figures.items()]


def train_names(data: Path, out: Path, *, seed: int, made_on: date | None = None) -> Card:
    """Train the net, set its operating point, write weights to `out` and the card to the folder `cards` beside it."""
    fitted, rows = fit_names(data, seed=seed)
    head = set_point(fitted, data, seed=seed)
    card = Card(
        id=head.identity,
        head=head.name,
        encoder=None,
        code=code_version(),
        made_on=made_on.isoformat() if made_on else None,
        seed=seed,
        trained_on=tuple(Source(file=file, n=n, licence=LICENCES[file]) for file, n in sorted(rows.items())),
        measured_on=ON_TEST,
        figures=tuple(figures_of(NameNet(head), data)),
        chosen={name: head.facts[name] for name in ("threshold", "doubt")},
    )
    write_head(head, folder=out)
    write_card(card, folder=cards_folder(out))
    return card


def _draw(talks: Iterator[list[str]], n: int, seed: int) -> list[list[str]]:
    known = list(talks)
    return random.Random(seed).sample(known, min(n, len(known)))  # noqa: S311 - nothing secret


def _piece_vectors() -> Matrix:
    """The default encoder's own vector of each piece of its vocabulary."""
    from safetensors import safe_open

    with safe_open(str(find_model(DEFAULT_MODEL) / "model.safetensors"), framework="numpy") as stream:
        return np.asarray(stream.get_tensor("embeddings.word_embeddings.weight"), dtype=np.float32)


def main(
    data: Annotated[Path, typer.Option(help="Folder of labelled data.")],
    out: Annotated[Path, typer.Option(help="Where weights and card go.")],
    seed: Annotated[int, typer.Option(help="Seed of every choice made by chance.")] = 7,
) -> None:
    """Train the finder of names and write its weights and card."""
    for one in train_names(data, out, seed=seed, made_on=datetime.now(UTC).date()).figures:
        typer.echo(f"{one.name:45} {one.value} ({one.low} to {one.high}, n={one.n})")


if __name__ == "__main__":
    typer.run(main)
