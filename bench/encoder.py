"""The encoder of what is asked on every backend that is here, side by side in one process on one core.

    python bench/encoder.py --data <folder of labelled data> [--texts 300] [--rounds 5] [--rows 400]

Prints texts and tokens a second on real chats, how near vectors come to 32-bit floats, which decisions of the heads
differ on labelled rows, and the share reached of the best rate at which the same library multiplies matrices of the
model's shapes. Then what sorting by length and each step of padding saves, and where the time goes. Rounds alternate
between what is compared, by processor time: the middle round, and the slowest to the quickest. It prints no text.
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

from guidance_atlas.adapters import openvino
from guidance_atlas.adapters.batches import BUDGET, LEAST_TOKENS, company, stacked, through
from guidance_atlas.adapters.sentence_transformer import STEP, SentenceTransformerEncoder
from guidance_atlas.heads.data import read_items
from guidance_atlas.heads.labels import first_two
from guidance_atlas.heads.material import OTHER_LANGUAGES
from guidance_atlas.heads.measure import f1, figure
from guidance_atlas.heads.opened import GUIDANCE_TUNING, open_heads
from guidance_atlas.heads.text import gist
from guidance_atlas.heads.weights import read_head

PASSES = 15  # of each chain of products, before the rounds and after them


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=400, help="labelled rows of each file, the most")
    told = parser.parse_args()
    torch.set_num_threads(1)
    wanted = ["float32", "torch", *(["openvino"] if openvino.installed() else [])]
    tuning = read_head(GUIDANCE_TUNING)
    encoders = {}
    for name in wanted:
        encoder = SentenceTransformerEncoder(tuning=tuning, backend=name)
        encoders.setdefault(encoder.identity.removeprefix(f"{encoder.made_for}/"), encoder)
    texts = some_gists(told.data, told.texts)
    tokens = encoders["torch/float32"].tokens(texts)
    vectors = show_speed(encoders, texts, tokens, told.rounds)
    show_nearness(vectors)
    show_decisions(encoders, told.data, told.rows)
    name, quickest = list(encoders.items())[-1]
    show_padding(name, quickest._opened, tokens, told.rounds)
    show_time(name, quickest, texts, tokens, told.rounds)


def wilson(hits, n, z=1.959964):
    """The 95 % interval of a share."""
    share = hits / n
    middle, half = share + z * z / (2 * n), z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    return max(0.0, middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def some_gists(data, n):
    chats = [item for item in read_items(data, "chats") if item.source not in OTHER_LANGUAGES]
    order = np.random.default_rng(5).permutation(len(chats))[:n]
    return [gist(chats[at].said) for at in order]


def timed(works, rounds):
    """Processor seconds of each work in each round; the works take turns."""
    took = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            began = time.process_time()
            work()
            took[name].append(time.process_time() - began)
    return took


def rate(amount, seconds, digits=0):
    """The middle round's, and from the slowest to the quickest."""
    middle, low, high = (amount / each for each in (np.median(seconds), max(seconds), min(seconds)))
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def operations(lengths, config):
    """Multiplications and additions of the blocks: linear layers, and attention over the real tokens of each text."""
    width, inner, blocks = config.hidden_size, config.intermediate_size, config.num_hidden_layers
    linear = 2 * (4 * width * width + 2 * width * inner)
    return float(sum(blocks * (length * linear + 4 * length * length * width) for length in lengths))


def products(config):
    """For each backend, chains of products at the model's shapes, so long that what goes in and out counts little."""
    width, inner = config.hidden_size, config.intermediate_size
    chains = [[(width, width)] * 16, [(width, inner), (inner, width)] * 4]
    draw = np.random.default_rng(0)
    made = [[(draw.normal(size=each) / each[0] ** 0.5).astype("f4") for each in chain] for chain in chains]
    begin = draw.normal(size=(BUDGET, width)).astype("f4")
    work = [sum(2 * BUDGET * k * n for k, n in chain) for chain in chains]

    def of_torch(weights, kind):
        held, laid = torch.from_numpy(begin).to(kind), [torch.from_numpy(each.T.copy()).to(kind) for each in weights]

        def run():
            at = held
            for each in laid:
                at = torch.nn.functional.linear(at, each)

        return run

    found = {
        f"torch/{name}": [of_torch(weights, kind) for weights in made]
        for name, kind in (("float32", torch.float32), ("bfloat16", torch.bfloat16))
    }
    if openvino.installed():
        found[f"openvino/{openvino.floats()}"] = [of_openvino(begin, weights) for weights in made]
    return found, work


def of_openvino(begin, weights):
    ov = openvino._library()
    from openvino import opset13 as ops

    at = held = ops.parameter(begin.shape, np.float32)
    for each in weights:
        at = ops.matmul(at, ops.constant(each), False, False)
    config = openvino.CONFIG | {"INFERENCE_PRECISION_HINT": openvino.HINTS[openvino.floats()]}
    request = ov.Core().compile_model(ov.Model([at], [held]), "CPU", config).create_infer_request()
    return lambda: request.infer([begin])


def limits(config):
    """The best rate of each backend over shapes and passes, in operations a second."""
    found, work = products(config)
    best = {}
    with torch.inference_mode():
        for _ in range(PASSES):
            for name, chains in found.items():
                for run, n in zip(chains, work, strict=True):
                    began = time.process_time()
                    run()
                    best[name] = max(best.get(name, 0.0), n / (time.process_time() - began))
    return best


def show_speed(encoders, texts, tokens, rounds):
    lengths = [len(one) for one in tokens]
    vectors = {name: encoder.encode(texts) for name, encoder in encoders.items()}
    config = encoders["torch/float32"]._source.open()[0].auto_model.config
    before = limits(config)
    took = timed({name: lambda each=each: each.encode(texts) for name, each in encoders.items()}, rounds)
    after = limits(config)
    n, total, work = len(set(texts)), sum(lengths), operations(lengths, config)
    print(f"{len(texts)} real chats, {n} different gists, {total / len(texts):.0f} tokens each; {rounds} rounds")
    print(f"{'backend':20} {'texts/s':>24} {'tokens/s':>28} {'against float32':>16}  share of its matmul limit")
    for name, seconds in took.items():
        against = [a / b for a, b in zip(took["torch/float32"], seconds, strict=True)]
        limit = max(before.get(name, 0), after.get(name, 0))
        reached = [work / each / limit for each in seconds]
        print(
            f"{name:20} {rate(len(texts), seconds):>24} {rate(total, seconds):>28}"
            f" {np.median(against):5.2f} ({min(against):.2f} to {max(against):.2f})"
            f"  {np.median(reached):.2f} ({min(reached):.2f} to {max(reached):.2f}) of {limit / 1e9:,.0f} GFLOP/s"
        )
    return vectors


def show_nearness(vectors):
    print("\ncosine to torch/float32       mean   1st percentile   least")
    exact = vectors["torch/float32"]
    for name, found in vectors.items():
        cosine = (exact * found).sum(axis=1)
        print(f"  {name:26} {cosine.mean():.6f} {np.percentile(cosine, 1):.6f} {cosine.min():.6f}  (n={len(cosine)})")


def show_decisions(encoders, data, most):
    heads = open_heads(encoder=encoders["torch/float32"].made_for, reader=reader_of(), folder=None)
    print("\ndecisions of screen and labels that differ from torch/float32 (Wilson 95 %)")
    for file in ("gate_dev", "gate_train"):
        items = read_items(data, file)
        items = [items[at] for at in sorted(np.random.default_rng(7).permutation(len(items))[:most])]
        truth = np.array([float(bool(item.labels["guidance"])) for item in items])
        texts = [gist(item.said) for item in items]
        told = {name: decisions(heads, each.encode(texts)) for name, each in encoders.items()}
        for name, found in told.items():
            one = figure("F1", f1, truth, found["guidance"].astype(float))
            differ = []
            for what, values in found.items():
                n = int((values != told["torch/float32"][what]).sum())
                low, high = wilson(n, len(values))
                differ.append(f"{what} {n} ({low:.4f} to {high:.4f})")
            print(f"  {file:10} {name:18} n={len(items)} F1 {one.value} ({one.low} to {one.high}); {'; '.join(differ)}")


def reader_of():
    from guidance_atlas.adapters.exchange_reader import ExchangeReader
    from guidance_atlas.heads.opened import EXCHANGE_TUNING

    return ExchangeReader(tuning=read_head(EXCHANGE_TUNING)).made_for


def decisions(heads, vectors):
    scores = heads.screen.score(vectors)
    first, _ = first_two(heads.labels.domains(vectors), heads.labels.second)
    return {
        "guidance": scores >= heads.screen.threshold,
        "unsure": heads.screen.unsure(scores),
        "domain": first[:, 0],
        "stakes": heads.labels.stakes_of(vectors)[0],
    }


def show_padding(name, opened, tokens, rounds):
    lengths = [len(one) for one in tokens]

    def unsorted():
        for start in range(0, len(tokens), 32):
            some = tokens[start : start + 32]
            opened.run(*stacked(some, max(map(len, some)), pad=opened.reading.pad))

    def in_steps(step):
        return lambda: through(opened, tokens, limit=256, step=step)

    works = {f"sorted, steps of {step}": in_steps(step) for step in (8, 16, 32, 64)}
    took = timed({"as they come, batches of 32": unsorted, **works}, rounds)
    print(f"\npadding on {name}          texts/s         share of padding, filling included")
    for what, seconds in took.items():
        if what in works:
            step = int(what.rpartition(" ")[2])
            run = sum(
                max(len(rows), -(-LEAST_TOKENS // padded)) * padded
                for rows, padded in company(lengths, limit=256, step=step)
            )
        else:
            run = sum(32 * max(lengths[at : at + 32]) for at in range(0, len(lengths), 32))
        used = "  used" if what.endswith(f"steps of {STEP}") else ""
        print(f"  {what:28} {rate(len(tokens), seconds):>20} {1 - sum(lengths) / run:8.3f}{used}")


def show_time(name, encoder, texts, tokens, rounds):
    lengths = np.array([len(one) for one in tokens])
    marks = " ".join(f"{value:.0f}" for value in np.percentile(lengths, [5, 25, 50, 75, 95]))
    took = timed(
        {
            "tokenizing": lambda: encoder.tokens(texts),
            "network": lambda: through(encoder._opened, tokens, limit=256, step=STEP),
            "all": lambda: encoder.encode(texts),
        },
        rounds,
    )
    print(
        f"\ntokens a text: mean {lengths.mean():.1f}, at 5, 25, 50, 75, 95 % {marks}; cut {np.mean(lengths == 256):.3f}"
    )
    for what, seconds in took.items():
        each = 1e3 * np.median(seconds) / len(texts)
        print(f"  {name} {what:12} {each:.3f} ms a text, {rate(len(texts), seconds)} texts/s")


if __name__ == "__main__":
    main()
