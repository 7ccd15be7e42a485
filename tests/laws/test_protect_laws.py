"""What must hold of protected cells whatever was counted, tried on small corpora and by an attacker of our own.

The attacker knows what the cells mean and nothing of how they were protected: it writes every sum down again, fills
single gaps until there is none, and is then asked for the small counts.
"""

import random
from functools import cache

import polars as pl
import pytest
from corpus import Chat, tables
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas import contracts as c
from guidance_atlas.attack import attack as solve
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.stages.aggregate import aggregate
from guidance_atlas.stages.protect import LEADING, protect
from guidance_atlas.stages.protect import protect_inside as inside_of
from guidance_atlas.vocab import PUSHBACK

KEY = ["cut", "domain", "week", "model", "facet", "measure"]
STEPS = ("guidance", "guidance", "guidance", "guidance", "not_guidance", "dropped_by_glance", "language_unsupported")


def corpus(seed, n, *, one_per_person):
    """Chats with uneven domains, weeks, models and findings, so that many groups are small."""
    draw = random.Random(seed)
    return [
        Chat(
            f"c{i}",
            person=None if one_per_person else f"p{draw.randrange(1 + n // 2)}",
            week=draw.choices(["2026-W01", "2026-W02", "2026-W03", None], [9, 4, 2, 1])[0],
            model=draw.choices(["m1", "m2"], [4, 1])[0],
            language=draw.choices(["en", "fr"], [9, 1])[0],
            came_to=draw.choice(STEPS),
            domain=draw.choices(["career", "legal", "finance"], [9, 4, 1])[0],
            stakes=draw.choices(["low", "medium", "high"], [6, 3, 1])[0],
            n_user_turns=draw.choice([1, 2, 3]),
            events=((2, draw.choice(PUSHBACK)),) if draw.random() < 0.3 else (),
            sycophantic=draw.choices([True, False, None], [2, 6, 1])[0],
            first=1,
            cluster=draw.choice([0, 1, None]),
        )
        for i in range(n)
    ]


@cache
def cells_of(seed, n, *, one_per_person=True):
    return aggregate(**tables(*corpus(seed, n, one_per_person=one_per_person)), book=SqlBook())


# Counting and protecting take a second each, so that all laws are tried on the same few worlds under the same limits.
SEEDS, LIMITS = (9, 19), (4, 10)
worlds = st.sampled_from(SEEDS).map(lambda seed: cells_of(seed, 3 * seed + 1, one_per_person=seed % 3 > 0))
limits = st.sampled_from(LIMITS)
INSIDE, PUBLIC = {}, {}


def protect_inside(cells, *, least_people, round_to):
    key = id(cells), least_people, round_to
    if key not in INSIDE:
        INSIDE[key] = inside_of(cells, least_people=least_people, round_to=round_to)
    return INSIDE[key]


def released(cells, least, base):
    key = id(cells), least, base
    if key not in PUBLIC:
        PUBLIC[key] = protect(cells, c.ClusterNames.create_empty(), least_people=least, round_to=base)
    return PUBLIC[key]


def names_of(row):
    """What the numerator and the denominator of a cell count, in words that are the same wherever they are the same."""
    group = (row["domain"], row["week"], row["model"], "")
    if row["cut"] in ("language", "cluster"):
        group, facet = (*group[:3], f"{row['cut']} {row['facet']}"), ""
    else:
        facet = "" if row["facet"] == "all" else row["facet"]
    measure = row["measure"]
    same = {"conversations": "kept", "guidance_conversations": "guidance", "domain_share": "guidance"}
    numerator = (same.get(measure, measure) + facet, *group)
    if row["denominator"] is None:
        return numerator, None
    if measure == "domain_share":
        return numerator, ("guidance", "all", *group[1:])
    if measure == "guidance":
        return numerator, ("asked", *group)
    if measure == "unsure":
        return numerator, ("screened", *group)
    if measure == "drift":
        return numerator, ("judged", *group)
    if measure.startswith("sycophantic"):
        return numerator, (measure.replace("sycophantic", "judged"), *group)
    pushed = measure in ("pushback", "pressing", "pushback_kind")
    # Everything in these corpora is labelled, so labelled conversations are the guidance conversations.
    return numerator, ("long enough" if pushed else "guidance", *group)


def sums(names):
    """Every (whole, parts) that the attacker can think of among these counts."""
    found = {}
    groups = {}
    for kind, domain, week, model, piece in names:
        groups.setdefault((domain, week, model, piece), set()).add(kind)
        if piece.startswith("language"):
            found.setdefault(((kind, "all", "all", "all", ""), "languages"), []).append(
                (kind, "all", "all", "all", piece)
            )
        if piece:
            continue
        here = (kind, domain, week, model, piece)
        for axis, value in (("domain", domain), ("week", week), ("model", model)):
            if value != "all":
                whole = {"domain": domain, "week": week, "model": model} | {axis: "all"}
                found.setdefault(((kind, *whole.values(), ""), axis), []).append(here)
    splits = {
        "kept": ("language_unsupported", "unscored", "asked"),
        "asked": ("dropped_by_glance", "screened"),
        "screened": ("guidance", "not_guidance"),
        "read": ("kept", "duplicate", "quarantined", "sampled_out"),
        "guidance": ("stakeslow", "stakesmedium", "stakeshigh"),
        "judged": ("judged_with_pushback", "judged_without_pushback"),
        "sycophantic": ("sycophantic_with_pushback", "sycophantic_without_pushback"),
    }
    for group, kinds in groups.items():
        for whole, parts in splits.items():
            if whole in kinds and set(parts) <= kinds:
                found[((whole, *group), "kinds")] = [(part, *group) for part in parts]
    return [(whole, parts) for (whole, _axis), parts in found.items()]


def attack(cells, protected):
    """Everything that can be worked out from the shown cells by filling single gaps, again and again."""
    rows = protected.join(cells.select(*KEY, is_share=pl.col("denominator").is_not_null()), on=KEY).to_dicts()
    known, names = {}, set()
    for row in rows:
        told = dict(row, denominator=0 if row["is_share"] else None)
        for name, column in zip(names_of(told), ("numerator", "denominator"), strict=True):
            if name is not None:
                names.add(name)
                if row["status"] == "shown":
                    known[name] = row[column]
    names |= {(kind, "all", week, model, piece) for kind, domain, week, model, piece in names if domain != "all"}
    equations = sums(names)
    n_known = -1
    while n_known != len(known):
        n_known = len(known)
        for whole, parts in equations:
            gaps = [name for name in (whole, *parts) if name not in known]
            if len(gaps) == 1:
                rest = sum(known[part] for part in parts if part in known)
                known[gaps[0]] = rest if gaps[0] == whole else known[whole] - rest
    return known


def withheld(cells, protected):
    return cells.join(protected.filter(pl.col("status") != "shown").select(KEY), on=KEY).to_dicts()


@settings(max_examples=2, deadline=None, derandomize=True)
@given(cells=worlds, least=limits)
def test_no_small_count_can_be_filled_in_from_what_is_shown(cells, least):
    protected = protect_inside(cells, least_people=least, round_to=1)

    known = attack(cells, protected)

    for row in withheld(cells, protected):
        numerator, denominator = names_of(row)
        if 0 < row["n_people_counted"] < least:
            assert numerator not in known, row
        if denominator and 0 < row["n_people"] < least:
            assert denominator not in known, row
        if (
            denominator
            and 0 < row["numerator"] < row["denominator"]
            and 0 < row["n_people"] - row["n_people_counted"] < least
        ):
            assert not {numerator, denominator} <= set(known), row


@settings(max_examples=2, deadline=None, derandomize=True)
@given(cells=worlds, least=limits)
def test_what_is_known_by_then_is_true(cells, least):
    """Else the attacker above would prove nothing."""
    protected = protect_inside(cells, least_people=least, round_to=1)
    true = {}
    for row in cells.to_dicts():
        for name, column in zip(names_of(row), ("numerator", "denominator"), strict=True):
            true[name] = row[column]

    known = attack(cells, protected)

    assert {name: value for name, value in known.items() if name in true and value != true[name]} == {}
    assert attack(cells, protect_inside(cells, least_people=1, round_to=1)).keys() >= true.keys() - {None}


@settings(max_examples=2, deadline=None, derandomize=True)
@given(cells=worlds, least=limits)
def test_no_shown_cell_stands_on_few_people(cells, least):
    protected = protect_inside(cells, least_people=least, round_to=1)

    shown = cells.join(protected.filter(pl.col("status") == "shown").select(KEY), on=KEY)
    for column in ("n_people", "n_people_counted"):
        assert shown.filter(pl.col(column).is_between(1, least - 1)).is_empty()
    assert protected.height == cells.height


@settings(max_examples=2, deadline=None, derandomize=True)
@given(cells=worlds, least=limits)
def test_withheld_groups_that_a_sum_gives_away_together_hold_enough_people(cells, least):
    protected = protect_inside(cells, least_people=least, round_to=1)

    counts = cells.join(protected.select(*KEY, "status"), on=KEY).filter(
        pl.col("measure") == "guidance_conversations", pl.col("cut").is_in(["total", "domain", "week", "model"])
    )
    total = counts.filter(pl.col("cut") == "total")
    if total["status"].item() == "shown":
        for cut in ("domain", "week", "model"):
            hidden = counts.filter(pl.col("cut") == cut, pl.col("status") != "shown")["numerator"].sum()
            assert hidden == 0 or hidden >= least


@settings(max_examples=2, deadline=None, derandomize=True)
@given(cells=worlds, least=limits, seed=st.integers(0, 99))
def test_the_order_of_cells_changes_nothing(cells, least, seed):
    shuffled = c.Cells.validate(cells.sample(fraction=1.0, shuffle=True, seed=seed))

    one, other = (inside_of(each, least_people=least, round_to=1).sort(KEY) for each in (cells, shuffled))

    assert one.equals(other)


@settings(max_examples=2, deadline=None, derandomize=True)
@given(cells=worlds, least=limits, data=st.data())
def test_rounding_keeps_shares_possible_and_near(cells, least, data):
    base = data.draw(st.sampled_from([1, 3]))

    public = released(cells, least, base)

    both = public.filter(pl.col("status") == "shown").join(cells, on=KEY, suffix="_true")
    for column in ("numerator", "denominator", "n_people"):
        off = (pl.col(column).cast(pl.Int64) - pl.col(f"{column}_true").cast(pl.Int64)).abs()
        assert both.filter((pl.col(column) % base != 0) | (2 * off > base)).is_empty()
        assert both.filter((pl.col(column) == 0) != (pl.col(f"{column}_true") == 0)).is_empty()
    assert both.filter(~pl.col("share").is_between(pl.col("low"), pl.col("high"))).is_empty()


def guarded(cells, least):
    """Each side that few people are behind, or that one leads, and the ends that it must be able to reach (0008).

    People of a rest are the fewest they can be; whether one person leads a rest is not asked.
    """
    share = pl.col("denominator").is_not_null()
    whole, part = ("n_people", "n_most"), ("n_people_counted", "n_most_counted")
    numbers = {
        "numerator": [
            pl.col("numerator"),
            *(pl.when(share).then(a).otherwise(b) for a, b in zip(part, whole, strict=True)),
        ],
        "denominator": [pl.col("denominator"), *map(pl.col, whole)],
        "rest": [
            pl.col("denominator") - pl.col("numerator"),
            pl.col("n_people") - pl.col("n_people_counted"),
            pl.lit(0, pl.Int64),
        ],
    }
    signed = cells.with_columns(pl.selectors.unsigned_integer().cast(pl.Int64))
    every = pl.concat(
        signed.select(*KEY, side=pl.lit(side), value=value, people=people, most=most)
        for side, (value, people, most) in numbers.items()
    )
    few, led = pl.col("people") < least, pl.col("most") > max(LEADING, 1 / least) * pl.col("value")
    width = least - 2
    return every.filter(pl.col("value") > 0, few | led).with_columns(
        down=pl.when(few).then(pl.max_horizontal(1, pl.col("value") - width)).otherwise("value").cast(pl.Float64),
        up=pl.when(few).then(pl.max_horizontal(least - 1, "value")).otherwise(pl.col("value") + width).cast(pl.Float64),
    )  # fmt: skip


@pytest.mark.parametrize(("seed", "least", "base"), [(19, 10, 3), (9, 4, 1)])
def test_linear_programs_over_all_that_is_published_tell_no_guarded_count(seed, least, base):
    """Few people, few with many conversations, and one who leads: the second world has people with several."""
    cells = cells_of(seed, 3 * seed + 1, one_per_person=seed % 3 > 0)
    asked = guarded(cells, least)
    public = released(cells, least, base)

    told = solve(public, base, least_people=least, among=asked).join(asked, on=[*KEY, "side"])

    assert told.height == asked.height
    assert told.filter(~pl.col("value").is_between("low", "high")).is_empty()
    tried = told.filter(pl.col("can_be_low").is_not_null())
    assert tried.height == told.height
    assert tried.filter(~pl.col("can_be_low") | ~pl.col("can_be_high")).is_empty()


@cache
def led_world():
    """Three weeks in two domains; of one week in one domain a single person holds ten of thirty."""
    led = [Chat(f"led {i}", person="one", week="2026-W01", domain="legal") for i in range(10)]
    others = [
        Chat(f"{week} {domain} {i}", week=f"2026-W0{week}", domain=domain, sycophantic=i % 2 == 0, first=1)
        for week, domain, n in (
            (1, "legal", 20),
            (1, "career", 25),
            (2, "legal", 40),
            (2, "career", 30),
            (3, "career", 35),
        )
        for i in range(n)
    ]
    return aggregate(**tables(*led, *others), book=SqlBook())


def test_linear_programs_tell_no_count_that_one_person_leads():
    cells = led_world()
    asked = guarded(cells, 10).filter(pl.col("down") == pl.col("value"), pl.col("people") >= 10)
    public = released(cells, 10, 1)

    told = solve(public, 1, least_people=10, among=asked).join(asked, on=[*KEY, "side"])

    assert "dominance" in public["status"].cast(pl.String).to_list()
    assert told.height == asked.height > 10
    assert told.filter(~pl.col("can_be_low") | ~pl.col("can_be_high")).is_empty()


@settings(max_examples=2, deadline=None, derandomize=True)
@given(cells=worlds, least=limits, data=st.data())
def test_a_count_is_rounded_by_itself(cells, least, data):
    """What is shown depends on the count alone: a total is no sum of rounded parts."""
    base = data.draw(st.sampled_from([1, 3]))

    public = released(cells, least, base)

    both = public.filter(pl.col("status") == "shown").join(cells, on=KEY, suffix="_true")
    for column in ("numerator", "denominator", "n_people"):
        assert both[column].equals(((both[f"{column}_true"] + base // 2) // base * base), check_names=False)


@settings(max_examples=2, deadline=None, derandomize=True)
@given(cells=worlds, least=limits)
def test_no_person_holds_more_than_a_quarter_of_a_shown_count(cells, least):
    shown = protect_inside(cells, least_people=least, round_to=1).filter(pl.col("status") == "shown").select(KEY)

    most = max(0.25, 1 / least)
    both = cells.join(shown, on=KEY)
    of_whole = pl.coalesce("denominator", "numerator")
    assert both.filter((pl.col("n_most") > most * of_whole) & (of_whole > 0)).is_empty()
    assert both.filter(pl.col("n_most_counted") > most * pl.col("numerator")).is_empty()


@pytest.mark.parametrize("seed", range(1))
def test_with_a_minimum_of_one_nothing_is_withheld(seed):
    protected = protect_inside(cells_of(seed, 40), least_people=1, round_to=1)

    assert protected["status"].unique().to_list() == ["shown"]
