"""Write a large corpus for scaling runs: real chats over and over, each time with other words, names and people.

    python bench/corpus.py --conversations 100000 --out /tmp/corpus

Of the words of four letters and more, but for the most frequent, some are changed for words that other chats of the
same source use (CHANGED), every given name for another one, and every number for one of as many digits. So lengths,
languages and subjects stay those of the real chats, nothing is there twice, and what is guidance stays mostly so. Chats
of the source with the longest ones come oftener (OFTENER), so that a conversation has about 450 words in the mean, as
logs do; the real chats' mean is 226. Seven people have ten conversations; days are drawn over eight weeks, models from
three. A smaller corpus is the beginning of a larger one.

What comes out holds people's words: the folder is made for its owner alone. Delete it after use.
"""

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path

import numpy as np

CHANGED = 0.2
OFTENER = {"wildchat_convotopo": 7.6}
LEAST_LETTERS, MOST_FREQUENT, POOL = 4, 200, 200_000
FIRST_DAY, DAYS = datetime(2026, 3, 2, tzinfo=UTC), 56
MODELS, MODEL_SHARES = ("model-a", "model-b", "model-c"), (0.5, 0.3, 0.2)
PEOPLE = 0.7  # people for each conversation
PIECE = re.compile(r"(\d+|[^\W\d_]+)")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    made = make(options.data, options.conversations, options.out, seed=options.seed, workers=options.workers)
    print(f"{options.conversations} conversations, {made / 1e6:.0f} MB, in {options.out}")


def make(data, n_conversations, out, *, seed=7, workers=2):
    """Write copy-NNN.jsonl files into a private folder; returns how many bytes they hold."""
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    sources = [chat["source"] for chat in _chats(data)]
    jobs = []
    while n_conversations > 0:
        rows = _rows(sources, len(jobs), seed)[:n_conversations]
        n_conversations -= len(rows)
        jobs.append((len(jobs), rows))
    work = partial(_copy, data=data, out=out, seed=seed)
    if workers == 1 or len(jobs) == 1:
        return sum(map(work, jobs))
    with get_context("spawn").Pool(workers) as pool:
        return sum(pool.imap_unordered(work, jobs))


def _rows(sources, copy, seed):
    """Which chats stand in a copy, in an order of its own."""
    times = [int(OFTENER.get(one, 1) * (copy + 1)) - int(OFTENER.get(one, 1) * copy) for one in sources]
    return np.random.default_rng((seed, copy, 1)).permutation(np.repeat(np.arange(len(sources)), times))


def _chats(data):
    with gzip.open(data / "chats.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


_READ = {}


def _read(data):
    """Chats in pieces, with the places of pieces to change; words to put there by source. Read once a process."""
    if data not in _READ:
        names = files("guidance_atlas.wording").joinpath("names_given.txt").read_text(encoding="utf-8")
        given = {word for line in names.splitlines() if not line.startswith("#") for word in line.split()}
        cut = [(chat["source"], [_pieces(m) for m in chat["messages"]]) for chat in _chats(data)]
        spoken = Counter(piece.lower() for _, turns in cut for _, pieces in turns for piece in pieces[1::2])
        frequent = {word for word, _ in spoken.most_common(MOST_FREQUENT)}
        pools, chats = defaultdict(list), []
        for source, turns in cut:
            read = []
            for role, pieces in turns:
                words, people, numbers = [], [], []
                for place in range(1, len(pieces), 2):
                    piece = pieces[place]
                    if piece.isdigit():
                        numbers.append(place)
                    elif piece.istitle() and piece.lower() in given:
                        people.append(place)
                    elif len(piece) >= LEAST_LETTERS and piece.islower() and piece not in frequent:
                        words.append(place)
                        if len(pools[source]) < POOL:
                            pools[source].append(piece)
                read.append((role, pieces, np.array(words, int), people, numbers))
            chats.append((source, read))
        _READ[data] = chats, pools, sorted(name.title() for name in given)
    return _READ[data]


def _pieces(message):
    return message["role"], PIECE.split(message["content"] or "")


def _copy(job, *, data, out, seed):
    copy, rows = job
    chats, pools, names = _read(data)
    draw = np.random.default_rng((seed, copy))
    n_people = int(len(rows) * PEOPLE)
    n_bytes = 0
    with (out / f"copy-{copy:03}.jsonl").open("wb") as file:
        for number, row in enumerate(rows.tolist()):
            source, turns = chats[row]
            line = json.dumps(
                {
                    "id": f"{copy}-{number}",
                    "user_id": f"person-{copy}-{draw.integers(n_people)}",
                    "created_at": (FIRST_DAY + timedelta(minutes=int(draw.integers(DAYS * 1440)))).isoformat(),
                    "model": MODELS[draw.choice(len(MODELS), p=MODEL_SHARES)],
                    "messages": _changed(turns, draw, pools[source], names),
                },
                ensure_ascii=False,
            )
            n_bytes += file.write(line.encode("utf-8", "replace") + b"\n")
    return n_bytes


def _changed(turns, draw, pool, names):
    called = {}
    messages = []
    for role, pieces, words, people, numbers in turns:
        text = pieces.copy()
        chosen = words[draw.random(len(words)) < CHANGED]
        for place, other in zip(chosen.tolist(), draw.integers(len(pool), size=len(chosen)).tolist(), strict=True):
            text[place] = pool[other]
        for place in people:
            text[place] = called.setdefault(text[place], names[draw.integers(len(names))])
        for place in numbers:
            n = len(text[place])
            text[place] = "".join(map(str, draw.integers(10, size=n).tolist())) if n < 40 else text[place]
        messages.append({"role": role, "content": "".join(text)})
    return messages


if __name__ == "__main__":
    main()
