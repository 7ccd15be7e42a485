"""The two things that labelling does with a run root: write a sheet, and read one back into cards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import polars as pl

from guidance_atlas.contracts import CleanTurns, Screened, Verdicts
from guidance_atlas.errors import SettingsError, SourceError, StoreError
from guidance_atlas.heads import screen
from guidance_atlas.heads.cards import Card, cards_folder, write_card
from guidance_atlas.heads.confusion import Confusion
from guidance_atlas.heads.errors_in_use import cards_in
from guidance_atlas.heads.measure import Figure
from guidance_atlas.heads.weights import read_head
from guidance_atlas.labelling.compare import let_go, pair_up
from guidance_atlas.labelling.draw import Draw, draw_rows, read_draw
from guidance_atlas.labelling.errors import COUNTERS, count_errors, in_use
from guidance_atlas.labelling.figures import figures_of
from guidance_atlas.labelling.sheet import (
    NEXT_STEPS,
    Fault,
    Labelled,
    default_path,
    read_labels,
    read_rows,
    write_new,
)
from guidance_atlas.labelling.tables import LastRun, last_run
from guidance_atlas.labelling.text import readable
from guidance_atlas.settings import Settings
from guidance_atlas.store import disk_error, private_folder

OF_ALL = "of what the screen did not score, what glance let go is taken to be rightly let go"
OF_GUIDANCE = "of conversations that the run takes for guidance"


@dataclass(frozen=True)
class Drawn:
    """A sheet that was written: rows drawn of how many, by what the screen says; n_let_go could not be drawn."""

    path: Path
    n_guidance: int
    of_guidance: int
    n_others: int
    of_others: int
    n_let_go: int


@dataclass(frozen=True)
class Evaluated:
    """What own labels say of the heads. used says of each measure how many labels it has, and whether they do."""

    draw: str
    n_rows: int
    n_used: int
    n_unanswered: int
    n_missing: int  # drawn, but no more in the sheet
    faults: Sequence[Fault]
    figures: Mapping[str, Sequence[Figure]]
    measures: Sequence[tuple[str, str, int, bool]]  # head, measure, labels, whether a correction uses them
    cards: Path
    heads: Sequence[str]  # of which a card was written


def make_sheet(root: Path, settings: Settings, draw: Draw, *, out: Path | None = None) -> Drawn:
    """Draw conversations of the last run and write the sheet to label them in.

    Raises:
        HeadError: the screen's weights cannot be read.
        SettingsError: the run's secret is missing.
        StoreError: there is nothing to draw from, or the file is there already or cannot be written.
    """
    threshold = float(read_head(screen.NAME, folder=settings.heads.folder).fact("threshold"))
    with last_run(root, settings) as run:
        return write_sheet(run, draw, out or default_path(root, draw.name), threshold=threshold)


def write_sheet(run: LastRun, draw: Draw, path: Path, *, threshold: float) -> Drawn:
    """The same with the run's tables in hand."""
    screened = run.table(Screened)
    rows = draw_rows(screened, run.table(Verdicts), draw, threshold=threshold)
    if rows.is_empty():
        raise StoreError("the last run's screen scored no conversation, so there is none to label; run it on more logs")
    texts = readable(run.table(CleanTurns, rows["conversation_id"].to_list()))
    named = Draw(draw.how, rows.height, draw.seed).name
    chances = rows.select("conversation_id", "chance").iter_rows()
    write_new(path, ((name, chance, texts[name]) for name, chance in chances), draw=named)
    told, scored = rows["guidance"], screened.filter(pl.col("guidance").is_not_null())["guidance"]
    of_guidance = int(scored.sum())
    n_guidance = int(told.sum())
    return Drawn(path, n_guidance, of_guidance, rows.height - n_guidance, scored.len() - of_guidance, let_go(run))


def evaluate_labels(root: Path, settings: Settings, path: Path, *, out: Path | None = None) -> Evaluated:
    """Hold the last run against a sheet of own labels and write a card for each head that they tell of.

    Raises:
        HeadError: a shipped card cannot be read.
        SettingsError: the run's secret is missing, or out is where the shipped cards lie.
        SourceError: the sheet cannot be read, or no row of it can be used.
        StoreError: there is no finished run, or the cards cannot be written.
    """
    shipped = cards_folder(settings.heads.folder)
    folder = out or root / "cards"
    if folder.resolve() == shipped.resolve():
        raise SettingsError("the cards of own labels may not replace the heads' own; give another --out")
    rows = read_rows(path, with_text=False)
    labelled, faults = read_labels(rows)
    draw = _one_draw(path, labelled, faults)
    with last_run(root, settings) as run:
        pairs, strange = pair_up(labelled, run)
        scored = run.table(Screened)["guidance"].count()
        per_scored = let_go(run) / max(scored, 1)
    if not pairs:
        raise SourceError(f"no conversation of {path} is in the last run; use the root that it was drawn from")
    figures = {head: [one for one in found if one.n] for head, found in figures_of(pairs).items()}
    counted = count_errors(pairs, let_go_per_scored=per_scored)
    used = in_use(counted)
    on = f"own labels, {len(pairs)} conversations, draw {draw.name}"
    cards = [
        own_card(
            card,
            figures[card.head],
            [one.confusion for one in used if one.head == card.head],
            measured_on=on,
            seed=draw.seed,
        )
        for card in cards_in(shipped)
        if figures.get(card.head)
    ]
    _write(cards, folder, ours=out is None)
    in_cards = {one.confusion.measure for one in used}
    labels = {(one.head, one.confusion.measure): one.n_labels for one in counted}
    return Evaluated(
        draw=draw.name,
        n_rows=len(rows),
        n_used=len(pairs),
        n_unanswered=len(rows) - len(labelled) - len(faults),
        n_missing=max(draw.n - len({row["conversation_id"] for row in rows}), 0),
        faults=sorted([*faults, *strange], key=lambda one: one.row),
        figures={head: found for head, found in figures.items() if found},
        measures=[(head, measure, n, measure in in_cards) for (head, measure), n in labels.items()],
        cards=folder,
        heads=[card.head for card in cards],
    )


def own_card(
    shipped: Card, figures: Sequence[Figure], confusions: Sequence[Confusion], *, measured_on: str, seed: int
) -> Card:
    """The card of the same weights as the shipped one, measured on own labels."""
    everything = any(one.of_all for one in COUNTERS if one.head == shipped.head)
    return Card(
        id=shipped.id,
        head=shipped.head,
        encoder=shipped.encoder,
        code=version("guidance-atlas"),
        made_on=datetime.now(UTC).date().isoformat(),
        seed=seed,
        trained_on=shipped.trained_on,
        measured_on=measured_on,
        figures=tuple(figures),
        chosen={},
        confusions=tuple(confusions),
        counted_on=f"{measured_on}, weighted back; " + (OF_ALL if everything else OF_GUIDANCE),
    )


def _one_draw(path: Path, labelled: Sequence[Labelled], faults: Sequence[Fault]) -> Draw:
    draws = {one.draw for one in labelled}
    if not draws and faults:
        first = faults[0]
        raise SourceError(
            f"no row of {path} can be used, {len(faults)} are set aside; "
            f"the first is row {first.row}, {first.column}: {NEXT_STEPS[first.code]}"
        )
    if not draws:
        raise SourceError(f"nothing is answered in {path}; fill it in, or run guidance-atlas label --terminal")
    draw = read_draw(next(iter(draws)))
    if len(draws) > 1 or draw is None:
        raise SourceError(f"{path} holds rows of {len(draws)} draws, whose weights do not go together; evaluate each")
    return draw


def _write(cards: Sequence[Card], folder: Path, *, ours: bool) -> None:
    try:
        if ours:
            private_folder(folder)  # few labels stand behind some of these numbers
        for card in cards:
            write_card(card, folder=folder)
    except OSError as error:
        raise disk_error(folder / "cards", error) from None
