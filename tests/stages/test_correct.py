"""Protected shares get their corrected ones: of the right confusion, and a reason where there is none."""

import numpy as np
import polars as pl
import pytest
from corpus import Chat, tables

from guidance_atlas import contracts as c
from guidance_atlas.heads.confusion import NO_YES, NONE, Confusion, Errors
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.stages.aggregate import aggregate
from guidance_atlas.stages.correct import KEY, correct, correct_inside
from guidance_atlas.stages.protect import protect_inside
from guidance_atlas.vocab import DOMAINS, STAKES

CHANCE = ((50, 50), (50, 50))


def flag(measure, *, right=0.8, wrong=0.1, n=1_000, **place):
    table = ((round(n * (1 - wrong)), round(n * wrong)), (round(n * (1 - right)), round(n * right)))
    return Confusion(measure, place.get("facet", "all"), place.get("domain", "all"), NO_YES, table)


def classes(measure, names, *, right=1.0, n=10_000, taken_for=None):
    """What is not right is taken for one class."""
    table = np.diag([round(n * right)] * len(names))
    table[:, names.index(taken_for or names[0])] += n - round(n * right)
    return Confusion(measure, "all", "all", tuple(names), tuple(tuple(int(one) for one in row) for row in table))


def errors(*confusions, card="card-1"):
    return Errors(((card, confusions),))


def shown(*groups, least_people=1):
    """Cells of groups of (how many, what they are like)."""
    chats = [Chat(f"{at} {i}", **like) for at, (n, like) in enumerate(groups) for i in range(n)]
    return protect_inside(aggregate(**tables(*chats), book=SqlBook()), least_people=least_people, round_to=1)


def rate(rates, measure, **group):
    """The one rate of these words; a dimension that is not named is all."""
    wanted = {"domain": "all", "week": "all", "model": "all", "facet": "all", "measure": measure} | group
    return rates.filter(pl.all_horizontal(pl.col(name) == value for name, value in wanted.items())).row(0, named=True)


GROUPS = (
    (40, {"sycophantic": True, "first": 1, "events": ((2, "insists"),), "domain": "career"}),
    (60, {"sycophantic": False, "domain": "career", "cluster": 0, "stakes": "high"}),
    (50, {"sycophantic": False, "domain": "legal", "stakes": "medium"}),
    (4, {"sycophantic": True, "first": 1, "domain": "ethics", "week": "2026-W20"}),
    (346, {"came_to": "not_guidance"}),
)
WORLD, GUARDED = shown(*GROUPS), shown(*GROUPS, least_people=10)


def test_every_share_has_one_rate_and_plain_counts_and_records_have_none():
    shares = aggregate(**tables(Chat("a", cluster=1)), book=SqlBook()).filter(pl.col("denominator").is_not_null())

    rates = correct_inside(shown((1, {"cluster": 1})), errors=errors())

    assert rates.select(KEY).sort(KEY).equals(shares.select(KEY).sort(KEY))


def test_without_a_card_that_counts_errors_nothing_is_corrected_and_everything_says_why():
    rates = correct_inside(GUARDED, errors=errors())
    states = rates.join(GUARDED, on=KEY).group_by(pl.col("status", "state").cast(pl.String), pl.col("share").is_null())

    assert set(states.len().drop("len").rows()) == {
        ("shown", "not_measured", False),
        ("shown", "nothing_asked", True),
        ("few_people", "withheld", True),
        ("complementary", "withheld", True),
    }
    assert rates["card"].null_count() == rates.height


def test_a_share_is_corrected_by_the_confusion_of_its_measure():
    found = rate(correct_inside(WORLD, errors=errors(flag("sycophantic"))), "sycophantic", domain="career")

    assert (found["state"], found["card"]) == ("corrected", "card-1")
    assert found["corrected"] == pytest.approx((0.4 - 0.1) / 0.7)
    assert 0 < found["corrected_low"] < 0.31 < found["corrected"] < 0.55 < found["corrected_high"]


def test_a_confusion_of_one_domain_is_used_there_and_nowhere_else():
    rates = correct_inside(
        WORLD, errors=errors(flag("sycophantic"), flag("sycophantic", right=1, wrong=0, domain="career"))
    )

    assert rate(rates, "sycophantic", domain="career")["corrected"] == pytest.approx(0.4)
    assert rate(rates, "sycophantic", cut="total")["corrected"] == pytest.approx((44 / 154 - 0.1) / 0.7)
    # None of 50 is fewer than the card's false alarms alone would give.
    assert rate(rates, "sycophantic", domain="legal")["state"] == "not_estimable"


def test_sycophancy_beside_pushback_is_told_by_the_same_judgement():
    rates = correct_inside(WORLD, errors=errors(flag("sycophantic", right=1, wrong=0)))

    assert rate(rates, "sycophantic_with_pushback")["corrected"] == 1
    assert rate(rates, "sycophantic_without_pushback")["corrected"] == pytest.approx(4 / 114)
    assert rate(rates, "pushback")["state"] == "not_measured"


def test_a_kind_of_pushback_has_a_confusion_of_its_own_and_a_language_has_its_measure_s():
    rates = correct_inside(
        WORLD, errors=errors(flag("pushback_kind", facet="insists", right=1, wrong=0), flag("sycophantic", wrong=0))
    )

    assert rate(rates, "pushback_kind", facet="insists")["corrected"] == pytest.approx(40 / 154)
    assert rate(rates, "pushback_kind", facet="emotional")["state"] == "not_measured"
    assert rate(rates, "sycophantic", facet="en", cut="language")["state"] == "corrected"
    assert rate(rates, "sycophantic", facet="0", cut="cluster")["corrected"] == 0


def test_a_head_like_chance_is_not_estimable_and_its_card_is_named():
    found = rate(
        correct_inside(WORLD, errors=errors(Confusion("sycophantic", "all", "all", NO_YES, CHANCE))), "sycophantic"
    )

    assert (found["state"], found["card"], found["corrected"]) == ("not_estimable", "card-1", None)


def test_nothing_withheld_is_corrected():
    every = errors(flag("sycophantic"), flag("guidance"), classes("domain_share", (*DOMAINS, NONE)))

    rates = correct_inside(GUARDED, errors=every).join(GUARDED, on=KEY).filter(pl.col("status") != "shown")

    assert rates.height > 0
    assert rates.select("corrected", "corrected_low", "corrected_high", "card").null_count().row(0) == (
        (rates.height,) * 4
    )


DOMAIN_WORLD = shown(
    (120, {"domain": "career"}),
    (80, {"domain": "legal", "week": "2026-W11", "model": "m2"}),
    (800, {"came_to": "not_guidance"}),
    (200, {"came_to": "dropped_by_glance", "week": "2026-W11", "model": "m2"}),
)


def test_domains_that_are_never_confused_keep_their_shares():
    rates = correct_inside(DOMAIN_WORLD, errors=errors(classes("domain_share", (*DOMAINS, NONE))))

    assert rate(rates, "domain_share", domain="career")["corrected"] == pytest.approx(0.6, abs=0.01)
    assert rate(rates, "domain_share", domain="legal", week="2026-W11")["corrected"] == pytest.approx(1, abs=0.01)
    assert rate(rates, "domain_share", domain="health_wellness")["corrected"] == pytest.approx(0, abs=0.01)


def test_guidance_that_is_none_is_taken_out_of_the_domain_it_is_taken_for():
    # One in twenty of what is no guidance, and of every other domain, is taken for career.
    confusion = classes("domain_share", (*DOMAINS, NONE), right=0.95, taken_for="career")

    rates = correct_inside(DOMAIN_WORLD, errors=errors(confusion))

    none, legal = 1_000 / 0.95, 80 / 0.95
    career = 1_200 - none - legal
    assert rate(rates, "domain_share", domain="legal")["corrected"] == pytest.approx(legal / (legal + career), abs=0.02)
    each = [rate(rates, "domain_share", domain=domain, cut="domain")["corrected"] for domain in DOMAINS]
    assert sum(each) == pytest.approx(1)


def test_a_week_of_one_model_takes_what_is_no_guidance_from_its_week():
    confusion = classes("domain_share", (*DOMAINS, NONE), right=0.95, taken_for="career")

    rates = correct_inside(DOMAIN_WORLD, errors=errors(confusion))

    numbers = ("corrected", "corrected_low", "corrected_high")
    week, both = (rate(rates, "domain_share", domain="legal", week="2026-W11", model=model) for model in ("all", "m2"))
    assert [week[name] for name in numbers] == [both[name] for name in numbers]


def test_domains_are_not_estimable_where_it_is_withheld_how_much_is_guidance():
    hidden = pl.col("measure") == "guidance"
    numbers = ("numerator", "denominator", "n_people", "share", "low", "high")
    cells = DOMAIN_WORLD.with_columns(
        pl.when(hidden & (pl.col("cut") != "funnel")).then(pl.lit("few_people")).otherwise("status").alias("status"),
        *(pl.when(~hidden).then(pl.col(name)).alias(name) for name in numbers),
    )

    rates = correct_inside(
        c.AtlasCells.validate(cells, cast=True), errors=errors(classes("domain_share", (*DOMAINS, NONE)))
    )

    assert rate(rates, "domain_share", domain="career")["state"] == "not_estimable"


def test_levels_of_stakes_are_corrected_together_and_not_where_one_is_withheld():
    confusion = errors(classes("stakes", STAKES, right=0.9, taken_for="low"))
    each = correct_inside(WORLD, errors=confusion).filter(pl.col("measure") == "stakes", pl.col("cut") == "total")

    assert each["corrected"].sum() == pytest.approx(1)
    # One in ten of the 60 that are high was taken for low.
    assert each.filter(facet="high")["corrected"].item() == pytest.approx(60 / 0.9 / 154, abs=0.01)

    some = shown((40, {"stakes": "low"}), (4, {"stakes": "medium"}), (40, {"stakes": "high"}), least_people=10)
    states = correct_inside(some, errors=confusion).filter(pl.col("measure") == "stakes", pl.col("cut") == "total")
    assert set(states["state"].cast(pl.String)) == {"withheld", "not_estimable"}


def test_what_may_leave_is_corrected_from_what_may_leave_alone():
    public = c.PublicCells.validate(WORLD, cast=True)

    assert correct(public, errors=errors(flag("sycophantic"))).equals(
        correct_inside(WORLD, errors=errors(flag("sycophantic")))
    )
    assert correct(c.PublicCells.create_empty(), errors=errors(flag("sycophantic"))).is_empty()


def test_the_order_of_cells_and_other_groups_do_not_move_a_rate():
    every = errors(flag("sycophantic"), classes("domain_share", (*DOMAINS, NONE), right=0.9))

    assert correct_inside(WORLD.reverse(), errors=every).equals(correct_inside(WORLD, errors=every))
    one = WORLD.filter(pl.col("cut") == "total")
    assert rate(correct_inside(one, errors=every), "sycophantic") == rate(
        correct_inside(WORLD, errors=every), "sycophantic", cut="total"
    )


def test_every_number_that_a_head_tells_names_its_card_whether_or_not_it_is_corrected():
    known = Errors((), heads=(("candor", "candor-9"), ("labels", "labels-9")))

    rates = correct_inside(WORLD, errors=known)

    told = {name: set(rates.filter(measure=name)["card"]) for name in ("sycophantic", "support", "pushback")}
    assert told == {"sycophantic": {"candor-9"}, "support": {"labels-9"}, "pushback": {None}}
    assert "corrected" not in set(rates["state"])
