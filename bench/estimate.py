"""Fit what `guidance-atlas run --estimate` knows of costs (costs.py), and hold its estimates against real runs.

    python bench/estimate.py fit ROOT [ROOT ...]
    python bench/estimate.py check SOURCE [SOURCE ...] [--workers 2]

fit: on a quarter, on all and on several times all parts of each finished run root the stages over all parts are run
anew and published, each in a process of its own, in a private folder that is removed; numbers of costs.py are fitted
to the processor seconds, bytes and memory by non-negative least squares (each error over the root of what was
measured, so that neither small nor large corpora alone decide), and printed with what they leave on each corpus.
"Several times" are copies with other ids and people, vectors turned by some 30 degrees and a word more, so that nobody
is a near copy of anybody. Take roots that differ in weeks and models. check: an estimate, then the run itself into a
fresh root, side by side. No words are printed.
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

from estimate_corpus import disk, one_corpus

TIMES = (0.25, 1, 3)
DRIVERS = ("fixed", "records", "guidance", "groups")
# What each cost can grow with: a stage with what it reads.
OTHERS = ("fixed", "guidance", "groups")
GROWS = {
    "probe": ("fixed",),
    "roster": ("fixed", "records"),
    **dict.fromkeys(("clump", "cluster", "gather_terms", "name"), ("fixed", "guidance")),
    **dict.fromkeys(("aggregate", "publishing", "memory"), DRIVERS),
    "vault": ("records", "guidance", "groups"),
}
LEAST = {"bytes": 1e6, "seconds": 0.2}  # smaller figures count like these


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("fit", "check", "one"))
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--times", type=float, default=1, help="one: how many times the parts of the root")
    told = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that words do not stay behind
    if told.what == "one":
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(one_corpus(Path(told.paths[0]), Path(folder), told.times)))
    elif told.what == "check":
        check(told.paths, told.workers)
    else:
        fit([figures for root in told.paths for times in TIMES if (figures := in_process(root, times)) is not None])


def in_process(root, times):
    command = [sys.executable, __file__, "one", root, "--times", str(times)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    figures = json.loads(done.stdout)
    if figures is not None:
        print({name: round(value, 1) for name, value in figures["size"].items()}, flush=True)
    return figures


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

    drivers = GROWS.get(name, OTHERS)
    columns = {"fixed": np.ones(len(sizes))}
    columns |= {driver: np.array([size[driver] / 1_000 for size in sizes]) for driver in DRIVERS[1:]}
    matrix, wanted = np.column_stack([columns[driver] for driver in drivers]), np.array(values)
    weight = 1 / np.sqrt(np.maximum(wanted, LEAST[kind]))
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
