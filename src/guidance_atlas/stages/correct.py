"""Rates lose the errors of the heads: every protected share with what its card says about its mistakes taken out."""

from collections.abc import Iterator
from typing import TypeVar

import dataframely as dy
import numpy as np
import polars as pl

from guidance_atlas.contracts import AtlasCells, AtlasRates, PublicCells, PublicRates, Table
from guidance_atlas.correction import Corrected, corrected_share, corrected_shares
from guidance_atlas.heads.confusion import NONE, Errors
from guidance_atlas.vocab import ALL, DOMAINS, STAKES

T = TypeVar("T", bound=Table)
KEY = ["cut", "domain", "week", "model", "facet", "measure"]
GROUP = ["cut", "domain", "week", "model"]
NUMBERS = ("corrected", "corrected_low", "corrected_high")
PLAIN = ("conversations", "guidance_conversations")
SLICED = ("language", "cluster")  # cuts whose facet is the language or the cluster
SEED = 7


def correct_inside(atlas_cells: dy.DataFrame[AtlasCells], *, errors: Errors) -> dy.DataFrame[AtlasRates]:
    """The rates that analysts inside see, corrected. One row per cell that is a share."""
    return _rates(atlas_cells, errors, returns=AtlasRates)


def correct(public_cells: dy.DataFrame[PublicCells], *, errors: Errors) -> dy.DataFrame[PublicRates]:
    """The rates that may leave, corrected. One row per cell that is a share.

    Only numbers that are shown anyway and the heads' cards go in, so nothing more is told about anyone.
    """
    return _rates(public_cells, errors, returns=PublicRates)


def _rates(cells: pl.DataFrame, errors: Errors, *, returns: type[T]) -> dy.DataFrame[T]:
    shares = cells.filter(pl.col("cut") != "funnel", ~pl.col("measure").is_in(PLAIN)).with_row_index("row")
    # Withheld ones have no denominator either.
    asked = shares.filter(pl.col("denominator") > 0).with_columns(pl.col("numerator", "denominator").cast(pl.Int64))
    pieces = [*_flags(asked, errors), *_domains(cells, asked, errors), *_levels(asked, errors)]
    answered = pl.concat([_answers(shares["row"].clear(), "", _nothing(0)), *pieces])
    rates = shares.select("row", *KEY, "status", "share").join(answered, on="row", how="left")
    state = (
        pl.when(pl.col("status") != "shown")
        .then(pl.lit("withheld"))
        .when(pl.col("share").is_null())
        .then(pl.lit("nothing_asked"))
        .when(pl.col("card").is_null())
        .then(pl.lit("not_measured"))
        .when(pl.col("corrected").is_null())
        .then(pl.lit("not_estimable"))
        .otherwise(pl.lit("corrected"))
    )
    told_by = pl.col("measure").replace_strict(errors.cards, default=None, return_dtype=pl.String)
    rates = rates.with_columns(state=state, card=pl.coalesce("card", told_by))
    return returns.validate(rates.select(list(returns.columns())).sort(KEY), cast=True)


def _flags(asked: pl.DataFrame, errors: Errors) -> Iterator[pl.DataFrame]:
    """Yes-or-no labels, all groups of one confusion together."""
    value = pl.when(pl.col("cut").is_in(SLICED)).then(pl.lit(ALL)).otherwise("facet").alias("value")
    for (measure, facet, domain), group in asked.with_columns(value).group_by(
        "measure", "value", "domain", maintain_order=True
    ):
        found = errors.of(str(measure), str(facet), str(domain))
        if found is None or len(found[1].classes) != 2:
            continue
        counts = group.select("numerator", "denominator").to_numpy()
        yield _answers(group["row"], found[0], corrected_share(counts[:, 0], counts[:, 1], found[1].table, seed=SEED))


def _domains(cells: pl.DataFrame, asked: pl.DataFrame, errors: Errors) -> Iterator[pl.DataFrame]:
    """Domains of each week and model: what is no guidance at all takes part in the mixture.

    A group whose domains are not all shown has the rest of its guidance spread evenly over the others.
    """
    found = errors.of("domain_share")
    if found is None:
        return
    card, confusion = found
    others = _others_per_guidance(cells)
    groups, mixtures = [], []
    for (week, model), group in asked.filter(pl.col("measure") == "domain_share").group_by(
        "week", "model", maintain_order=True
    ):
        ratio = next(
            (others[key] for key in ((week, model), (week, ALL), (ALL, model), (ALL, ALL)) if key in others), None
        )
        if ratio is None:
            yield _answers(group["row"], card, _nothing(group.height))
            continue
        whole = int(group["denominator"].max())  # type: ignore[arg-type]
        counts = _of_one_whole(group, "domain")
        hidden = [name for name in DOMAINS if name not in counts]
        each = max(whole - sum(counts.values()), 0) // max(len(hidden), 1)
        counts |= dict.fromkeys(hidden, each) | {NONE: round(whole * ratio)}
        groups.append(group)
        mixtures.append([counts[name] for name in confusion.classes])
    if groups:
        answer = corrected_shares(
            np.array(mixtures, dtype=np.int64), confusion.table, seed=SEED, outside=confusion.classes.index(NONE)
        )
        yield from _by_class(groups, "domain", card, confusion.classes, answer)


def _others_per_guidance(cells: pl.DataFrame) -> dict[tuple[str, str], float]:
    """How many conversations that are no guidance come on one that is, by week and model, where both are shown.

    No cell tells it of the weeks of one model, nor of groups in which there is no guidance.
    """
    told = cells.filter(
        pl.col("measure") == "guidance", pl.col("cut").is_in(["total", "week", "model"]), pl.col("numerator") > 0
    ).with_columns(pl.col("numerator", "denominator").cast(pl.Float64))
    ratio = pl.col("denominator") / pl.col("numerator") - 1
    return {(week, model): others for week, model, others in told.select("week", "model", ratio).rows()}


def _levels(asked: pl.DataFrame, errors: Errors) -> Iterator[pl.DataFrame]:
    """Stakes of each group: three levels that exclude each other; nothing can be said where one is withheld."""
    stakes = asked.filter(pl.col("measure") == "stakes")
    for (domain,), of_domain in stakes.group_by("domain", maintain_order=True):
        found = errors.of("stakes", ALL, str(domain))
        if found is None:
            continue
        card, confusion = found
        every = [group for _, group in of_domain.group_by(GROUP, maintain_order=True)]
        groups = [group for group in every if group.height == len(STAKES)]
        yield from (
            _answers(group["row"], card, _nothing(group.height)) for group in every if group.height < len(STAKES)
        )
        if groups:
            counts = [_of_one_whole(group, "facet") for group in groups]
            mixtures = np.array([[one[name] for name in confusion.classes] for one in counts], dtype=np.int64)
            answer = corrected_shares(mixtures, confusion.table, seed=SEED)
            yield from _by_class(groups, "facet", card, confusion.classes, answer)


def _of_one_whole(group: pl.DataFrame, column: str) -> dict[str, int]:
    """Counts that go together, by class: rows of a release may be told at different times, of different wholes."""
    counts = pl.col("numerator") * pl.col("denominator").max() / pl.col("denominator")
    return dict(group.select(column, counts.round().cast(pl.Int64)).rows())


def _by_class(
    groups: list[pl.DataFrame], column: str, card: str, classes: tuple[str, ...], answer: Corrected
) -> Iterator[pl.DataFrame]:
    """Rows of each group with the answers of the classes that stand in a column."""
    place = {name: at for at, name in enumerate(classes)}
    for at, group in enumerate(groups):
        of = [place[name] for name in group[column]]
        yield _answers(group["row"], card, Corrected(answer.share[at, of], answer.low[at, of], answer.high[at, of]))


def _nothing(n: int) -> Corrected:
    return Corrected(*(np.full(n, np.nan) for _ in NUMBERS))


def _answers(rows: pl.Series, card: str, answer: Corrected) -> pl.DataFrame:
    numbers = dict(zip(NUMBERS, (answer.share, answer.low, answer.high), strict=True))
    frame = pl.DataFrame({"row": rows, **numbers}, schema_overrides=dict.fromkeys(NUMBERS, pl.Float64))
    some = pl.col("corrected").is_not_nan()
    return frame.select(
        "row", pl.lit(card).alias("card"), *(pl.when(some).then(pl.col(name)).alias(name) for name in NUMBERS)
    )
