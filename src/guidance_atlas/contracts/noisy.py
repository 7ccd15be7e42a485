"""Tables that leave with noise: differentially private counts and the rates made of them."""

from typing import ClassVar

import dataframely as dy
import polars as pl

from guidance_atlas.contracts.base import Exposure, Table
from guidance_atlas.vocab import ALL, DOMAINS, NOISY_COUNTS, NOISY_CUTS, NOISY_RATES, NOISY_STATUS, UNKNOWN

_WEEK = r"^(all|\d{4}-W\d{2})$"


class _Noisy(Table):
    cut = dy.Enum(NOISY_CUTS, primary_key=True, description="what the group is cut by")
    domain = dy.Enum((ALL, *DOMAINS, UNKNOWN), primary_key=True, description="domain, or all")
    week = dy.String(primary_key=True, regex=_WEEK, description="ISO week, or all")


class NoisyCells(_Noisy):
    """One row per noisy count: conversations, bounded per person (people where the bound is one)."""

    exposure: ClassVar[Exposure] = Exposure.PUBLIC
    measure = dy.Enum(NOISY_COUNTS, primary_key=True, description="what is counted")
    status = dy.Enum(NOISY_STATUS, description="shown, or below_threshold: too few to be told from noise")
    count = dy.Int64(nullable=True, min=1, description="noisy count; null where not shown")
    low = dy.Int64(nullable=True, min=0, description="lower end of the 95 % interval: noise alone")
    high = dy.Int64(nullable=True, min=0, description="upper end of the 95 % interval: noise alone")

    @dy.rule()
    def shown_or_nothing(cls) -> pl.Expr:
        """A count that is not shown carries no number; a shown one lies inside its interval."""
        hidden = pl.all_horizontal(pl.col(name).is_null() for name in ("count", "low", "high"))
        told = pl.col("count").is_between("low", "high").fill_null(False)
        return pl.when(pl.col("status") == "shown").then(told).otherwise(hidden)


class NoisyRates(_Noisy):
    """One row per share of noisy counts."""

    exposure: ClassVar[Exposure] = Exposure.PUBLIC
    measure = dy.Enum(NOISY_RATES, primary_key=True, description="what the share is of")
    status = dy.Enum(NOISY_STATUS, description="shown, or below_threshold: the noise drowns what it is a share of")
    share = dy.Float64(nullable=True, min=0.0, max=1.0, description="share, 0 to 1; null where not shown")
    low = dy.Float64(nullable=True, min=0.0, max=1.0, description="lower end of the 95 % interval: noise and chance")
    high = dy.Float64(nullable=True, min=0.0, max=1.0, description="upper end of the 95 % interval: noise and chance")

    @dy.rule()
    def shown_or_nothing(cls) -> pl.Expr:
        """A share that is not shown carries no number; a shown one lies inside its interval."""
        hidden = pl.all_horizontal(pl.col(name).is_null() for name in ("share", "low", "high"))
        told = pl.col("share").is_between("low", "high").fill_null(False)
        return pl.when(pl.col("status") == "shown").then(told).otherwise(hidden)
