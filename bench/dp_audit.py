"""How much epsilon does an attacker prove from many runs in two worlds that differ in one person?

    python bench/dp_audit.py [--runs 100000] [--doubt 0.05]

The person is counted in one number of each histogram, which everybody knows but for them. The first rows are the
mechanism as it is, at what it promises; the last ones have half its noise and must be refuted. What is proven is the
lower end of an interval that has no upper one: more runs prove more. See dp/audit.py.
"""

import argparse
from datetime import date
from time import perf_counter

from guidance_atlas.dp.ask import Ask
from guidance_atlas.dp.audit import proven_epsilon
from guidance_atlas.dp.counts import Counts
from guidance_atlas.dp.public import open_noise

DELTA = 1e-6
AT = 1_000  # conversations in each number, far above every threshold
FORM = "{:12} {:>8} {:>9} {:>17} {:>8} {}"
KEYS = (("week_asked", "w"), ("domain", "d"), ("week", "w"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--doubt", type=float, default=0.05)
    told = parser.parse_args()
    print(f"epsilon, {100 * (1 - told.doubt):g} % interval from n runs in each of two worlds")
    print(FORM.format("mechanism", "n", "promised", "proven, at least", "seconds", "").rstrip())
    for name, noise_for, promised in (
        ("as it is", 1.0, (0.5, 1.0, 2.0)),
        ("half noise", 2.0, (0.5, 1.0, 2.0)),
    ):
        for epsilon in promised:
            started = perf_counter()
            proven = attack(epsilon * noise_for, told.runs, told.doubt)
            seconds, verdict = perf_counter() - started, "refuted" if proven > epsilon else ""
            row = FORM.format(name, told.runs, f"{epsilon:g}", f"{proven:.2f}", f"{seconds:.1f}", verdict)
            print(row.rstrip(), flush=True)


def attack(epsilon: float, runs: int, doubt: float) -> float:
    noise = open_noise(Ask(epsilon, DELTA, date(2026, 3, 2), date(2026, 3, 29)))
    without = Counts(dict.fromkeys(KEYS, AT), {("domain_week", "d", "w"): AT})
    with_one = Counts(dict.fromkeys(KEYS, AT + 1), {("domain_week", "d", "w"): AT + 1})
    return proven_epsilon(without, with_one, noise, n=runs, delta=DELTA, doubt=doubt)


if __name__ == "__main__":
    main()
