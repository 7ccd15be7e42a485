"""How quick is our grouping beside BERTopic's default on the same vectors, and how well do both meet known labels?

Run: python bench/clustering.py [FOLDER OF DEVELOPMENT DATA] [--bertopic PYTHON] [--n 40000] [--repeats 3]
                                [--work FOLDER] [--scale] [--tokens 32]
BERTopic needs an environment of its own:
    python -m venv /tmp/bertopic && /tmp/bertopic/bin/pip install bertopic==0.17.4
    python bench/clustering.py --bertopic /tmp/bertopic/bin/python
First turns of weak_domains, weak_negatives and chats, each text once, in the order of their ids' hashes, as the shipped
encoder reads them in bfloat16 (six minutes of one core; kept in --work). Known labels: subreddit, topic, else source.
Every fit runs in a fresh process, ours and theirs in turn, twice in each: the first time compiles and imports, the
second does not. --tokens cuts every text, for a quick look: 32 take a quarter of the time. --scale adds our own times
at 10,000 to 180,000 rows; above the real ones each is a real one moved by noise to a cosine of about 0.9. No text is
printed.
"""

import argparse
import gzip
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_rand_score

HERE = Path(__file__).parent
FILES = ("weak_domains", "weak_negatives", "chats")
SIZES = (10_000, 40_000, 100_000, 180_000)
AS_SAID = 20_000  # characters of a text that are encoded, the most; the encoder reads fewer


def texts_and_labels(folder):
    found = {}
    for name in FILES:
        with gzip.open(folder / f"{name}.jsonl.gz", "rt") as lines:
            for row in map(json.loads, lines):
                said = row.get("text") or next((m["content"] for m in row["messages"] if m["role"] == "user"), "")
                label = row.get("subreddit") or row.get("topic") or row["source"]
                if said.strip() and said not in found:
                    found[said] = (hashlib.blake2b(row["id"].encode()).digest(), str(label))
    ordered = sorted(found.items(), key=lambda item: item[1][0])
    return [said for said, _ in ordered], [label for _, (_, label) in ordered]


def encoded(folder, work, tokens):
    """Vectors and label numbers of all texts; made once."""
    if not (work / "vectors.npy").is_file():
        import torch

        from guidance_atlas.plan import open_readers
        from guidance_atlas.settings import load_settings

        texts, labels = texts_and_labels(folder)
        encoder, _ = open_readers(load_settings())
        encoder._model.to(torch.bfloat16)
        encoder._max_tokens = tokens
        np.save(work / "labels.npy", np.unique(labels, return_inverse=True)[1])
        np.save(work / "vectors.npy", encoder.encode([said[:AS_SAID] for said in texts]).astype(np.float16))
    vectors = np.load(work / "vectors.npy").astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.load(work / "labels.npy")


def moved(vectors, n):
    """n vectors: the real ones, then copies of them moved by noise."""
    rng = np.random.default_rng(5)
    more = [vectors[:n]]
    while (left := n - sum(map(len, more))) > 0:
        rows = vectors[:left] + 0.5 / np.sqrt(vectors.shape[1]) * rng.standard_normal(vectors[:left].shape, np.float32)
        more.append(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    return np.concatenate(more)


def fitted(python, which, vectors, work):
    """What two fits in a fresh process took, and the groups of the second."""
    np.save(work / "given.npy", vectors)
    command = [python, HERE / "clustering_fits.py", which, work / "given.npy", work / "groups.npy"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{which} failed under {python}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1]), np.load(work / "groups.npy")


def quality(groups, labels):
    """Clusters, share in none, and the adjusted Rand index against known labels in three ways."""
    inside = groups >= 0
    alone = np.where(inside, groups, groups.max() + 1 + np.arange(len(groups)))
    return {
        "clusters": int(groups.max()) + 1,
        "noise": 1 - inside.mean(),
        "ari_in_clusters": adjusted_rand_score(labels[inside], groups[inside]),
        "ari_all": adjusted_rand_score(labels, groups),
        "ari_noise_alone": adjusted_rand_score(labels, alone),
    }


def spread(values):
    return f"{np.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def side_by_side(vectors, labels, pythons, repeats, work):
    rows = {which: [] for which in pythons}
    for _ in range(repeats):
        for which, python in pythons.items():
            took, groups = fitted(python, which, vectors, work)
            rows[which].append(took | quality(groups, labels))
            print(
                f"  {which}: " + ", ".join(f"{name} {value:.4g}" for name, value in rows[which][-1].items()), flush=True
            )
    for which, told in rows.items():
        print(f"{which}, median (least to most) of {repeats}")
        for name in told[0]:
            print(f"  {name:16} {spread([row[name] for row in told])}")
    if len(rows) == 2:
        mine, theirs = rows.values()
        for name in ("first_wall", "first_cpu", "second_wall", "second_cpu"):
            ratio = [b[name] / a[name] for a, b in zip(mine, theirs, strict=True)]
            print(f"BERTopic's time over ours, {name}: {spread(ratio)}")


def scale(vectors, labels, work):
    for n in SIZES:
        took, groups = fitted(sys.executable, "ours", moved(vectors, n), work)
        known = min(n, len(labels))
        told = took | quality(groups[:known], labels[:known])
        print(f"{n} rows: " + ", ".join(f"{name} {value:.4g}" for name, value in told.items()), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path, default=HERE.parents[1] / "shared" / "data")
    parser.add_argument("--bertopic", help="Python of an environment with bertopic")
    parser.add_argument("--n", type=int, default=40_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--tokens", type=int)
    parser.add_argument("--scale", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = asked.work or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        vectors, labels = encoded(asked.folder, work, asked.tokens)
        print(f"{asked.n} vectors, {len(np.unique(labels[: asked.n]))} known labels")
        pythons = {"ours": sys.executable} | ({"bertopic": asked.bertopic} if asked.bertopic else {})
        side_by_side(vectors[: asked.n], labels[: asked.n], pythons, asked.repeats, work)
        if asked.scale:
            scale(vectors, labels, work)


if __name__ == "__main__":
    main()
