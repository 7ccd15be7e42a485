"""The export gate on worlds: what it withholds, how long it takes, and what an attacker proves of the result.

    guidance-atlas sample world --conversations 600 && guidance-atlas run world/logs --root atlas
    python bench/gate.py atlas --rules 10/1 25/5 --tries 600

Reads the exact cells of finished runs (roots, or parquet files of cells). Prints a row for each world and each pair of
rules (people / rounding): conversations, cells shown of those with enough people on both sides, guarded sides of cells,
how many of them the attack tried against all equations at once, how many it told more nearly than was promised (this
must be 0; the exit status is 1 if it is not) with the upper end of a 95 % Wilson interval, the same of the two rarer
kinds (few people with many conversations; one leads), and seconds of processor time for gate and attack.
"""

import argparse
import sys
import time
from pathlib import Path

import polars as pl

from guidance_atlas.attack import KEY, attack
from guidance_atlas.contracts import Cells, ClusterNames
from guidance_atlas.databases import read_internal
from guidance_atlas.intervals import Z
from guidance_atlas.stages.protect import LEADING, protect

SEED = 7
KINDS = ("1 to k - 1", "few with many", "one leads")
HEAD = (
    "conversations",
    "rules",
    "cells shown",
    *(f"{kind}: guarded, tried, told (95 %)" for kind in KINDS),
    "gate",
    "attack",
)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("worlds", type=Path, nargs="+", help="roots of runs, or parquet files of cells")
    parser.add_argument("--rules", nargs="+", default=["10/1", "25/5"], help="people/rounding")
    parser.add_argument("--tries", type=int, default=100_000, help="guarded sides to try, drawn evenly; 0: none")
    options = parser.parse_args()
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
    wrong = 0
    for world in options.worlds:
        read = pl.read_parquet(world) if world.suffix == ".parquet" else read_internal(world, "cells")["cells"]
        cells = Cells.validate(read, cast=True)
        for rules in options.rules:
            least, base = map(int, rules.split("/"))
            cost, public = timed(protect, cells, ClusterNames.create_empty(), least_people=least, round_to=base)
            counts = f"{people_of(cells):,}", rules, "{1:,} of {0:,}".format(*shown_of(cells, public, least))
            if not options.tries:
                print("| " + " | ".join((*counts, *["not tried"] * len(KINDS), f"{cost:.1f} s", "none")) + " |")
                continue
            asked = guarded(cells, least)
            drawn = asked.sample(min(options.tries, asked.height), seed=SEED)
            attack_cost, found = timed(attack, public, base, drawn.height, least_people=least, among=drawn)
            found = found.join(asked, on=[*KEY, "side"])
            wrong += told(found).height + outside(found).height
            kinds = (summary(found.filter(kind=kind)) for kind in KINDS)
            print("| " + " | ".join((*counts, *kinds, f"{cost:.1f} s", f"{attack_cost:.0f} s")) + " |", flush=True)
            if not outside(found).is_empty():
                print(
                    f"{outside(found).height} outside the limits that the attack takes for proven: the attack is wrong"
                )
    sys.exit(wrong > 0)


def timed(of, *args, **named):
    started = time.process_time()
    found = of(*args, **named)
    return time.process_time() - started, found


def people_of(cells):
    return cells.filter(cut="funnel", measure="kept")["numerator"].item()


def told(found):
    return found.filter(~pl.col("can_be_low") | ~pl.col("can_be_high"))


def outside(found):
    return found.filter(~pl.col("value").is_between("low", "high"))


def summary(some):
    n = some["can_be_low"].is_not_null().sum()
    k = told(some).height
    return f"{some.height:,}, {n:,}, {k} (up to {most(k, n):.2%})" if n else f"{some.height:,}, 0"


def shown_of(cells, public, least):
    """Cells with enough people on both sides, and those of them that are shown."""
    rest = pl.col("n_people").cast(pl.Int64) - pl.col("n_people_counted").cast(pl.Int64)
    enough = (pl.col("n_people") >= least) & (pl.col("n_people_counted") >= least)
    enough &= pl.col("denominator").is_null() | (rest >= least)
    both = cells.filter(enough).join(public.select(*KEY, "status"), on=KEY)
    return both.height, (both["status"] == "shown").sum()


def guarded(cells, least):
    """Every side that few people are behind, or that one leads, with its kind and the ends it must reach (0008)."""
    whole, part = ("denominator", "n_people", "n_most"), ("numerator", "n_people_counted", "n_most_counted")
    share = pl.col("denominator").is_not_null()
    plain = ("numerator", "n_people", "n_most")
    sides = pl.concat(
        [
            _side(cells.filter(share), "numerator", *part),
            _side(cells.filter(share), "denominator", *whole),
            _side(cells.filter(share), "rest", *whole, less=part),
            _side(cells.filter(~share), "numerator", *plain),
        ]
    )
    width, most = least - 2, max(LEADING, 1 / least)
    few = pl.col("people") < least
    led = pl.col("most") > most * pl.col("value")
    ends = sides.filter(pl.col("value") > 0, few | led).with_columns(
        kind=pl.when(few & (pl.col("value") < least))
        .then(pl.lit("1 to k - 1"))
        .when(few)
        .then(pl.lit("few with many"))
        .otherwise(pl.lit("one leads")),
        down=pl.when(few).then(pl.max_horizontal(1, pl.col("value") - width)).otherwise("value").cast(pl.Float64),
        up=pl.when(few).then(pl.max_horizontal(least - 1, "value")).otherwise(pl.col("value") + width).cast(pl.Float64),
    )
    return ends.select(*KEY, "side", "value", "kind", "down", "up")


def _side(cells, side, value, people, most, less=None):
    """One side of each cell: conversations, people, and how many one person has (of a rest 0: nobody asks)."""

    def number(at):
        column = pl.col((value, people)[at]).cast(pl.Int64)
        return column - pl.col(less[at]).cast(pl.Int64) if less else column

    held = pl.lit(0, pl.Int64) if less else pl.col(most).cast(pl.Int64)
    return cells.select(*KEY, side=pl.lit(side), value=number(0), people=number(1), most=held)


def most(k, n):
    """Upper end of the Wilson interval (the docs' intervals are the same)."""
    return (k + Z**2 / 2 + Z * (k * (n - k) / max(n, 1) + Z**2 / 4) ** 0.5) / (n + Z**2) if n else 1.0


if __name__ == "__main__":
    main()
