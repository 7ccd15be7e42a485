"""What leaves: every row is there whatever the data, numbers only where noise does not drown them."""

import polars as pl
from planted import ASK, NoNoise, Said, counted

from guidance_atlas.contracts import NoisyCells, NoisyRates
from guidance_atlas.contracts.base import Exposure
from guidance_atlas.dp.public import draw
from guidance_atlas.dp.tables import noisy_cells, noisy_rates

MANY = counted(
    *[Said(f"p{i}", sycophantic=i < 150, pushback=i % 2 == 0) for i in range(600)],
    *[Said(f"q{i}", domain="legal", sycophantic=None, turns=1, day=7) for i in range(300)],
    *[Said(f"r{i}", guidance=False) for i in range(900)],
)
DRAWN = draw(MANY, NoNoise())
CELLS, RATES = noisy_cells(DRAWN, ASK), noisy_rates(DRAWN)


def one(frame, **where):
    where = {"domain": "all", "week": "all"} | where
    (row,) = frame.filter(**where).to_dicts()
    return row


def test_both_tables_may_leave():
    assert NoisyCells.exposure is NoisyRates.exposure is Exposure.PUBLIC


def test_which_rows_there_are_does_not_follow_from_the_data():
    nobody = draw(counted(Said("a", day=None)), NoNoise())
    key = NoisyCells.primary_key()

    assert noisy_cells(nobody, ASK).select(key).equals(CELLS.select(key))
    assert noisy_rates(nobody).select(key).equals(RATES.select(key))
    assert set(noisy_cells(nobody, ASK)["status"]) == set(noisy_rates(nobody)["status"]) == {"below_threshold"}


def test_counts_are_sums_of_the_noisy_ones():
    assert one(CELLS, cut="total", measure="conversations")["count"] == 1800
    assert one(CELLS, cut="total", measure="guidance")["count"] == 900
    assert one(CELLS, cut="domain", domain="career", measure="sycophantic")["count"] == 150
    assert one(CELLS, cut="domain", domain="career", measure="pushback")["count"] == 300
    assert one(CELLS, cut="domain", domain="legal", measure="not_judged")["count"] == 300
    assert one(CELLS, cut="week", week="2026-W11", measure="guidance_conversations")["count"] == 300
    assert one(CELLS, cut="domain", domain="finance", measure="sycophantic")["status"] == "below_threshold"
    fine = {"cut": "domain_week", "domain": "career", "week": "2026-W10"}
    assert one(CELLS, **fine, measure="sycophantic")["count"] == 150
    assert one(CELLS, **fine, measure="not_judged")["count"] is None


def test_rates_are_of_those_that_can_be_told():
    assert one(RATES, cut="total", measure="guidance")["share"] == 0.5
    assert one(RATES, cut="total", measure="sycophantic")["share"] == 0.25
    assert one(RATES, cut="domain", domain="career", measure="sycophantic_with_pushback")["share"] == 0.25
    assert one(RATES, cut="week", week="2026-W10", measure="sycophantic_without_pushback")["share"] == 0.25
    assert one(RATES, cut="domain", domain="career", measure="pushback")["share"] == 0.5
    legal = RATES.filter(cut="domain", domain="legal")
    assert set(legal["status"]) == {"below_threshold"}


def test_a_sum_of_more_noisy_numbers_has_a_wider_interval():
    few = one(CELLS, cut="domain", domain="career", measure="sycophantic")
    many = one(CELLS, cut="total", measure="sycophantic")

    assert few["count"] == many["count"]
    assert many["high"] - many["low"] > few["high"] - few["low"] > 0


def test_what_is_not_shown_carries_no_number():
    for frame in (CELLS, RATES):
        hidden = frame.filter(pl.col("status") != "shown")
        assert hidden.select(pl.exclude(*NoisyCells.primary_key(), "status")).null_count().sum_horizontal().item() == (
            3 * hidden.height
        )
