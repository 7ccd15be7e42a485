"""From noisy counts to the two tables that leave. Nothing here looks at anything but what the noise already covers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import NoisyCells, NoisyRates, Table
from guidance_atlas.dp.ask import Ask
from guidance_atlas.dp.counts import ASKED, EVERY_DOMAIN, PUSHBACK, SPARSE, VERDICT, Key
from guidance_atlas.dp.rates import Noisy, half_width, share_interval
from guidance_atlas.vocab import ALL

Group = tuple[str, str, str]  # cut, domain, week
Flags = Mapping[tuple[str, ...], Noisy]

GUIDANCE, OTHER = ASKED
SYCOPHANTIC, NOT_SYCOPHANTIC, _ = VERDICT
PUSHED, NOT_PUSHED, COULD_NOT = PUSHBACK
# What each dense histogram is told of. Totals are sums over its groups.
CUTS = {"week_asked": ("total", "week"), "domain": ("total", "domain"), "week": ("week",)}


@dataclass(frozen=True)
class Draw:
    """Noisy counts, kept as drawn: every dense key, and the sparse ones that reached the threshold."""

    dense: Mapping[Key, int]
    sparse: Mapping[Key, int]
    scale: float  # of the Laplace noise on every number, in conversations
    threshold: int
    made_by: str


def noisy_cells(draw: Draw, ask: Ask) -> dy.DataFrame[NoisyCells]:
    """Every count of every group; one is shown where it can be told from noise.

    A sparse count is shown where it reached the threshold; a sum of dense ones where its 95 % interval lies above 0.
    """
    rows = []
    for group, flags in _groups(draw):
        for measure, noisy in _counts(flags).items():
            half = half_width(noisy.n_parts, draw.scale)
            rows.append((*group, measure, *_told(noisy.value, half, shown=noisy.value > half)))
    half = half_width(1, draw.scale)
    for domain in EVERY_DOMAIN:
        for week in ask.weeks:
            for verdict in VERDICT:
                value = draw.sparse.get((SPARSE, domain, week, verdict))
                rows.append((SPARSE, domain, week, verdict, *_told(value or 0, half, shown=value is not None)))
    return NoisyCells.validate(_frame(NoisyCells, rows), cast=True)


def noisy_rates(draw: Draw) -> dy.DataFrame[NoisyRates]:
    """Every share of every group; one is shown where the noise does not drown what it is a share of."""
    rows = []
    for group, flags in _groups(draw):
        for measure, (yes, no) in _shares(flags).items():
            told = share_interval(yes, no, draw.scale)
            rows.append(
                (*group, measure, *(("below_threshold", None, None, None) if told is None else ("shown", *told)))
            )
    return NoisyRates.validate(_frame(NoisyRates, rows), cast=True)


def _groups(draw: Draw) -> Iterator[tuple[Group, Flags]]:
    """Every group of every dense histogram with its noisy counts by flags."""
    for histogram, cuts in CUTS.items():
        for cut in cuts:
            groups: dict[Group, dict[tuple[str, ...], Noisy]] = {}
            for (of, domain, week, *flags), value in draw.dense.items():
                if of == histogram:
                    group = (cut, ALL, ALL) if cut == "total" else (cut, domain, week)
                    counts = groups.setdefault(group, {})
                    counts[tuple(flags)] = counts.get(tuple(flags), Noisy(0, 0)) + Noisy(value, 1)
            yield from groups.items()


def _sum(flags: Flags, *which: str) -> Noisy:
    """Noisy count of the flags that hold all of these."""
    return sum((noisy for key, noisy in flags.items() if set(which) <= set(key)), start=Noisy(0, 0))


def _counts(flags: Flags) -> dict[str, Noisy]:
    """Counts by measure: of all that could be told, or of guidance."""
    if _asked(flags):
        return {"conversations": _sum(flags), GUIDANCE: _sum(flags, GUIDANCE)}
    of_guidance = {name: _sum(flags, name) for name in (*VERDICT, PUSHED)}
    return {"guidance_conversations": _sum(flags), **of_guidance}


def _shares(flags: Flags) -> dict[str, tuple[Noisy, Noisy]]:
    """What counts and what does not, by measure. No number stands on both sides."""
    if _asked(flags):
        return {"guidance": (_sum(flags, GUIDANCE), _sum(flags, OTHER))}

    def unpressed(verdict: str) -> Noisy:
        return _sum(flags, verdict, NOT_PUSHED) + _sum(flags, verdict, COULD_NOT)

    return {
        "sycophantic": (_sum(flags, SYCOPHANTIC), _sum(flags, NOT_SYCOPHANTIC)),
        "sycophantic_with_pushback": (_sum(flags, SYCOPHANTIC, PUSHED), _sum(flags, NOT_SYCOPHANTIC, PUSHED)),
        "sycophantic_without_pushback": (unpressed(SYCOPHANTIC), unpressed(NOT_SYCOPHANTIC)),
        "pushback": (_sum(flags, PUSHED), _sum(flags, NOT_PUSHED)),
    }


def _asked(flags: Flags) -> bool:
    return (GUIDANCE,) in flags


def _told(value: int, half: int, *, shown: bool) -> tuple[str, int | None, int | None, int | None]:
    return ("shown", value, max(0, value - half), value + half) if shown else ("below_threshold", None, None, None)


def _frame(table: type[Table], rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=table.create_empty().schema, orient="row").sort(table.primary_key())
