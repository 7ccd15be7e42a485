"""What people see in a terminal: tables on standard output, progress on standard error, JSON on request."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import polars as pl
from rich.console import Console, Group
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table as Grid

from guidance_atlas.batch import Progress as Progressed
from guidance_atlas.batch import Ran

_WIDTH = 10_000  # columns, where the output is no terminal: tables are as wide as they are
_FIGURES = ("guidance F1", "domain accuracy", "sycophantic AUC")  # of the heads, told under every answer
_ROWS = 200  # rows of an answer that are printed
_LABELLED, _CORRECTED = ("share", "low", "high"), ("corrected", "corrected_low", "corrected_high")
_NOT_CORRECTED = {
    "withheld": "withheld",
    "nothing_asked": "none judged",
    "not_measured": "not measured",
    "not_estimable": "not estimable",
}

_WORDS = """\
few_people: too few stand behind it; dominance: one person holds too much of it; complementary: it would give such a
number away.
corrected: the labels' errors taken out; not estimable: the labels are too weak, or their errors do not fit here.
"""
_INTERVALS = """\
Intervals are 95 %. Before correction: chance in people only. Corrected: that, and chance in the labelled conversations
that the errors were measured on. How good the labels are, on development data:"""


def console() -> Console:
    """Standard output; nothing is folded when it is no terminal."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)


@contextmanager
def watching(n_bytes: int | None) -> Iterator[Callable[[Progressed], None]]:
    """Show how far a run is, with the time left where the input's size is known; silent when nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _progress: None
        return
    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    ]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=n_bytes)
        started = perf_counter()

        def show(progress: Progressed) -> None:
            pace = progress.n_records / max(perf_counter() - started, 1e-9)
            said = f"{progress.n_records + progress.n_stored:,} records, {pace:,.0f}/s"
            bar.update(task, completed=progress.n_bytes, description=said)

        yield show


def show_answer(root: Path, ran: Ran, *, as_json: bool) -> None:
    """Print what became of the records, how far conversations came, the domain table, and where the files are.

    The first table is about files and is exact; the others are about people and come from protected cells.
    """
    from guidance_atlas.databases import ask_atlas, read_internal
    from guidance_atlas.stages.ingest.codes import CODES

    records = (
        read_internal(root, "roster_counts")["roster_counts"]
        .group_by("outcome", "code")
        .agg(records=pl.col("n_records").sum())
        .with_columns(next_step=pl.col("code").replace_strict(CODES, default=None, return_dtype=pl.String))
        .sort("records", "outcome", "code", descending=[True, False, False])
    )
    funnel, domains = ask_atlas(root, "from funnel"), ask_atlas(root, "from by_domain")
    headline = ask_atlas(root, "from overview where measure in ('guidance', 'sycophantic', 'pushback')")
    if as_json:
        tables = {"records": records, "funnel": funnel, "headline": headline, "domains": domains}
        _print_json(asdict(ran) | {name: table.to_dicts() for name, table in tables.items()})
        return
    out = console()
    told = records if records["next_step"].is_not_null().any() else records.drop("next_step")
    out.print(grid(told, f"What became of {ran.n_records:,} records"))
    reading = ("read", "duplicate", "quarantined", "sampled_out")
    out.print(grid(funnel.filter(~pl.col("step").is_in(reading)), "How far the kept conversations came"))
    out.print(grid(domains.select(_short(domains)), "Guidance by domain, in %"))
    out.print(_WORDS)
    for row in headline.iter_rows(named=True):
        out.print(_sentence(row))
    out.print(_INTERVALS)
    for figure in ask_atlas(root, "from cards").filter(pl.col("figure").is_in(_FIGURES)).iter_rows(named=True):
        interval = f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
        out.print(f"{figure['figure']:>16}: {interval}, n={figure['n']}")
    out.print(_leaks(ran.residual_leaks))
    out.print(f"\n{ran.n_parts_worked} of {ran.n_parts} parts worked on, {ran.seconds} s", end="")
    out.print("" if ran.changed else "; nothing had changed")
    out.print(f"ask:     guidance-atlas sql --root {escape(str(root))}", soft_wrap=True)
    release = ran.release or ran.refused or "none"
    out.print(f"atlas:   {escape(ran.atlas)}\nrelease: {escape(release)}", soft_wrap=True)


def _leaks(found: Mapping[str, float]) -> str:
    shares = "{share:.1%} ({low:.1%} to {high:.1%})".format(**found)
    return (
        f"Masking let through {shares} of {found['n_planted']:,} planted names and numbers;\nby kind and locale: "
        "residual_leaks in internal.duckdb."
    )


def _sentence(row: Mapping[str, Any]) -> str:
    measure = row["measure"]
    told = {"guidance": "ask for guidance", "sycophantic": "are sycophantic", "pushback": "have pushback"}[measure]
    of = {"guidance": "in a known language", "sycophantic": "judged", "pushback": "where there could be any"}[measure]
    if row["share"] is None:
        return f"{told:>16}: {'no conversation to say it of' if row['status'] == 'shown' else 'too few people to say'}"
    labelled, corrected = (
        None if row[names[0]] is None else "{:.1%} ({:.1%} to {:.1%})".format(*(row[name] for name in names))
        for names in (_LABELLED, _CORRECTED)
    )
    return (
        f"{told:>16}: {labelled} of {row['of_conversations']:,} {of}; "
        f"corrected {corrected or _NOT_CORRECTED[row['state']]}"
    )


def _short(domains: pl.DataFrame) -> list[pl.Expr]:
    """The columns of the domain table as people read them: a share with its interval, or why there is none."""

    def told(names: Sequence[str], otherwise: pl.Expr) -> pl.Expr:
        numbers = [(pl.col(name) * 100).round(1).cast(pl.String) for name in names]
        return pl.coalesce(pl.format("{} ({}–{})", *numbers), otherwise)

    def labelled(prefix: str, none: str) -> pl.Expr:
        status = pl.col(f"{prefix}status")
        why = pl.when(status == "shown").then(pl.lit(none)).otherwise(status)
        return told([prefix + name for name in _LABELLED], why)

    def corrected(prefix: str, none: str) -> pl.Expr:
        words = _NOT_CORRECTED | {"nothing_asked": none}
        why = pl.col(f"{prefix}state").replace_strict(words, default=None, return_dtype=pl.String)
        return told([prefix + name for name in _CORRECTED], why)

    return [
        pl.col("domain"),
        labelled("", "no guidance").alias("share of guidance"),
        corrected("", "no guidance").alias("corrected share"),
        pl.col("conversations").alias("found"),
        labelled("sycophantic_", "none judged").alias("sycophantic rate"),
        corrected("sycophantic_", "none judged").alias("corrected rate"),
        pl.col("judged"),
    ]


def show_plan(rows: Sequence[Mapping[str, str]], *, as_json: bool) -> None:
    """Print the data flow."""
    if as_json:
        _print_json(list(rows))
    else:
        console().print(
            grid(pl.DataFrame(list(rows)), "The way of the data (a gate is the only place where exposure may fall)")
        )


def show_status(root: Path, *, as_json: bool) -> None:
    """Print what the last run came to and whether one is at work."""
    from guidance_atlas.batch import status

    _print_pairs(status(root), as_json=as_json)


def show_export(found: Mapping[str, Any], *, as_json: bool) -> None:
    """Print where a release was written and what it withholds."""
    _print_pairs(found, as_json=as_json)


def show_forgotten(told: Mapping[str, Any], *, as_json: bool) -> None:
    """Print what a forgetting came to, and what it cannot reach."""
    if as_json:
        _print_json(told)
        return
    lists = {"rows": ", ".join(f"{name} {n}" for name, n in told["rows"].items())}
    lists["releases_that_may_count_them"] = ", ".join(told["releases_that_may_count_them"])
    _print_pairs({**told, **{name: text or "none" for name, text in lists.items()}}, as_json=False)
    console().print("releases already written, backups, copies and the logs themselves are not reached by this")


def show_world(world: object, *, as_json: bool) -> None:
    """Print what a sample world holds."""
    assert is_dataclass(world)
    assert not isinstance(world, type)
    _print_pairs(asdict(world), as_json=as_json)


def show_cards(cards: Sequence[Any]) -> None:
    """Print the heads that were trained, with every figure measured of them."""
    for card in cards:
        console().print(f"{card.id}, trained on {sum(source.n for source in card.trained_on):,} rows")
        show_figures({card.head: card.figures}, as_json=False)


def show_figures(figures: Mapping[str, Sequence[Any]], *, as_json: bool) -> None:
    """Print figures by head: value, 95 % interval, rows, and the floor where there is one."""
    from guidance_atlas.heads.yardsticks import FLOORS

    rows = [
        {
            "head": head,
            "figure": f.name,
            "value": f.value,
            "low": f.low,
            "high": f.high,
            "n": f.n,
            "floor": FLOORS.get(f.name),
        }
        for head, found in figures.items()
        for f in found
    ]
    if as_json:
        _print_json(rows)
    else:
        console().print(grid(pl.DataFrame(rows, infer_schema_length=None), None))


def show_frame(frame: pl.DataFrame, *, as_json: bool) -> None:
    """Print an answer; of a long one the first rows, and how many there are."""
    if as_json:
        _print_json(frame.to_dicts())
        return
    console().print(grid(frame.head(_ROWS), None))
    if frame.height > _ROWS:
        console().print(f"{_ROWS} of {frame.height:,} rows; add a limit or --json to see others")


def show_checks(faults: Sequence[Any], *, as_json: bool) -> None:
    """Print what the checks found.

    Raises:
        CheckError: they found anything.
    """
    from guidance_atlas.errors import CheckError

    if as_json:
        _print_json([{"check": f.name, "table": f.table, "rows": f.rows.to_dicts()} for f in faults])
    for fault in faults if not as_json else ():
        console().print(grid(fault.rows.head(_ROWS), f"{fault.name} on {fault.table}"))
    if faults:
        raise CheckError(f"{len(faults)} checks found faults; the tables above hold them")
    if not as_json:
        console().print("no check found a fault")


def ask_in_turn(root: Path) -> None:
    """Read queries from standard input, one a line, and answer each; a wrong one does not end the prompt."""
    from guidance_atlas.errors import AtlasError
    from guidance_atlas.publish import ask_atlas

    show_frame(ask_atlas(root, "show tables"), as_json=False)
    while True:
        try:
            query = input("atlas> " if sys.stdin.isatty() else "").strip()
        except EOFError:
            return
        if query in {"exit", "quit", ".exit", ".quit"}:
            return
        if query:
            try:
                show_frame(ask_atlas(root, query), as_json=False)
            except AtlasError as error:
                sys.stderr.write(f"{error}\n")


def grid(frame: pl.DataFrame, title: str | None = None) -> Group:
    """Lay a frame out as a table; what comes from outside is printed as it is, never as markup."""
    grid = Grid(expand=False)
    for name, dtype in frame.schema.items():
        grid.add_column(escape(name), justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in frame.iter_rows():
        grid.add_row(*(_cell(value) for value in row))
    return Group(*([f"\n[bold]{escape(title)}[/bold]"] if title else []), grid)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return escape("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value)))


def _print_pairs(pairs: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        _print_json(pairs)
        return
    out = console()
    for name, value in pairs.items():
        if isinstance(value, Mapping):
            value = ", ".join(f"{key} {_cell(one)}" for key, one in value.items()) or "none"
        out.print(f"{name.replace('_', ' '):<28} {_cell(value)}", soft_wrap=True)


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, indent=2, default=str, ensure_ascii=False) + "\n")
