"""Whole runs at several sizes: time, memory, what each stage costs, and what a second run and one more day cost.

    python bench/scaling.py --sizes 10000 100000
    python bench/scaling.py --sizes 1000000      # make bench-million

Each size is a corpus of bench/corpus.py, about 450 words a conversation, read by `guidance-atlas run` in a process of
its own. Prints for every size: seconds by the clock, processor seconds, conversations a second, memory (the largest
process, and the most that all processes of the run held together, shared pages counted once; sampled twice a second),
what lies on disk, and what each stage took. Then the same command once more, and once more with a hundredth more
conversations in files of their own. With three sizes or more it fits processor seconds = a * size ^ b and prints b.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import corpus
import numpy as np
import psutil

TOOL = [sys.executable, "-m", "guidance_atlas"]
APPENDED = 0.01


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 10_000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--scratch", type=Path, help="a disk with room; 9 GB for a million")
    parser.add_argument("--once", action="store_true", help="neither a second run nor a hundredth more")
    options = parser.parse_args()
    print(
        "| conversations | run | seconds | processor s | conversations/s | largest process | all together | on disk |"
    )
    print("|---|---|---|---|---|---|---|---|")
    spent, shares = {}, {}
    for size in options.sizes:
        with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
            logs, root = Path(scratch) / "logs", Path(scratch) / "atlas"
            corpus.make(options.data, size, logs, workers=options.workers)
            first = told(size, "first", run(logs, root, options.workers))
            spent[size], shares[size] = first["cpu"], first["stages"]
            if not options.once:
                told(size, "again, nothing new", run(logs, root, options.workers), first)
                n_more = round(APPENDED * size)
                corpus.make(options.data, n_more, logs / "more", seed=8, workers=1)
                told(size + n_more, "again, 1 % more", run(logs, root, options.workers), first)
    print()
    stages(shares)
    if len(spent) > 2:
        size, cpu = np.array(list(spent)), np.array(list(spent.values()))
        print(f"\nprocessor seconds grow as size ^ {np.polyfit(np.log(size), np.log(cpu), 1)[0]:.3f} (n={len(spent)})")


def run(logs, root, workers):
    """Run once; what it took."""
    environment = os.environ | {"GUIDANCE_ATLAS_SECRET": "the secret of this benchmark"}
    command = [*TOOL, "run", str(logs), "--root", str(root), "--workers", str(workers), "--json"]
    started, before = time.perf_counter(), os.times()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    largest, together = 0, 0
    while process.poll() is None:
        held = list(memory(psutil.Process(process.pid)))
        largest, together = max([largest, *(rss for rss, _ in held)]), max(together, sum(pss for _, pss in held))
        time.sleep(0.5)
    if process.returncode:
        sys.exit(f"the run ended with {process.returncode}")
    seconds, after = time.perf_counter() - started, os.times()
    last = json.loads((root / "last_run.json").read_text())
    disk = sum(path.stat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {
        "seconds": seconds, "cpu": cpu, "largest": largest, "together": together, "disk": disk,
        "stages": last["stage_seconds"],
    }  # fmt: skip


def memory(process):
    """Resident bytes of a process and of all below it: its own, and its share of what it shares."""
    try:
        for one in (process, *process.children(recursive=True)):
            full = one.memory_full_info()
            yield full.rss, full.pss
    except psutil.NoSuchProcess:
        return


def told(size, name, took, first=None):
    beside = "" if first is None else f" ({took['cpu'] / first['cpu']:.1%} of the first)"
    print(
        f"| {size:,} | {name} | {took['seconds']:.0f} | {took['cpu']:.0f}{beside} | {size / took['seconds']:.0f} "
        f"| {took['largest'] / 1e9:.2f} GB | {took['together'] / 1e9:.2f} GB | {took['disk'] / 1e6:.0f} MB |",
        flush=True,
    )
    return took


def stages(shares):
    """Seconds by stage, both workers added up, and microseconds a conversation."""
    sizes = list(shares)
    print("| stage | " + " | ".join(f"{size:,}: s, share, µs each" for size in sizes) + " |")
    print("|---|" + "---|" * len(sizes))
    names = dict.fromkeys(name for size in sizes for name in shares[size])
    for name in names:
        cells = []
        for size in sizes:
            seconds, total = shares[size].get(name, 0.0), sum(shares[size].values())
            cells.append(f"{seconds:.1f}, {seconds / total:.1%}, {seconds / size * 1e6:.0f}")
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
