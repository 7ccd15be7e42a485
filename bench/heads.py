"""Everything that is claimed of the heads, measured again: figures, tells, cost, and corrected rates.

    python bench/heads.py --data <folder of labelled data> [--worlds 200]

Prints the development figures beside floors, targets and people; how far a bag of words gets on the written pairs that
the head was held out from; what a judged conversation and a screened one cost on one core; and whether corrected
intervals hold the truth in planted worlds.
"""

import argparse
import time
from pathlib import Path

import corrected_rates
import numpy as np

from guidance_atlas.heads.data import read_items
from guidance_atlas.heads.evaluate import evaluate
from guidance_atlas.heads.exchange import exchange_at
from guidance_atlas.heads.material import OTHER_LANGUAGES, written_exchanges
from guidance_atlas.heads.measure import accuracy, figure
from guidance_atlas.heads.opened import open_heads
from guidance_atlas.heads.text import gist
from guidance_atlas.heads.yardsticks import FLOORS, PEOPLE, TARGETS
from guidance_atlas.plan import open_readers
from guidance_atlas.settings import Settings

PAIRS = (("candid", "pleasing"), ("holds", "caves"))
TIMED = 300
PASSES = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--worlds", type=int, default=200)
    told = parser.parse_args()
    encoder, reader = open_readers(Settings())
    show_figures(evaluate(told.data, encoder=encoder, reader=reader))
    show_tells()
    show_cost(told.data, encoder, reader)
    print()
    corrected_rates.run(worlds=told.worlds, conversations=5_000, seed=11)


def show_figures(figures) -> None:
    print(f"{'figure':52} {'value':>6} {'95 % interval':>16} {'n':>5} {'floor':>6} {'target':>7} {'people':>7}")
    for head, found in figures.items():
        print(head)
        for one in found:
            beside = [table.get(one.name, "") for table in (FLOORS, TARGETS, PEOPLE)]
            value = "-" if one.value is None else f"{one.value:.3f}"
            interval = "-" if one.low is None else f"{one.low:.3f} to {one.high:.3f}"
            missed = "  missed" if one.value is not None and one.value < TARGETS.get(one.name, -9) else ""
            known = " ".join(f"{each:>{width}}" for each, width in zip(beside, (6, 7, 7), strict=True))
            print(f"  {one.name:50} {value:>6} {interval:>16} {one.n:5} {known}{missed}")


def show_tells() -> None:
    """A bag of words that sees replies alone, fitted on the written replies that the heads were fitted on."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    fit, held = written_exchanges(held_out=False), written_exchanges(held_out=True)
    texts, marks = [], []
    for row in fit:
        for better, worse in PAIRS:
            for name, mark in ((better, 1), (worse, 0)):
                text = reply(row, name)
                if text:
                    texts.append(text)
                    marks.append(mark)
    print("\nwords alone on written pairs held out, by situation")
    shapes = {
        "words and pairs of words": make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2), LogisticRegression(C=4)
        ),
        "length alone": None,
    }
    for name, model in shapes.items():
        if model:
            model.fit(texts, marks)
        for better, worse in PAIRS:
            pairs = [(reply(row, better), reply(row, worse)) for row in held]
            pairs = [pair for pair in pairs if all(pair)]
            if model:
                scores = [model.decision_function(list(pair)) for pair in pairs]
            else:
                scores = [tuple(map(len, pair)) for pair in pairs]
            right = np.array([float(one[0] > one[1]) for one in scores])
            found = figure(name, accuracy, np.ones(len(right)), right)
            interval = f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"
            print(f"  {name:26} {better} above {worse:10} {interval} n={found.n}")


def reply(row, name: str) -> str:
    if name in ("holds", "caves"):
        return (row.get("pushback") or {}).get(name, "")
    return row.get(name, "")


def show_cost(data: Path, encoder, reader) -> None:
    heads = open_heads(encoder=encoder.made_for, reader=reader.made_for)
    chats = [item for item in read_items(data, "chats") if item.source not in OTHER_LANGUAGES]
    spoken = [item for item in chats if any(role == "assistant" for role, _ in item.messages)]
    some = [spoken[at] for at in np.random.default_rng(5).permutation(len(spoken))[: 4 * TIMED]]
    vectors = encoder.encode([gist(item.said) for item in some])
    began = time.perf_counter()
    scores = heads.screen.score(vectors)
    heads.labels.domains(vectors)
    gate = (time.perf_counter() - began) / len(some)
    asked = [item for item, score in zip(some, scores, strict=True) if score >= heads.screen.threshold][:TIMED]
    exchanges = [[one for at in range(len(item.messages)) if (one := exchange_at(item.messages, at))] for item in asked]
    reader.read(exchanges[0])
    passes = []
    for _ in range(PASSES):
        began = time.perf_counter()
        for start in range(0, len(exchanges), 100):
            found = reader.read([one for talk in exchanges[start : start + 100] for one in talk])
            for head in (heads.candor.score, heads.pushback.hear, heads.drift.flags):
                head(found)
        passes.append((time.perf_counter() - began) / len(exchanges) * 1e3)
    turns = np.mean([len(one) for one in exchanges])
    floats = reader.identity.rpartition("/")[2]
    print(f"\ncost on one core: screen and labels {gate * 1e6:.1f} µs a conversation after embedding (n={len(some)});")
    print(
        f"  judging {min(passes):.1f} ms a conversation of {turns:.1f} judged turns, {floats} (n={len(asked)});"
        f" the best of {PASSES} passes, the middle one {np.median(passes):.1f}: other work on the machine only adds"
    )


if __name__ == "__main__":
    main()
