"""The export gate on one world: what it withholds, how long it takes, and what an attacker proves of the result.

    guidance-atlas sample world --conversations 600 && guidance-atlas run world/logs --root atlas
    python bench/gate.py --root atlas --people 10 --tries 1500

Reads the exact cells of a finished run. Prints cells and counts, the shown share of cells with enough people by cut,
processor seconds, and of the guarded counts how many the attack tried against all equations at once, and how many it
told too nearly (this must be 0; the exit status is 1 if it is not).
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
from guidance_atlas.stages.protect import protect


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("atlas"))
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--round", type=int, default=1)
    parser.add_argument("--tries", type=int, default=1_500)
    options = parser.parse_args()
    cells = Cells.validate(read_internal(options.root, "cells")["cells"], cast=True)
    started = time.process_time()
    public = protect(cells, ClusterNames.create_empty(), least_people=options.people, round_to=options.round)
    print(f"{cells.height} cells, gate {time.process_time() - started:.1f} s of processor time")
    print(dict(public["status"].cast(pl.String).value_counts(sort=True).rows()))
    print(shown_by_cut(cells, public, options.people))
    started = time.process_time()
    found = attack(public, options.round, options.tries, least_people=options.people)
    told = guarded(found, cells, options.people)
    tried = told.filter(pl.col("can_be_low").is_not_null())
    narrow = tried.filter(~pl.col("can_be_low") | ~pl.col("can_be_high")).height
    print(
        f"{told.height} guarded, {tried.height} tried jointly ({tried.height / max(told.height, 1):.0%}), "
        f"{narrow} told too nearly (up to {most(narrow, tried.height):.2%} of all, 95 %), "
        f"attack {time.process_time() - started:.0f} s"
    )
    sys.exit(narrow > 0)


def shown_by_cut(cells, public, least):
    rest = pl.col("n_people").cast(pl.Int64) - pl.col("n_people_counted").cast(pl.Int64)
    enough = (pl.col("n_people") >= least) & (pl.col("n_people_counted") >= least)
    enough &= pl.col("denominator").is_null() | (rest >= least)
    both = cells.filter(enough).join(public.select(*KEY, "status"), on=KEY)
    return both.group_by("cut").agg(enough=pl.len(), shown=(pl.col("status") == "shown").sum()).sort("cut")


def guarded(found, cells, least):
    """Withheld counts of 1 to least - 1 conversations: what they must be able to be is known of them."""
    value = (
        pl.when(pl.col("side") == "numerator")
        .then("numerator")
        .when(pl.col("side") == "denominator")
        .then("denominator")
        .otherwise(pl.col("denominator") - pl.col("numerator"))
    )
    return found.join(cells, on=KEY).filter(value.cast(pl.Int64).is_between(1, least - 1))


def most(k, n):
    """Upper end of the Wilson interval (the docs' intervals are the same)."""
    return (k + Z**2 / 2 + Z * (k * (n - k) / max(n, 1) + Z**2 / 4) ** 0.5) / (n + Z**2) if n else 1.0


if __name__ == "__main__":
    main()
