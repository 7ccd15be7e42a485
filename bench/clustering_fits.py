"""Fit one grouping of given vectors twice in this fresh process and print what it took, as one line of JSON.

Run by bench/clustering.py, under its own Python for ours and under that of the other environment for BERTopic:
python bench/clustering_fits.py ours|bertopic VECTORS.npy GROUPS.npy
BERTopic gets its defaults, no seed, and one of a hundred words for each document, so that its topic words cost it next
to nothing.
"""

import json
import resource
import sys
import time

import numpy as np


def ours(vectors):
    from guidance_atlas.plan import grouper
    from guidance_atlas.settings import load_settings

    return grouper(load_settings()).group(vectors)[0]


def bertopic(vectors):
    from bertopic import BERTopic

    return np.array(BERTopic().fit_transform([f"word{i % 100}" for i in range(len(vectors))], vectors)[0])


def main():
    fit = {"ours": ours, "bertopic": bertopic}[sys.argv[1]]
    vectors = np.load(sys.argv[2]).astype(np.float32)
    told = {}
    for which in ("first", "second"):
        wall, cpu = time.perf_counter(), time.process_time()
        groups = fit(vectors)
        told |= {f"{which}_wall": time.perf_counter() - wall, f"{which}_cpu": time.process_time() - cpu}
        told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        np.save(sys.argv[3], groups)
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
