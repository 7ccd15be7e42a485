"""Run the pipeline over a sample world and lay the planted rates beside the printed intervals.

    python bench/planted_rates.py --conversations 5000 --seed 11

A planted rate is counted from the truth file over the same group: English, no doubles. Prints one line a rate and, for
the labels themselves, how often they agree with what was planted. The world's text is invented by the same hands as
the pipeline, so this shows that counts and intervals hold together; it does not measure the heads on real people.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

from guidance_atlas.stages.outline import keyed

SHOWN = (
    "select cells.*, corrected, corrected_low, corrected_high from cells "
    "left join rates using (cut, domain, week, model, facet, measure) where status = 'shown' and share is not null"
)
SECRET = "the secret of this benchmark"
os.environ["GUIDANCE_ATLAS_SECRET"] = SECRET
COLUMNS = ["rate", "planted", "printed", "low", "high", "corrected", "low_2", "high_2", "n"]
TOOL = [sys.executable, "-m", "guidance_atlas"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--root", type=Path, help="keep the run root here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = options.root or Path(scratch) / "atlas"
        world = Path(scratch) / "world"
        size = ["--conversations", str(options.conversations), "--seed", str(options.seed)]
        subprocess.run([*TOOL, "sample", str(world), *size], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*TOOL, "run", str(world / "logs"), "--root", str(root)], check=True, stdout=subprocess.DEVNULL)
        truth = pl.read_ndjson(world / "truth" / "truth.jsonl", infer_schema_length=None)
        truth = truth.filter((pl.col("language") == "en") & ~pl.col("is_duplicate"))
        cells = pl.DataFrame(ask(root, SHOWN))
        found = labels(root)
    agreement(truth, found)
    rows = [*rates(truth, cells)]
    frame = pl.DataFrame(rows, orient="row", schema=COLUMNS, infer_schema_length=None)
    frame = frame.with_columns(
        inside=pl.col("planted").is_between("low", "high"), inside_2=pl.col("planted").is_between("low_2", "high_2")
    )
    with pl.Config(tbl_rows=200, tbl_cols=20, tbl_width_chars=160, float_precision=3, fmt_str_lengths=60):
        print(frame)
    known = frame.drop_nulls("corrected")
    print(f"{frame['inside'].sum()} of {frame.height} planted rates lie in the raw interval;")
    print(f"{known['inside_2'].sum()} of {known.height} in the corrected one, where there is any")


def labels(root):
    """What the run said of each conversation: conversation_id, guidance, domain, sycophantic."""

    def table(name, *columns):
        frames = [pl.read_parquet(path) for path in (root / "vault" / name).glob("*.parquet")]
        return pl.concat(frames).select("conversation_id", *columns).unique("conversation_id")

    everyone = table("Glanced")
    for name, column in (("Screened", "guidance"), ("Labels", "domain"), ("Verdicts", "sycophantic")):
        everyone = everyone.join(table(name, column), on="conversation_id", how="left")
    return everyone.with_columns(guidance=pl.col("guidance").fill_null(value=False))


def agreement(truth, found):
    """Print how often labels agree with what was planted; ids are hashed as the run hashed them."""
    ids = [keyed(SECRET.encode(), b"conversation", ["id", one]) for one in truth["id"]]
    both = truth.with_columns(conversation_id=pl.Series(ids)).join(found, on="conversation_id", suffix="_found")
    hits = (both["guidance"] & both["guidance_found"]).sum()
    print(f"conversations laid side by side: {both.height} of {truth.height}")
    print(f"guidance: recall {hits / both['guidance'].sum():.3f}, precision {hits / both['guidance_found'].sum():.3f}")
    sure = both.filter("guidance", "guidance_found")
    print(f"domain right: {(sure['domain'] == sure['domain_found'].cast(pl.String)).mean():.3f} of {sure.height}")
    judged = sure.drop_nulls(["sycophantic", "sycophantic_found"])
    caught = judged.filter("sycophantic")["sycophantic_found"].mean()
    blamed = judged.filter(~pl.col("sycophantic"))["sycophantic_found"].mean()
    print(f"sycophantic: {caught:.3f} of the planted found, {blamed:.3f} of the others blamed, n={judged.height}")


def ask(root, query):
    done = subprocess.run(
        [*TOOL, "sql", query, "--root", str(root), "--json"], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def rates(truth, cells):
    guidance = truth.filter("guidance")

    def printed(name, planted, **where):
        fixed = {"domain": "all", "week": "all", "model": "all", "facet": "all"} | where
        found = cells.filter(**fixed)
        for row in found.iter_rows(named=True):
            numbers = ("share", "low", "high", "corrected", "corrected_low", "corrected_high", "denominator")
            yield (name, planted, *(row[one] for one in numbers))

    yield from printed("guidance, all", truth["guidance"].mean(), cut="total", measure="guidance")
    for week in sorted(truth["week"].unique()):
        planted = truth.filter(week=week)["guidance"].mean()
        yield from printed(f"guidance, {week}", planted, cut="week", measure="guidance", week=week)
    for model in sorted(truth["model"].unique()):
        planted = truth.filter(model=model)["guidance"].mean()
        yield from printed(f"guidance, {model}", planted, cut="model", measure="guidance", model=model)
    for domain in sorted(guidance["domain"].unique()):
        planted = (guidance["domain"] == domain).mean()
        yield from printed(f"share of {domain}", planted, cut="domain", measure="domain_share", domain=domain)
    judged = guidance.drop_nulls("sycophantic")
    yield from printed("sycophantic, all", judged["sycophantic"].mean(), cut="total", measure="sycophantic")
    pushed = guidance.filter(pl.col("n_user_turns") > 1)
    planted = (pushed["pushback"].list.len() > 0).mean()
    yield from printed("pushback, all", planted, cut="total", measure="pushback")


if __name__ == "__main__":
    main()
