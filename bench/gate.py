"""The export gate on one world: what it withholds, how long it takes, and what an attacker proves of the result.

    guidance-atlas sample world --conversations 600 && guidance-atlas run world/logs --root atlas
    python bench/gate.py --root atlas --people 10

Reads the exact cells of a finished run (or of --cells, a parquet file of them). Prints cells by status, the shown share
of cells with enough people by cut, and processor seconds; then, by kind of guarded count, how many the attack tried
against all equations at once, and how many it told more nearly than was promised (this must be 0; the exit status is 1
if it is not), and how many lie outside the limits that the attack takes for proven (0, else the attack is wrong).
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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("atlas"))
    parser.add_argument("--cells", type=Path)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--round", type=int, default=1)
    parser.add_argument("--tries", type=int, default=100_000, help="guarded counts to try, drawn evenly")
    parser.add_argument("--gate-only", action="store_true")
    options = parser.parse_args()
    read = pl.read_parquet(options.cells) if options.cells else read_internal(options.root, "cells")["cells"]
    cells = Cells.validate(read, cast=True)
    started = time.process_time()
    public = protect(cells, ClusterNames.create_empty(), least_people=options.people, round_to=options.round)
    print(f"{cells.height} cells, gate {time.process_time() - started:.1f} s of processor time")
    print(dict(public["status"].cast(pl.String).value_counts(sort=True).rows()))
    print(shown_by_cut(cells, public, options.people).rows(), flush=True)
    if not options.gate_only:
        sys.exit(attacked(cells, public, options) > 0)


def attacked(cells, public, options):
    """Print what the attack proves; return how many counts it tells too nearly."""
    asked = guarded(cells, options.people)
    started = time.process_time()
    drawn = asked.sample(min(options.tries, asked.height), seed=SEED)
    found = attack(public, options.round, drawn.height, least_people=options.people, among=drawn)
    found = found.join(asked, on=[*KEY, "side"])
    narrow = ~pl.col("can_be_low") | ~pl.col("can_be_high")
    for (kind,), some in found.group_by("kind", maintain_order=True):
        tried = some.filter(pl.col("can_be_low").is_not_null())
        told = tried.filter(narrow).height
        print(
            f"{kind}: {some.height} guarded, {tried.height} tried jointly, {told} told too nearly "
            f"(up to {most(told, tried.height):.2%} of all, 95 %)"
        )
    false = found.filter(~pl.col("value").is_between("low", "high")).height
    print(f"{false} outside their limits, attack {time.process_time() - started:.0f} s of processor time", flush=True)
    print(found.filter(narrow).group_by("cut", "side", "kind").len().rows())
    return found.filter(narrow).height + false


def shown_by_cut(cells, public, least):
    rest = pl.col("n_people").cast(pl.Int64) - pl.col("n_people_counted").cast(pl.Int64)
    enough = (pl.col("n_people") >= least) & (pl.col("n_people_counted") >= least)
    enough &= pl.col("denominator").is_null() | (rest >= least)
    both = cells.filter(enough).join(public.select(*KEY, "status"), on=KEY)
    return both.group_by("cut").agg(enough=pl.len(), shown=(pl.col("status") == "shown").sum()).sort("cut")


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
