"""Fit what `guidance-atlas run --estimate` knows of costs (costs.py), and hold its estimates against real runs.

    python bench/estimate.py fit ROOT [ROOT ...]
    python bench/estimate.py check SOURCE [SOURCE ...] [--workers 2]

fit: on an eighth, a quarter, a half and all parts of each finished run root the stages over all parts are run anew and
published, each in a process of its own, in a private folder that is removed; numbers of costs.py are fitted to the
processor seconds, bytes and memory by non-negative least squares of relative errors, and printed with the error that
they leave on each corpus. Take roots that differ in size and in weeks and models. check: an estimate, then the run
itself into a fresh root, side by side. No words are printed.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SHARES = (8, 4, 2, 1)
DRIVERS = ("fixed", "records", "guidance", "groups")
# What each cost can grow with: a stage with what it reads. All others: the fixed part and groups.
GROWS = {
    "probe": ("fixed",),
    "roster": ("fixed", "records"),
    **dict.fromkeys(("clump", "cluster", "gather_terms", "name"), ("fixed", "guidance")),
    **dict.fromkeys(("aggregate", "publishing", "memory"), DRIVERS),
    "vault": ("records", "guidance", "groups"),
    **dict.fromkeys(("protect", "protect_inside"), ("fixed", "guidance", "groups")),
}
LEAST = {"bytes": 1e6, "seconds": 0.2}  # smaller figures do not count for more than these in the fit


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("fit", "check", "one"))
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--share", type=int, default=1)
    told = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that words do not stay behind
    if told.what == "one":
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(one_corpus(Path(told.paths[0]), Path(folder), told.share)))
    elif told.what == "check":
        check(told.paths, told.workers)
    else:
        fit([figures for root in told.paths for share in SHARES if (figures := in_process(root, share)) is not None])


def in_process(root, share):
    command = [sys.executable, __file__, "one", root, "--share", str(share)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    figures = json.loads(done.stdout)
    if figures is not None:
        print({name: round(value, 1) for name, value in figures["size"].items()}, flush=True)
    return figures


def one_corpus(root, folder, share):
    """Figures of the stages over all parts on some parts of a root; None where there are too few to take a share."""
    import polars as pl

    from guidance_atlas import runner
    from guidance_atlas.chain import Scope
    from guidance_atlas.contracts import Conversations, Exposure, Parts, Screened
    from guidance_atlas.costs import n_groups
    from guidance_atlas.databases import read_internal, settings_of_last_run
    from guidance_atlas.plan import plan
    from guidance_atlas.publish import publish
    from guidance_atlas.settings import known_secret
    from guidance_atlas.store import Store

    runner.perf_counter = time.process_time  # others' work on this machine must not count
    settings = settings_of_last_run(root)
    stages = plan(settings, known_secret(root))
    parts = Parts.validate(read_internal(root, "parts")["parts"].sort("position"), cast=True)
    if parts.height < share:
        return None
    parts = parts.head(parts.height // share)
    old, store = Store(root / "vault"), Store(folder / "vault")
    guidance, pairs = 0, set()
    for part in parts["part"].unique():
        keys = runner.part_keys(stages, part)
        for table in (step.writes for step in stages if step.scope is Scope.PART):
            if table.exposure is not Exposure.RAW:
                store.path(table, keys[table]).parent.mkdir(mode=0o700, exist_ok=True)
                store.path(table, keys[table]).symlink_to(old.path(table, keys[table]).absolute())
        guidance += int(store.read(Screened, keys[Screened])["guidance"].sum() or 0)
        told = store.read(Conversations, keys[Conversations]).filter(pl.col("conversation_id").is_not_null())
        pairs |= set(told.select(pl.col("week", "model").fill_null("unknown")).unique().rows())
    seconds = {}
    tables, _ = runner.run_corpus(stages, parts, store=store, seconds=seconds)
    started = time.process_time()
    publish(folder, tables=tables, parts=parts, settings=settings)
    seconds["publishing"] = time.process_time() - started
    started = time.process_time()
    publish(folder, tables=tables, parts=parts, settings=settings)
    seconds["unchanged"] = time.process_time() - started
    size = {"records": int(parts["n_records"].sum()), "guidance": guidance, "groups": n_groups(frozenset(pairs))}
    return {"size": size, "seconds": seconds, "bytes": {**disk(folder), "memory": largest()}}


def disk(root):
    """Bytes under a run root by place; what is only linked to is not there."""
    found = {"vault": 0, "release": 0, "databases": 0}
    for path in (path for path in root.rglob("*") if path.is_file() and not path.is_symlink()):
        first = path.relative_to(root).parts[0]
        found[{"vault": "vault", "releases": "release"}.get(first, "databases")] += path.stat().st_size
    return found


def largest():
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def fit(measured):
    """Print the costs that fit best, and what they are off by on each corpus."""
    for kind in ("seconds", "bytes"):
        print(f"\n{kind}: cost = Cost(…), then fitted / measured for each corpus")
        totals = [[0.0, 0.0] for _ in measured]
        for name in measured[0][kind]:
            values = [figures[kind][name] for figures in measured]
            cost, fitted = fitted_to(values, [figures["size"] for figures in measured], name, kind)
            off = ", ".join(f"{f:.3g}/{v:.3g}" for f, v in zip(fitted, values, strict=True))
            print(f"  {name!r}: Cost({cost}),  # {off}")
            for total, f, v in zip(totals, fitted, values, strict=True):
                total[0] += f * (name != "unchanged")
                total[1] += v * (name != "unchanged")
        if kind == "seconds":
            print("  all: " + ", ".join(f"{f:.1f}/{v:.1f} ({f / v - 1:+.0%})" for f, v in totals))


def fitted_to(values, sizes, name, kind):
    """Numbers of a Cost by name, as written in costs.py, and what they give for each size."""
    import numpy as np
    from scipy.optimize import nnls

    drivers = GROWS.get(name, ("fixed", "groups"))
    columns = {"fixed": np.ones(len(sizes))}
    columns |= {driver: np.array([size[driver] / 1_000 for size in sizes]) for driver in DRIVERS[1:]}
    matrix, wanted = np.column_stack([columns[driver] for driver in drivers]), np.array(values)
    weight = 1 / np.maximum(wanted, LEAST[kind])
    found, _ = nnls(matrix * weight[:, None], wanted * weight)
    told = ", ".join(f"{driver}={number:.3g}" for driver, number in zip(drivers, found, strict=True) if number > 0)
    return told, matrix @ found


def check(sources, workers):
    """An estimate and the run itself, side by side."""
    tool = [sys.executable, "-m", "guidance_atlas", "run", *sources, "--workers", str(workers), "--json", "--root"]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "atlas"
        told, _ = timed([*tool, str(root), "--estimate"])
        assert not root.exists()
        ran, used = timed([*tool, str(root)])
        real = {
            "seconds by the clock": used["by_clock"],
            "processor seconds": used["processor"],
            "largest process, bytes": used["largest"],
            **{f"bytes, {name}": size for name, size in disk(root).items()},
            "records": ran["n_records"],
            "guidance": sum(
                row["records"] or 0 for row in ran["funnel"] if (row["step"], row["reason"]) == ("guidance", "all")
            ),
        }
    foretold = {
        "seconds by the clock": told["seconds"]["all"],
        "processor seconds": told["processor_seconds"],
        "largest process, bytes": told["memory"]["largest process"],
        **{f"bytes, {name}": told["bytes_written"][name] for name in ("vault", "release", "databases")},
        "records": told["n_records"],
        "guidance": told["n_guidance"],
    }
    print(f"trial: {told['n_tried']} records, {told['n_tried_closely']} closely, {told['trial_seconds']:.0f} s, "
          f"machine {told['slowdown']:.2f} times as slow as alone")  # fmt: skip
    for name, value in foretold.items():
        print(f"  {name:24} estimate {value:16,.0f}  run {real[name]:16,.0f}  {value / max(real[name], 1) - 1:+.0%}")
    print("  processor seconds of the estimate / seconds by the clock of the run, by stage, workers added up:")
    for name, seconds in ran["stage_seconds"].items():
        print(f"    {name:16} {told['stage_seconds'].get(name, 0):8.1f} / {seconds:8.1f}")


def timed(command):
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"ended with {process.returncode}")
    spent = {"by_clock": time.perf_counter() - started, "processor": used.ru_utime + used.ru_stime}
    return json.loads(printed), spent | {"largest": used.ru_maxrss * 1024}


if __name__ == "__main__":
    main()
