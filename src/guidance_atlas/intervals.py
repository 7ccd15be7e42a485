"""Shares with their uncertainty."""

import polars as pl

# 97.5 % point of the standard normal: a 95 % interval leaves 2.5 % on either side.
Z = 1.959964


def with_share(frame: pl.DataFrame) -> pl.DataFrame:
    """Add share, low and high (0 to 1) to rows of numerator and denominator; null where there is nothing to divide by.

    low and high are the 95 % score interval of Wilson (1927), which stays inside 0..1 and holds for small counts.
    """
    part = pl.col("numerator").cast(pl.Float64)
    whole = pl.when(pl.col("denominator") > 0).then(pl.col("denominator").cast(pl.Float64))
    share = part / whole
    centre = (part + Z**2 / 2) / (whole + Z**2)
    half = Z / (whole + Z**2) * (part * (whole - part) / whole + Z**2 / 4).sqrt()
    # At 0 and 1 the interval ends at the share itself; floating point may miss it by a hair.
    return frame.with_columns(
        share=share,
        low=pl.min_horizontal(pl.max_horizontal(centre - half, pl.lit(0.0)), share),
        high=pl.max_horizontal(pl.min_horizontal(centre + half, pl.lit(1.0)), share),
    ).with_columns(pl.when(pl.col("share").is_not_null()).then(pl.col("low", "high")))
