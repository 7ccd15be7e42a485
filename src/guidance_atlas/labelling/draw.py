"""Which conversations people are asked to label, each with its exact chance of being asked about."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from guidance_atlas.vocab import SYCOPHANTIC

Floats = NDArray[np.float64]
How = Literal["random", "unsure"]

# An unsure draw takes whom the heads are sure of too, at least a fifth as often: what they are surely wrong about is
# an error like any other, and a small chance would make a heavy weight.
LEAST_DOUBT = 0.25
SCORE_REACH, CANDOR_REACH = 0.25, 1.0  # so far from the cut there is no more doubt


@dataclass(frozen=True)
class Draw:
    """How conversations were drawn: its name is written beside every row of a sheet."""

    how: How
    n: int
    seed: int

    @property
    def name(self) -> str:
        """A word that says it all, such as random-100-7."""
        return f"{self.how}-{self.n}-{self.seed}"


def read_draw(name: str) -> Draw | None:
    """The draw of this name; None where there is none."""
    found = re.fullmatch(r"(random|unsure)-(\d{1,9})-(\d{1,18})", name.strip())
    if found is None:
        return None
    return Draw("random" if found[1] == "random" else "unsure", int(found[2]), int(found[3]))


def draw_rows(screened: pl.DataFrame, verdicts: pl.DataFrame, draw: Draw, *, threshold: float) -> pl.DataFrame:
    """Draw about half the rows from what the screen calls guidance, the rest from what it does not.

    Within each half a random draw gives every scored conversation the same chance, an unsure one a chance in
    proportion to its doubt. Where one side has too few, the other makes up for it.

    Args:
        screened: contract Screened; rows without an answer are not drawn from.
        verdicts: contract Verdicts.
        draw: the same one over the same tables gives the same rows.
        threshold: probability from which the screen says guidance.

    Returns:
        conversation_id, guidance (what the screen says) and chance (0 to 1, that this draw asks about it), in an
        order drawn by chance too: those at the top stand for all.
    """
    scored = (
        screened.filter(pl.col("guidance").is_not_null(), pl.col("score").is_not_null())
        .join(verdicts.select("conversation_id", "candor"), on="conversation_id", how="left")
        .sort("conversation_id")
    )
    chooser = np.random.default_rng(draw.seed)
    sides = [scored.filter(guidance=True), scored.filter(guidance=False)]
    half = -(-draw.n // 2)
    of_guidance = min(sides[0].height, max(half, draw.n - sides[1].height))
    wanted = (of_guidance, min(sides[1].height, draw.n - of_guidance))
    drawn = []
    for side, n in zip(sides, wanted, strict=True):
        sizes = doubt(side, threshold=threshold) if draw.how == "unsure" else np.ones(side.height)
        chance = chances(sizes, n)
        rows = side.select("conversation_id", "guidance").with_columns(chance=pl.Series(chance, dtype=pl.Float64))
        drawn.append(rows[take(chance, chooser)])
    together = pl.concat(drawn)
    return together[chooser.permutation(together.height)]


def doubt(scored: pl.DataFrame, *, threshold: float) -> Floats:
    """How unsure the heads are of each conversation: 0.25 where they are sure of all, 1.25 at a cut."""
    score = scored["score"].cast(pl.Float64).to_numpy()
    candor = scored["candor"].cast(pl.Float64).fill_null(float("inf")).to_numpy()
    of_guidance = 1 - np.abs(score - threshold) / SCORE_REACH
    of_candor = 1 - np.abs(candor - SYCOPHANTIC) / CANDOR_REACH
    return LEAST_DOUBT + np.clip(np.maximum(of_guidance, of_candor), 0.0, 1.0)


def chances(sizes: Floats, n: int) -> Floats:
    """Chances in proportion to sizes (above 0) that add up to n; none is above 1."""
    certain = np.zeros(len(sizes), dtype=bool)
    while True:
        rest = n - certain.sum()
        raw = np.where(certain, 1.0, rest * sizes / max(sizes[~certain].sum(), 1e-300))
        above = (raw >= 1) & ~certain
        if not above.any():
            return raw
        certain |= above


def take(chance: Floats, chooser: np.random.Generator) -> NDArray[np.int64]:
    """Rows drawn with exactly these chances (which add up to a whole number): systematic, over a random order."""
    certain = np.flatnonzero(chance >= 1)
    others = chooser.permutation(np.flatnonzero(chance < 1))
    n = round(float(chance[others].sum()))
    ends = np.cumsum(chance[others])
    picked = np.searchsorted(ends, chooser.random() + np.arange(n), side="right")
    return np.concatenate([certain, others[np.minimum(picked, len(others) - 1)]])
