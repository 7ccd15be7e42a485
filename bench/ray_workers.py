"""What a worker of a Ray cluster needs, beside a local pool; and how fast it passes over records that are not its own.

    python bench/ray_workers.py --conversations 1000 --rounds 3

A cluster of two nodes on this machine, one worker each. Prints, pool and cluster in turn, processor seconds of the
workers, conversations a second by the clock (part stages only, with the start of the workers) and the largest worker's
memory; then MB/s of records passed over, by kind of file.
"""

import argparse
import json
import os
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

import polars as pl
import psutil
from ray.cluster_utils import Cluster

from guidance_atlas.adapters.ray import RayActors
from guidance_atlas.batch import _work_on
from guidance_atlas.executors import ProcessPool
from guidance_atlas.plan import plan
from guidance_atlas.remote import work_elsewhere
from guidance_atlas.runner import to_do
from guidance_atlas.sample.world import write_world
from guidance_atlas.settings import SECRET_VARIABLE, load_settings
from guidance_atlas.stages.forgotten import NOBODY
from guidance_atlas.stages.ingest.slices import SliceReader, slice_of
from guidance_atlas.stages.ingest.sources import cut, find_sources
from guidance_atlas.store import Store

SECRET = "the secret of this benchmark"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.environ |= {SECRET_VARIABLE: SECRET, "RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_world(folder / "world", conversations=options.conversations, seed=7)
        node = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "include_dashboard": False}
        cluster = Cluster(initialize_head=True, head_node_args=node)
        cluster.add_node(**node)
        for number in range(options.rounds):
            for name, work in (("pool", on_pool), ("ray", partial(on_ray, address=cluster.address))):
                with Watch() as watch:
                    n = work(folder / "world" / "logs", folder / f"{name}-{number}")
                print(
                    f"{name:4} {watch.processor:6.1f} s of processor, {n / watch.seconds:6.1f} conversations/s, "
                    f"largest worker {watch.largest / 1e9:.2f} GB",
                    flush=True,
                )
        cluster.shutdown()
        print(f"tables equal to the byte: {stored(folder / 'pool-0') == stored(folder / 'ray-0')}")
        for name, rate in passed_over(folder):
            print(f"{name:14} {rate:7.0f} MB/s passed over")


def stored(root):
    return {path.relative_to(root): path.read_bytes() for path in (root / "vault").rglob("*.parquet")}


def parts_of(logs):
    for source in find_sources([str(logs)]):
        yield from cut(source, max_record_bytes=2**24, max_records=100)


def on_pool(logs, root):
    settings, secret = load_settings(), SECRET.encode()
    store = Store(root / "vault")
    jobs = to_do(parts_of(logs), stages=plan(settings, secret), store=store, seen=[])
    work = partial(_work_on, settings=settings, secret=secret, vault=store.folder, forgotten=NOBODY)
    return sum(done.n_records for done in ProcessPool(2).map(work, jobs))


def on_ray(logs, root, *, address):
    settings = load_settings()
    stages, store = plan(settings, SECRET.encode()), Store(root / "vault")
    jobs = to_do(parts_of(logs), stages=stages, store=store, seen=[])
    how = {"root": root, "settings": settings, "stages": stages, "forgotten": NOBODY}
    executor = RayActors(2, address=address, worker_bytes=2 * 10**9)
    return sum(done.n_records for done in work_elsewhere(executor, jobs, **how))


class Watch:
    """Processor seconds, seconds by the clock and the largest memory of workers while something runs."""

    def __enter__(self):
        self.largest, self.used, self.stop = 0, {}, threading.Event()
        self.seconds = time.monotonic()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.seconds
        self.stop.set()
        self.thread.join()
        self.processor = sum(self.used.values())

    def look(self):
        while not self.stop.wait(0.25):
            for process in psutil.process_iter(["pid", "cmdline", "memory_info", "cpu_times"]):
                line = " ".join(process.info["cmdline"] or [])
                if "ray::_Worker" in line or ("spawn_main" in line and process.ppid() == os.getpid()):
                    self.largest = max(self.largest, process.info["memory_info"].rss)
                    self.used[process.pid] = process.info["cpu_times"].user + process.info["cpu_times"].system


def passed_over(folder):
    turn = {"role": "user", "content": "should I go "}
    records = [{"id": f"c{n}", "messages": [turn] * 30} for n in range(40_000)]
    frame = pl.DataFrame(records)
    lines = [json.dumps(record) for record in records]
    n_bytes = sum(map(len, lines))
    for name in ("a.jsonl", "a.json", "a.jsonl.gz", "a.jsonl.zst", "a.parquet"):
        path = folder / name
        if name.endswith("parquet"):
            frame.write_parquet(path)
        else:
            text = ("[" + ",".join(lines) + "]" if name == "a.json" else "\n".join(lines)).encode()
            path.write_bytes(packed(text, name))
        last = list(cut(find_sources([str(path)])[0], max_record_bytes=2**24, max_records=1_000))[-1]
        times = []
        for _ in range(3):
            began = time.process_time()
            SliceReader().read(slice_of(last), max_record_bytes=2**24)
            times.append(time.process_time() - began)
        yield name, n_bytes / 1e6 / min(times)


def packed(text, name):
    import gzip

    import zstandard

    return gzip.compress(text) if name.endswith("gz") else zstandard.compress(text) if name.endswith("zst") else text


if __name__ == "__main__":
    main()
