"""Do corrected intervals hold the truth? Planted worlds through the label noise of the shipped cards.

    python bench/corrected_rates.py [--worlds 200] [--seed 11] [--conversations 5000]

Each world draws its own true rates: how many ask for guidance, about what, how often the assistant is sycophantic,
how often people push back. What heads would say is drawn from the errors that the cards counted, taken as the truth of
the noise; the card that corrects is drawn anew for every world, as many labelled rows as the shipped one has, so that
an interval must also allow for its own card's chance. This is the noise model, not the pipeline: it shows that the
intervals are right where errors are what the card says, not that a card holds for other chats.
"""

import argparse
from collections import defaultdict

import numpy as np

from guidance_atlas.correction import corrected_share, corrected_shares
from guidance_atlas.heads.cards import read_card
from guidance_atlas.heads.confusion import Confusion
from guidance_atlas.intervals import Z

FLAGS = {"guidance": "screen", "sycophantic": "candor", "pushback": "pushback", "pressing": "pushback"}
RATES = {"guidance": (0.02, 0.4), "sycophantic": (0.02, 0.5), "pushback": (0.05, 0.5), "pressing": (0.05, 0.5)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--conversations", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=11)
    told = parser.parse_args()
    run(worlds=told.worlds, conversations=told.conversations, seed=told.seed)


def run(*, worlds: int, conversations: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    tally: dict[str, list[tuple[bool, bool, float]]] = defaultdict(list)
    for _ in range(worlds):
        for measure, head in FLAGS.items():
            tally[measure] += flag_world(find(head, measure), RATES[measure], conversations, draw)
        tally["domain_share"] += domain_world(find("labels", "domain_share"), conversations, draw)
        tally["stakes"] += levels_world(find("labels", "stakes"), conversations // 10, draw)
    print(f"{worlds} worlds of {conversations} conversations, seed {seed}, label noise of the cards")
    print(
        f"{'rate':14} {'raw holds truth':>16} {'corrected holds':>16} {'mean width':>11} {'rates':>7} {'left out':>9}"
    )
    everything = []
    for measure, rows in tally.items():
        known = [row for row in rows if row[2] >= 0]
        everything += known
        print_row(measure, known, len(rows) - len(known))
    print_row("all", everything, 0)


def print_row(name: str, rows: list[tuple[bool, bool, float]], left_out: int) -> None:
    if rows:
        raw, corrected, width = (float(np.mean([row[at] for row in rows])) for at in range(3))
        print(f"{name:14} {raw:16.3f} {corrected:16.3f} {width:11.3f} {len(rows):7} {left_out:9}")
    else:
        print(f"{name:14} {'not estimable':>16} {'':16} {'':11} {0:7} {left_out:9}")


def find(head: str, measure: str) -> Confusion:
    """The confusion of a measure over all conversations, from the shipped card."""
    return next(one for one in read_card(head).confusions if one.measure == measure and one.facet == "all")


def flag_world(
    noise: Confusion, rates: tuple[float, float], n: int, draw: np.random.Generator
) -> list[tuple[bool, bool, float]]:
    """One world of a yes-or-no label: raw interval holds the truth, corrected one does, its width (-1: no estimate)."""
    truth = float(draw.uniform(*rates))
    mixed = noise.table / noise.table.sum(axis=1, keepdims=True)
    true = draw.random(n) < truth
    found = int((draw.random(n) < mixed[true.astype(int), 1]).sum())
    answer = corrected_share(np.array([found]), np.array([n]), own_card(noise, draw))
    return [judge(truth, found, n, answer.share[0], answer.low[0], answer.high[0])]


def domain_world(noise: Confusion, n: int, draw: np.random.Generator) -> list[tuple[bool, bool, float]]:
    """One world of domains beside no guidance at all."""
    k = len(noise.classes) - 1
    asked = float(draw.uniform(0.05, 0.5))
    shares = draw.dirichlet(np.full(k, 1.5))
    found = draw.multinomial(n, np.concatenate([[1 - asked], asked * shares]) @ rows_of(noise))
    answer = corrected_shares(found[None], own_card(noise, draw), outside=0)
    return [
        judge(shares[at], int(found[at + 1]), int(found[1:].sum()), *(x[0, at + 1] for x in told(answer)))
        for at in range(k)
    ]


def levels_world(noise: Confusion, n: int, draw: np.random.Generator) -> list[tuple[bool, bool, float]]:
    """One world of three levels of stakes."""
    shares = draw.dirichlet(np.full(len(noise.classes), 2.0))
    found = draw.multinomial(n, shares @ rows_of(noise))
    answer = corrected_shares(found[None], own_card(noise, draw))
    return [judge(shares[at], int(found[at]), n, *(x[0, at] for x in told(answer))) for at in range(len(shares))]


def told(answer: object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return answer.share, answer.low, answer.high  # type: ignore[attr-defined]


def rows_of(noise: Confusion) -> np.ndarray:
    """Shares that each true class is taken for each class, a class never seen as if it were always right."""
    table = noise.table + np.eye(len(noise.classes)) * (noise.table.sum(axis=1, keepdims=True) == 0)
    return table / table.sum(axis=1, keepdims=True)


def own_card(noise: Confusion, draw: np.random.Generator) -> np.ndarray:
    """A card of as many labelled rows, counted anew."""
    return np.stack([draw.multinomial(n, row) for n, row in zip(noise.table.sum(axis=1), rows_of(noise), strict=True)])


def judge(truth: float, found: int, n: int, share: float, low: float, high: float) -> tuple[bool, bool, float]:
    part = found / max(n, 1)
    centre, half = (
        (part + Z**2 / 2 / n) / (1 + Z**2 / n),
        Z / (1 + Z**2 / n) * np.sqrt(part * (1 - part) / n + Z**2 / 4 / n**2),
    )
    raw = bool(centre - half <= truth <= centre + half)
    return (raw, False, -1.0) if np.isnan(share) else (raw, bool(low <= truth <= high), float(high - low))


if __name__ == "__main__":
    main()
