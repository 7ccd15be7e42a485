"""Training of all heads from the development data: same data, encoder and seed give the same weights."""

from collections.abc import Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from guidance_atlas.heads.cards import Card, Source, cards_folder, write_card
from guidance_atlas.heads.data import Item, read_items
from guidance_atlas.heads.evaluate import figures_of, read_dev
from guidance_atlas.heads.material import LICENCES, gather, measured_on
from guidance_atlas.heads.measure import Figure
from guidance_atlas.heads.opened import build_heads
from guidance_atlas.heads.screen import screen_head
from guidance_atlas.heads.train_glance import train_glance
from guidance_atlas.heads.train_labels import train_labels
from guidance_atlas.heads.train_screen import Trained, train_screen
from guidance_atlas.heads.train_turns import human_replies, train_candor, train_pushback
from guidance_atlas.heads.weights import write_head
from guidance_atlas.ports import Encoder


def train(data: Path, out: Path, *, seed: int, encoder: Encoder, made_on: date | None = None) -> list[Card]:
    """Train every head, write its weights to `out` and its card to the folder `cards` beside it.

    Thresholds and weights of data are chosen on folds of the training rows; the development rows are only measured on.
    Takes about ten minutes on one core, most of it for encoding some 16,000 texts.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        material = gather(data, encoder=encoder, seed=seed)
        screen = train_screen(material, encoder=encoder.identity, seed=seed)
        glance = train_glance(material, screen_head(screen.head), seed=seed)
        labels = train_labels(material, encoder=encoder.identity, seed=seed)
        talks = measured_on(data).free(read_items(data, "candor_train"))
        human = human_replies(data, talks)
        pushback = train_pushback(talks, encoder=encoder, seed=seed)
        candor = train_candor(talks, human, encoder=encoder, seed=seed)
        trained = [glance, screen, labels, pushback, candor]
        figures = figures_of(build_heads({one.head.name: one.head for one in trained}), read_dev(data, encoder=encoder))
    labelled = [texts.source for texts in material.labelled]
    unlabelled = [texts.source for texts in (material.posts, material.negatives, material.chats)]
    sources = {
        "glance": [*labelled, *unlabelled],
        "screen": [*labelled, *unlabelled],
        "labels": [*labelled, material.posts.source],
        "pushback": [_source("candor_train", talks)],
        "candor": [_source("candor_train", talks), _source("weak_candor", human)],
    }
    cards = [
        _card(one, figures=figures[one.head.name], sources=sources[one.head.name], seed=seed, made_on=made_on)
        for one in trained
    ]
    for one, card in zip(trained, cards, strict=True):
        write_head(one.head, folder=out)
        write_card(card, folder=cards_folder(out))
    return cards


def _source(name: str, items: Sequence[Item]) -> Source:
    return Source(file=name, n=len(items), licence=LICENCES[name])


def _card(
    one: Trained, *, figures: Sequence[Figure], sources: Sequence[Source], seed: int, made_on: date | None
) -> Card:
    return Card(
        id=one.head.identity,
        head=one.head.name,
        encoder=one.head.encoder,
        code=_code_version(),
        made_on=made_on.isoformat() if made_on else None,
        seed=seed,
        trained_on=tuple(sources),
        measured_on="gate_dev and candor_dev: development rows, used for reporting only",
        figures=tuple(figures),
        chosen=one.chosen,
    )


def _code_version() -> str:
    try:
        return version("guidance-atlas")
    except PackageNotFoundError:
        return "unknown"
