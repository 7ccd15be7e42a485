"""Training of all heads from the development data: same data, encoder and seed give the same weights."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from pathlib import Path

from guidance_atlas.adapters.exchange_reader import ExchangeReader
from guidance_atlas.adapters.language import ENGLISH, FastLangdetect
from guidance_atlas.adapters.models import DEFAULT_MODEL
from guidance_atlas.adapters.sentence_transformer import SentenceTransformerEncoder
from guidance_atlas.heads.answers import (
    Answers,
    Asked,
    domain_confusion,
    drift_confusions,
    guidance_confusion,
    pushback_confusions,
    stakes_confusion,
    support_confusions,
    sycophancy_by_pushback,
    sycophancy_confusion,
    told_answered,
    told_asked,
    true_answered,
    true_asked,
)
from guidance_atlas.heads.calibration import Bin, reliability
from guidance_atlas.heads.cards import Card, Source, cards_folder, write_card
from guidance_atlas.heads.confusion import Confusion
from guidance_atlas.heads.data import Item
from guidance_atlas.heads.dev import Dev, read_dev
from guidance_atlas.heads.evaluate import figures_of
from guidance_atlas.heads.examples import examples_of
from guidance_atlas.heads.material import (
    LICENCES,
    Labelled,
    labelled_asks,
    labelled_talks,
    unlabelled_chats,
    written_exchanges,
)
from guidance_atlas.heads.measure import Figure
from guidance_atlas.heads.opened import Heads, build_heads
from guidance_atlas.heads.screen import screen_head
from guidance_atlas.heads.text import gist
from guidance_atlas.heads.train_asks import Trained, set_labels, set_screen
from guidance_atlas.heads.train_glance import train_glance
from guidance_atlas.heads.train_turns import ReadTalk, read_talks, set_candor, set_drift, set_pushback
from guidance_atlas.heads.tuning import TunedHead, tune_exchange, tune_guidance
from guidance_atlas.heads.weights import write_head
from guidance_atlas.ports import Matrix

ON_DEV = "gate_dev and candor_dev: development rows, used for reporting only"
COUNTED = {
    "screen": "the natural draw of labelled chats, and the natural draw of gate_dev",
    "labels": "check and natural rows and gate_dev; conversations without guidance from the natural draws alone",
    "pushback": "check rows of real conversations and candor_dev",
    "candor": "check rows of real conversations and candor_dev",
    "drift": "check rows of real conversations and candor_dev",
}


def train(data: Path, out: Path, *, seed: int, model: str = DEFAULT_MODEL, made_on: date | None = None) -> list[Card]:
    """Train every head, write its weights to `out` and its card to the folder `cards` beside it.

    Layers learn on fit rows; calibration, operating points and confusions come from check and natural rows; the
    development rows are only measured on. The two tunings run side by side in processes of their own, about an hour
    on two cores; bits are the same on the same kind of processor.
    """
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        asked = pool.submit(tune_guidance, data, model=model, seed=seed)
        exchanged = pool.submit(tune_exchange, data, model=model, seed=seed)
        tuned = asked.result(), exchanged.result()
    return finish(data, out, *tuned, seed=seed, model=model, made_on=made_on)


def finish(
    data: Path,
    out: Path,
    asked: TunedHead,
    exchanged: TunedHead,
    *,
    seed: int,
    model: str = DEFAULT_MODEL,
    made_on: date | None = None,
) -> list[Card]:
    """Everything behind the two tunings: operating points, the glance, confusions, figures, cards, files."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        encoder = SentenceTransformerEncoder(model, tuning=asked.head, backend="float32")
        reader = ExchangeReader(model, tuning=exchanged.head, backend="torch")
        asks, talks = labelled_asks(data), labelled_talks(data)
        held = [one for one in asks if one.use != "fit"]
        vectors = encoder.encode([gist(one.item.said) for one in held])
        screen = set_screen(asked.layers["guidance"], held, vectors, encoder=encoder.made_for)
        wanted = [at for at, one in enumerate(held) if one.item.labels["guidance"] and one.item.labels.get("stakes")]
        labels = set_labels(asked.layers, [held[at] for at in wanted], vectors[wanted], encoder=encoder.made_for)

        check = [one for one in talks if one.use == "check"]
        examples = examples_of(check, written_exchanges(held_out=True))
        read = reader.read(examples.exchanges)
        pushback = set_pushback(exchanged.layers, examples, read, encoder=reader.made_for)
        drift = set_drift(exchanged.layers["drift"], examples, read, encoder=reader.made_for)
        real = read_talks([one.item for one in check if one.file != "talks"], reader)
        candor = set_candor(exchanged.layers, real, encoder=reader.made_for)

        chats = in_english(unlabelled_chats(data, asks))
        glance = train_glance(asks, chats, screen_head(screen.head), encoder=encoder, seed=seed)
        trained = [glance, screen, labels, pushback, candor, drift]
        heads = build_heads({one.head.name: one.head for one in trained})
        dev = read_dev(data, encoder=encoder, reader=reader)
        figures = figures_of(heads, dev)
        confusions = count_errors(heads, dev, held, vectors, real)
        # The development rows, which calibration never saw.
        truth = [bool(item.labels["guidance"]) for item in dev.gate]
        curve = reliability(heads.screen.score(dev.vectors).tolist(), truth)
    fitted = Counter(one.file for one in asks if one.use == "fit")
    spoken = Counter(one.file for one in talks if one.use == "fit")
    spoken["exchanges"] = len(written_exchanges(held_out=False))
    sources = {"glance": fitted + Counter(chats=len(chats)), "screen": fitted, "labels": fitted}
    cards = [
        _card(
            one,
            figures=figures[one.head.name],
            rows=sources.get(one.head.name, spoken),
            seed=seed,
            made_on=made_on,
            confusions=confusions.get(one.head.name, ()),
            calibration=curve if one is screen else (),
        )
        for one in trained
    ]
    for head in (*(one.head for one in trained), asked.head, exchanged.head):
        write_head(head, folder=out)
    for card in cards:
        write_card(card, folder=cards_folder(out))
    return cards


def in_english(items: Sequence[Item]) -> list[Item]:
    """Those that speak English, the one language that the glance looks at."""
    told = FastLangdetect().detect(["\n".join(item.said) for item in items])
    return [item for item, language in zip(items, told, strict=True) if language == ENGLISH]


def count_errors(
    heads: Heads, dev: Dev, held: Sequence[Labelled], vectors: Matrix, real: Sequence[ReadTalk]
) -> dict[str, tuple[Confusion, ...]]:
    """What each head takes for what, on rows that no layer was fitted to."""
    checked = _asks(heads, [one.item for one in held], vectors)
    developed = _asks(heads, dev.gate, dev.vectors)
    natural = [pair for pair, one in zip(checked, held, strict=True) if one.use == "natural"]
    natural += [pair for pair, item in zip(developed, dev.gate, strict=True) if item.facts["stratum"] == "natural"]
    everything = [*checked, *developed]
    talks = [*real, *dev.talks]
    rows: Answers = [(true_answered(talk.item.labels), told_answered(heads, talk)) for talk in talks]
    could_push = [row for row, talk in zip(rows, talks, strict=True) if talk.reactions]
    could_judge = [row for row, talk in zip(rows, talks, strict=True) if talk.answers]
    return {
        "screen": (guidance_confusion(natural),),
        "labels": (
            domain_confusion(natural, everything),
            stakes_confusion(everything),
            *support_confusions(everything),
        ),
        "pushback": tuple(pushback_confusions(could_push)),
        "candor": (sycophancy_confusion(could_judge), *sycophancy_by_pushback(could_judge)),
        "drift": tuple(drift_confusions(could_judge)),
    }


def _asks(heads: Heads, items: Sequence[Item], vectors: Matrix) -> list[tuple[Asked, Asked]]:
    told, _ = told_asked(heads, items, vectors)
    return [(true_asked(item.labels), one) for item, one in zip(items, told, strict=True)]


def _card(
    one: Trained,
    *,
    figures: Sequence[Figure],
    rows: Counter[str],
    seed: int,
    made_on: date | None,
    confusions: Sequence[Confusion],
    calibration: Sequence[Bin],
) -> Card:
    return Card(
        id=one.head.identity,
        head=one.head.name,
        encoder=one.head.encoder,
        code=code_version(),
        made_on=made_on.isoformat() if made_on else None,
        seed=seed,
        trained_on=tuple(Source(file=file, n=n, licence=LICENCES[file]) for file, n in rows.items()),
        measured_on=ON_DEV,
        figures=tuple(figures),
        chosen=one.chosen,
        confusions=tuple(confusions),
        counted_on=COUNTED.get(one.head.name, ""),
        calibration=tuple(calibration),
    )


def code_version() -> str:
    """Version of this package."""
    try:
        return version("guidance-atlas")
    except PackageNotFoundError:
        return "unknown"
