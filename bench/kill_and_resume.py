"""Kill a run at random moments, run it again, and compare every table with an undisturbed run's.

    python bench/kill_and_resume.py --moments 10 --conversations 600

Each moment is drawn anew over the length of the undisturbed run and gets a fresh run root. Prints one line a moment
and exits 1 if any table, release file or published row differs.
"""

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import polars as pl

TOOL = [sys.executable, "-m", "guidance_atlas"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=10)
    parser.add_argument("--conversations", type=int, default=600)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    environment = os.environ | {
        "GUIDANCE_ATLAS_SECRET": "the secret of this benchmark",
        "GUIDANCE_ATLAS_INGEST__PART_RECORDS": "50",
    }
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        world = ["sample", str(folder / "world"), "--conversations", str(options.conversations)]
        subprocess.run([*TOOL, *world], check=True, stdout=subprocess.DEVNULL)

        def command(root):
            return [*TOOL, "run", str(folder / "world/logs"), "--root", str(root), "--workers", str(options.workers)]

        started = time.monotonic()
        subprocess.run(command(folder / "whole"), check=True, env=environment, stdout=subprocess.DEVNULL)
        length = time.monotonic() - started
        whole = fingerprint(folder / "whole")
        print(f"undisturbed: {length:.1f} s, {len(whole)} things to compare")
        n_equal = 0
        number = 0
        while number < options.moments:
            moment = random.uniform(0.5, length)
            root = folder / f"killed-{number}"
            run = subprocess.Popen(command(root), env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
            time.sleep(moment)
            run.send_signal(signal.SIGKILL)
            if run.wait() != -signal.SIGKILL:  # the run was quicker than the undisturbed one: draw again, earlier
                length = moment
                shutil.rmtree(root)
                continue
            n_left = len(list((root / "vault").rglob("*.parquet"))) if root.exists() else 0
            subprocess.run(command(root), check=True, env=environment, stdout=subprocess.DEVNULL)
            equal = fingerprint(root) == whole
            n_equal += equal
            print(
                f"{number}: killed at {moment:5.1f} s with {n_left:3} tables stored; tables equal: {equal}", flush=True
            )
            number += 1
    print(f"{n_equal} of {options.moments} equal")
    sys.exit(n_equal != options.moments)


def fingerprint(root):
    """Name and content digest of every stored table, release file and published row."""
    found = {}
    for path in sorted((root / "vault").rglob("*.parquet")):
        found[str(path.relative_to(root))] = digest(pl.read_parquet(path).write_ipc(None).getvalue())
    for path in sorted(path for path in (root / "releases").rglob("*") if path.is_file()):
        found[str(path.relative_to(root))] = digest(path.read_bytes())
    with duckdb.connect(str(root / "atlas.duckdb"), read_only=True) as con:
        for (table,) in con.sql("select table_name from duckdb_tables() order by 1").fetchall():
            found[f"atlas.{table}"] = digest(repr(con.table(table).order("all").fetchall()).encode())
    return found


def digest(data):
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    main()
