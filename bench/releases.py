"""Release a growing world every week, and let somebody subtract each release from all before it.

    python bench/releases.py --conversations 5000 --seed 11

A sample world goes through the pipeline once. Then its conversations are counted and protected week after week as
weekly runs would do it, but for clusters, which stay those of the one run: `grow`, nothing but new weeks; `late`, one
conversation in a hundred comes a week late; `forget`, and one person with guidance is forgotten before every run from
the second on. For each the releases are made with and without the rule of stages/hold_back.py.

The attacker subtracts every cell of a release from the same cell of every earlier one, both as they were rounded, and
says by how many conversations it changed. Asked are the changes that fewer than the minimum of people made, counted
from the conversations themselves, in cells of domain, week and model. Where one of both is withheld, or the row stands
still, the attacker says what is right most often, which is also the blind guess. Right is within half of what counts
are rounded to.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import polars as pl

SECRET = "the secret of this benchmark"
os.environ["GUIDANCE_ATLAS_SECRET"] = SECRET

from guidance_atlas import contracts as c  # noqa: E402
from guidance_atlas.errors import ReleaseError  # noqa: E402
from guidance_atlas.intervals import with_share  # noqa: E402
from guidance_atlas.releases import refuse_too_little  # noqa: E402
from guidance_atlas.settings import load_settings  # noqa: E402
from guidance_atlas.sqlbook import SqlBook  # noqa: E402
from guidance_atlas.stages.aggregate import aggregate  # noqa: E402
from guidance_atlas.stages.carry_forward import carry_forward  # noqa: E402
from guidance_atlas.stages.hold_back import hold_back  # noqa: E402
from guidance_atlas.stages.protect import protect  # noqa: E402

TOOL = [sys.executable, "-m", "guidance_atlas"]
TABLES = (
    c.Roster, c.Conversations, c.Glanced, c.Screened, c.Labels, c.Events, c.TurnVerdicts, c.Verdicts, c.Clusters,
    c.ClusterNames, c.Clumps,
)  # fmt: skip
LEAST, LATE, SEED = 25, 0.01, 3
ALL = "all"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--root", type=Path, help="a run root of this benchmark to use again, or to make")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = options.root or Path(scratch) / "atlas"
        if not (root / "last_run.json").exists():
            world = Path(scratch) / "world"
            size = ["--conversations", str(options.conversations), "--seed", str(options.seed)]
            subprocess.run([*TOOL, "sample", str(world), *size], check=True, stdout=subprocess.DEVNULL)
            run = [*TOOL, "run", str(world / "logs"), "--root", str(root), "--workers", "1"]
            subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
        found = {table: read(root, table) for table in TABLES}
    for scenario in ("grow", "late", "forget"):
        for round_to in (5, 1):
            print(f"\n{scenario}, rounded to {round_to}", flush=True)
            releases(scenario, round_to, found)


def read(root, table):
    """A table over all parts, cut to kept conversations as the runner does it."""
    frame = pl.concat([pl.read_parquet(path) for path in sorted((root / "vault" / table.__name__).glob("*.parquet"))])
    if "conversation_id" not in frame.columns or table is c.Roster:
        return frame
    if table is c.Conversations:
        frame = frame.filter(pl.col("outcome") == "kept").unique("conversation_id", keep="first", maintain_order=True)
    turn = [name for name in ("turn", "kind") if name in frame.columns]
    return frame.unique(["conversation_id", *turn], keep="first", maintain_order=True).sort("conversation_id", *turn)


_COUNTED = {}  # clusters and cells take longest and do not depend on rounding


def counted(scenario, week, ids, found):
    if (scenario, week) not in _COUNTED:
        kept = {
            t: frame.filter(pl.col("conversation_id").is_in(ids))
            for t, frame in found.items()
            if t not in (c.Roster, c.ClusterNames, c.Clumps)
        }
        roster = found[c.Roster].filter(pl.col("conversation_id").is_in(ids) | pl.col("conversation_id").is_null())
        roster = roster.filter((pl.col("outcome") != "kept") | pl.col("conversation_id").is_first_distinct())
        clusters, names = c.Clusters.validate(kept[c.Clusters], cast=True), found[c.ClusterNames]
        counting = (c.Conversations, c.Glanced, c.Screened, c.Labels, c.Events, c.TurnVerdicts, c.Verdicts)
        clumps = c.Clumps.validate(found[c.Clumps], cast=True)
        cells = aggregate(
            roster, *(kept[table] for table in counting), clusters, clumps, book=SqlBook(), least_to_name=LEAST
        )
        guided = kept[c.Screened].filter("guidance").select("conversation_id")
        talks = guided.join(kept[c.Conversations], on="conversation_id").join(kept[c.Labels], on="conversation_id")
        _COUNTED[scenario, week] = (
            cells,
            names,
            talks.select("conversation_id", "person_key", "week", "model", "domain"),
        )
    return _COUNTED[scenario, week]


def arrivals(scenario, weeks, found):
    """The conversations that are there at the end of each week."""
    draw = random.Random(SEED)
    talks = found[c.Conversations].select("conversation_id", "person_key", "week").sort("conversation_id").rows()
    asked = set(found[c.Screened].filter("guidance")["conversation_id"])
    late = {one for one, _, _ in talks if draw.random() < LATE} if scenario != "grow" else set()
    gone = set()
    for n in range(1, len(weeks) + 1):
        known = set(weeks[:n])
        here = [t for t in talks if t[2] in known and (t[0] not in late or t[2] != weeks[n - 1])]
        if scenario == "forget" and n > 1:
            gone.add(draw.choice(sorted({person for one, person, _ in here if one in asked} - gone)))
        yield n, [one for one, person, _ in here if person not in gone]


def releases(scenario, round_to, found):
    weeks = sorted(week for week in found[c.Conversations]["week"].unique().to_list() if week is not None)
    kept_exact, shown, held_shown, talks_at = [], [], [], []
    for n, ids in arrivals(scenario, weeks, found):
        cells, names, talks = counted(scenario, n, ids, found)
        public = protect(cells, names, least_people=LEAST, round_to=round_to)
        held = hold_back(cells, names, public, earlier=kept_exact, least_people=LEAST)
        n_public, n_held = n_told(public), n_told(held)
        refused = ""
        try:
            refuse_too_little(public, held, load_settings().protect.most_held_back)
            told, kept = carry_forward(cells, names, held, earlier=kept_exact, least_people=LEAST)
            kept_exact.append(kept)
        except ReleaseError:
            refused = "  refused"
        now = weekly_cells(public, weeks[n - 1]), weekly_cells(held, weeks[n - 1])
        if round_to > 1:  # the rule looks at exact numbers, so it is the same for any rounding
            print(
                f"  week {n}: {len(ids):5} conversations, {cells.height:5} cells; numbers shown {n_public} without the "
                f"rule, {n_held} with it ({1 - n_held / max(n_public, 1):.0%} held back); of the new week {now[0]} and "
                f"{now[1]}{refused}",
                flush=True,
            )
        shown.append(public)
        held_shown.append(None if refused else told)
        talks_at.append(talks)
    for name, published in (("without the rule", shown), ("with it", held_shown)):
        guesses(name, published, talks_at, round_to)


def n_told(cells):
    return cells.filter((pl.col("status") == "shown") & (pl.col("n_people") > 0)).height


def weekly_cells(cells, week):
    return n_told(cells.filter(pl.col("week") == week))


def guesses(name, published, talks_at, round_to):
    """How often the attacker is right about changes that few people made."""
    asked, right, tried, right_tried, blind_tried = [], 0, 0, 0, 0
    pairs = [(i, j) for j in range(len(published)) for i in range(j) if published[j] is not None]
    truth = {
        pair: small_changes(talks_at[pair[0]], talks_at[pair[1]]) for pair in pairs if published[pair[0]] is not None
    }
    blind = Counter(change for found in truth.values() for change in found.values())
    best = max(blind, key=lambda one: sum(n for other, n in blind.items() if abs(one - other) <= round_to // 2))
    n_blind = 0
    for (i, j), changes in truth.items():
        old, new = ({tuple(row[:3]): row[3:] for row in guidance(published[at]).rows()} for at in (i, j))
        for group, change in changes.items():
            asked.append(change)
            n_blind += abs(best - change) <= round_to // 2
            guess = best
            if group in old and group in new and (old[group][1] is None or new[group][1] != old[group][1]):
                guess, tried = new[group][0] - old[group][0], tried + 1
                right_tried += abs(guess - change) <= round_to // 2
                blind_tried += abs(best - change) <= round_to // 2
            right += abs(guess - change) <= round_to // 2
    parts = [right, n_blind, right_tried, blind_tried]
    wholes = [len(asked), len(asked), tried, tried]
    shares = with_share(pl.DataFrame({"numerator": parts, "denominator": wholes})).rows(named=True)
    told = ["{share:.3f} ({low:.3f} to {high:.3f})".format(**row) if row["denominator"] else "none" for row in shares]
    print(
        f"  {name}: {len(asked)} changes by 1 to {LEAST - 1} people; right {told[0]}, blind guess {told[1]}; "
        f"of {tried} that can be subtracted {told[2]}, blind guess {told[3]}",
        flush=True,
    )


def guidance(cells):
    some = cells.filter(
        (pl.col("measure").is_in(["guidance_conversations", "domain_share"]))
        & ~pl.col("cut").is_in(["language", "cluster"])
    ).filter(pl.col("status") == "shown")
    renewed = "renewed" if "renewed" in some.columns else pl.lit(None).alias("renewed")
    return some.select("domain", "week", "model", pl.col("numerator").cast(pl.Int64), renewed).unique()


def small_changes(old, new):
    """By group of domain, week and model: conversations more, where fewer than LEAST people made the change."""
    sides = [frame.with_columns(by=pl.lit(sign)) for frame, sign in ((new, 1), (old, -1))]
    changed = (
        pl.concat(sides).group_by("conversation_id", "person_key", "week", "model", "domain").agg(pl.col("by").sum())
    )
    changed = changed.filter(pl.col("by") != 0)
    found = {}
    for axes in range(8):
        wide = [name for bit, name in enumerate(("domain", "week", "model")) if axes & 1 << bit]
        groups = changed.with_columns(pl.lit(ALL).alias(name) for name in wide).group_by("domain", "week", "model")
        sums = groups.agg(pl.col("by").sum(), n=pl.col("person_key").n_unique()).filter(
            pl.col("by") != 0, pl.col("n") < LEAST
        )
        found |= {tuple(row[:3]): row[3] for row in sums.rows()}
    return found


if __name__ == "__main__":
    main()
