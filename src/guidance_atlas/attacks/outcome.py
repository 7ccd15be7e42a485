"""What an attack came to: right guesses of all, with an interval, beside a blind guess and what is promised."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from guidance_atlas.intervals import Z

# What is promised where it is more than "no better than blind". Shares, 0 to 1.
IDENTIFIERS_LEFT = 0.01  # of identifiers with a pattern of their own, left in masked text
NAMES_LEFT = 0.10  # of names of people, left in masked text
EXPOSED = 0.60  # right guesses whether she is among the counted, by somebody who knows the distribution; blind is 0.5


@dataclass(frozen=True)
class Outcome:
    """One row of the table: an attack, what is guessed, and how often the guess was right."""

    attack: str
    guessed: str
    n: int
    right: int
    blind: float  # share of right guesses of somebody who sees nothing
    bound: float | None  # the most that is promised; None: nothing is promised against this attacker
    defended: bool = True  # false: a defence is switched off on purpose, and the attack has to win
    note: str = ""

    @property
    def share(self) -> float:
        """Right guesses of all, 0 to 1."""
        return self.right / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the share."""
        return wilson(self.right, self.n)

    @property
    def holds(self) -> bool | None:
        """Whether the result is what it should be; None where nothing is promised.

        Defended: the interval reaches down to the bound. Switched off: it lies above the blind guess, else the attack
        is too weak to say anything.
        """
        if not self.n:
            return False
        low = self.interval[0]
        if not self.defended:
            return low > self.blind
        return None if self.bound is None else low <= self.bound


def wilson(part: int, whole: int) -> tuple[float, float]:
    """95 % score interval of a share (Wilson 1927); 0 to 1 where nothing was tried."""
    if not whole:
        return 0.0, 1.0
    share = part / whole
    centre, half = share + Z**2 / (2 * whole), Z * sqrt(share * (1 - share) / whole + Z**2 / (4 * whole**2))
    low, high = ((centre + side * half) / (1 + Z**2 / whole) for side in (-1, 1))
    return (0.0 if part == 0 else low), (1.0 if part == whole else high)


def broken(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The rows that are not what they should be."""
    return [one for one in outcomes if one.holds is False]
