"""What does the whole pipeline cost beside the plain chain (bench/plain.py), and do both come to the same answers?

    python bench/plain_chain.py --conversations 2000
    python bench/plain_chain.py --conversations 20000 --plain-sample 2000 --runs 1

Ours is `guidance-atlas run` in a process of its own, all of it: reading, doubles, languages, clusters, databases and a
release too, which the plain chain does not have. Both have the same number of single-threaded workers. In every round
ours runs over everything into a fresh root (with --runs in the first rounds only) and the plain chain over one slice of
its sample, one after the other, the order changing; the plain chain's seconds are scaled to everything, its loading
counted once. Intervals are 95 %: of ratios by Student's t over the rounds' logarithms, of shares Wilson's. Processor
seconds hold on a busy machine, seconds by the clock do not. Words are in a folder of mode 0700 that is removed; none is
printed.
"""

import argparse
import gzip
import json
import math
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle
from pathlib import Path
from statistics import mean, stdev

import plain
from plain_answers import read_ours, tell_agreement
from scipy.stats import t as student

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
ENVIRONMENT = os.environ | {"GUIDANCE_ATLAS_SECRET": "the secret of this benchmark", "OMP_NUM_THREADS": "1"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA, help="folder with chats.jsonl.gz")
    parser.add_argument("--conversations", type=int, default=2_000)
    parser.add_argument("--plain-sample", type=int, help="conversations that the plain chain works on; default: all")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--runs", type=int, help="rounds in which ours runs, the first ones; default: all")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    told = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that words do not stay behind
    with tempfile.TemporaryDirectory() as folder:  # made with mode 0700
        measure(told, Path(folder))


def measure(told, folder):
    source, n = folder / "chats.jsonl", told.conversations
    source.write_bytes(b"\n".join(draw(told, folder)))
    order = random.Random(told.seed).sample(range(n), told.plain_sample or n)
    slices = [order[at :: told.rounds] for at in range(told.rounds)]
    print(
        f"{n} conversations, {source.stat().st_size / 1e6:.1f} MB, {told.workers} workers of one thread each",
        flush=True,
    )
    context = multiprocessing.get_context("spawn")
    pools = [ProcessPoolExecutor(1, mp_context=context) for _ in range(told.workers)]
    ours, theirs, answers = [], [], {}
    for number, rows in enumerate(slices):
        for way in ("ours", "plain") if number % 2 else ("plain", "ours"):
            if way == "ours" and number >= (told.runs or told.rounds):
                continue
            if way == "ours":
                ours.append(run_ours(source, folder / f"atlas-{number}", told.workers))
            else:
                found, spent = run_plain(pools, source, rows, with_variants=number == 0)
                answers |= found
                theirs.append(spent)
        tell_round(number, ours[-1], whole(theirs[-1], n))
    for pool in pools:
        pool.shutdown()
    tell_costs(ours, theirs, n)
    tell_agreement(answers, read_ours(folder / "atlas-0"))


def draw(told, folder):
    """Lines of conversations: some of the real chats, or all of them and varied copies."""
    with gzip.open(told.data / "chats.jsonl.gz", "rb") as lines:
        chats = [line.strip() for line in lines]
    if told.conversations <= len(chats):
        return random.Random(told.seed).sample(chats, told.conversations)
    import corpus

    more = told.conversations - len(chats)
    corpus.make(told.data, more, folder / "copies", seed=told.seed, workers=told.workers)
    copies = (line.strip() for file in sorted((folder / "copies").iterdir()) for line in file.open("rb"))
    return [*chats, *copies]


def run_ours(source, root, workers):
    """Processor seconds with all children, seconds by the clock, largest process, seconds by stage of one whole run."""
    command = [sys.executable, "-m", "guidance_atlas", "run", source, "--root", root, "--workers", workers, "--json"]
    started = time.perf_counter()
    process = subprocess.Popen([*map(str, command)], env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"guidance-atlas run ended with {process.returncode}")
    return {
        "seconds": used.ru_utime + used.ru_stime,
        "by_clock": time.perf_counter() - started,
        "largest": used.ru_maxrss * 1024,
        "steps": json.loads((root / "last_run.json").read_text())["stage_seconds"],
    }


def run_plain(pools, source, rows, *, with_variants):
    """Answers by line, and what each worker spent on its share of the rows."""
    shares = [rows[at :: len(pools)] for at in range(len(pools))]
    jobs = [
        pool.submit(plain.slice_of, source, share, with_variants) for pool, share in zip(pools, shares, strict=True)
    ]
    done = [job.result() for job in jobs]
    return {row: answer for found, _ in done for row, answer in found.items()}, [spent for _, spent in done]


def whole(spent, n, *, less=0.0):
    """What the plain chain would take for n conversations by one slice of it, every worker loading once.

    less: processor seconds of the slice that another way of its dear steps would save.
    """
    times = n / sum(one["of"] for one in spent)
    seconds = sum(one["loading"]["seconds"] for one in spent) + times * (sum(one["seconds"] for one in spent) - less)
    by_clock = max(one["loading"]["by_clock"] for one in spent) + times * max(one["by_clock"] for one in spent)
    return {"seconds": seconds, "by_clock": by_clock}


def tell_round(number, one, other):
    told = "processor {seconds:8.1f} s, clock {by_clock:8.1f} s".format
    print(f"round {number + 1}: ours {told(**{k: one[k] for k in other})}; plain, scaled, {told(**other)}", flush=True)


def tell_costs(ours, theirs, n):
    scaled = [whole(spent, n) for spent in theirs]
    for name, unit in (("seconds", "processor seconds"), ("by_clock", "seconds by the clock")):
        one, other = ([run[name] for run in runs] for runs in (ours, scaled))
        print(f"\n{unit}: ours {between(one)}, plain {between(other)}; ratio {ratio(one, other)}")
    largest = max(run["largest"] for run in ours), max(one["largest"] for spent in theirs for one in spent)
    print("largest process: ours {:.2f} GB, plain {:.2f} GB".format(*(size / 1e9 for size in largest)))
    steps = {step: mean(run["steps"].get(step, 0) for run in ours) for step in ours[0]["steps"]}
    print("\nours, seconds by stage (clock, workers added up): " + listed(steps))
    everything = [one for spent in theirs for one in spent]
    times = n / sum(one["of"] for one in everything)
    steps = {step: times * sum(one["steps"][step] for one in everything) for step in plain.STEPS}
    loading = sum(one["loading"]["seconds"] for one in theirs[0])
    print("plain, processor seconds by step, scaled: " + listed({"loading": loading, **steps}))
    tell_variants(theirs[0], n, mean(run["seconds"] for run in ours))


def tell_variants(first, n, own):
    """Where the ratio comes from: the plain chain with its dear steps done another way, by what it is on some texts."""

    def of(name):
        return sum(one["variants"][name] for one in first)

    encode, exchanges = (sum(one["steps"][step] for one in first) for step in ("encode", "exchanges"))
    tried = sum(min(plain.TRIED, one["of"]) for one in first)
    print(f"\nthe plain chain done otherwise ({tried} texts; `encode` sorts the texts of each call by length itself)")
    more = encode * (of("unsorted") / of("sorted") - 1)
    less = encode * (1 - of("short") / of("sorted")) + exchanges * (1 - of("exchanges_short") / of("exchanges"))
    ways = {"32 texts a call, as they come": -more, "one call, so sorted by length": 0.0, "and in bfloat16": less}
    for name, saved in ways.items():
        seconds = whole(first, n, less=saved)["seconds"]
        print(f"  {name:32} {seconds:8.1f} processor s, {seconds / own:5.1f} times ours")


def between(values):
    return f"{mean(values):.1f} ({min(values):.1f} to {max(values):.1f}, n={len(values)})"


def ratio(ours, theirs):
    """Plain over ours, with the 95 % interval over the rounds."""
    logs = [math.log(other / one) for one, other in zip(cycle(ours), theirs, strict=False)]
    if len(logs) < 2:
        return f"{math.exp(logs[0]):.1f} (one round, no interval)"
    half = student.ppf(0.975, len(logs) - 1) * stdev(logs) / math.sqrt(len(logs))
    low, middle, high = (math.exp(mean(logs) + shift) for shift in (-half, 0, half))
    return f"{middle:.1f} times ({low:.1f} to {high:.1f})"


def listed(steps):
    return ", ".join(f"{name} {seconds:.1f}" for name, seconds in steps.items())


if __name__ == "__main__":
    main()
