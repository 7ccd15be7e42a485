"""What may not be told anew is told as it was, and looks like what did not change."""

import polars as pl
import pytest
from corpus import Chat, tables
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas import contracts as c
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.stages.aggregate import aggregate
from guidance_atlas.stages.carry_forward import carry_forward
from guidance_atlas.stages.hold_back import hold_back
from guidance_atlas.stages.protect import protect

BOOK, NONE = SqlBook(), c.ClusterNames.create_empty()
LEAST = 5  # people
KEY = list(c.PublishedCells.primary_key())


def chats(n, start="a", week="2026-W01", **what):
    return [Chat(f"{start}{i}", week=week, **what) for i in range(n)]


def releases(*talks, least=LEAST, round_to=1, names=NONE, set_aside=None, rule=True):
    """What readers see of each release of one root; least, round_to and names may be a tuple, one for each.

    rule: hold back what could be subtracted.
    """
    seen, earlier = [], []
    for at, these in enumerate(talks):
        minimum, step, named = (one[at] if isinstance(one, tuple) else one for one in (least, round_to, names))
        cells = aggregate(**tables(*these, set_aside=(set_aside or [()] * len(talks))[at]), book=BOOK)
        public = protect(cells, named, least_people=minimum, round_to=step)
        held = hold_back(cells, named, public, earlier=earlier, least_people=minimum) if rule else public
        told, kept = carry_forward(cells, named, held, earlier=earlier, least_people=minimum)
        earlier.append(kept)
        seen.append(told)
    return seen


def total(release, what="numerator"):
    return row(release, cut="total", measure="guidance_conversations")[what]


def row(release, **group):
    return release.filter(**group).row(0, named=True)


def test_a_first_release_tells_everything_anew():
    (told,) = releases(chats(30))

    assert told["renewed"].unique().to_list() == [1]


@pytest.mark.parametrize("came", [1, LEAST - 1])
def test_readers_cannot_tell_from_anything_that_a_few_came(came):
    first, second = releases(chats(30), chats(30) + chats(came, "late"))

    assert second.equals(first)


def test_nor_that_a_few_were_forgotten():
    first, second = releases(chats(30), chats(30)[2:])

    assert second.equals(first)


def test_numbers_are_told_anew_once_enough_came():
    first, second, third = releases(chats(30), chats(33), chats(30 + LEAST))

    assert [total(one) for one in (first, second, third)] == [30, 30, 35]
    assert [total(one, "renewed") for one in (first, second, third)] == [1, 1, 2]


def test_a_new_week_stands_beside_old_ones_that_stand_still():
    _, second = releases(chats(30), chats(31) + chats(20, "b", "2026-W02"))

    weeks = second.filter(cut="week", measure="guidance_conversations").sort("week")
    assert weeks.select("numerator", "renewed").rows() == [(30, 1), (20, 2)]


def test_a_row_that_comes_into_sight_stays_out_where_it_would_tell_how_few_there_were():
    """Career stood still: the first total less career's number of today is what legal was."""
    talks = [*chats(30, domain="career"), *chats(LEAST - 1, "l", domain="legal")]
    first, second = releases(talks, [*talks, *chats(LEAST, "m", domain="legal")])

    group = {"cut": "domain", "domain": "legal", "measure": "domain_share"}
    assert row(first, **group)["status"] != "shown"
    assert row(second, **group) == row(first, **group)
    assert total(second) == 39


def test_a_week_of_few_people_that_is_gone_is_still_there():
    few = chats(LEAST - 1, "b", "2026-W02")
    first, second = releases([*chats(30), *few], chats(30))

    assert second.equals(first)


def test_a_week_of_many_people_that_is_gone_is_gone():
    _, second = releases([*chats(30), *chats(20, "b", "2026-W02")], chats(30))

    assert set(second["week"]) == {"all", "2026-W01"}


def test_a_few_that_are_nobody_now_are_told_as_few():
    talks = [*chats(30, domain="career"), *chats(20, "e", domain="ethics"), *chats(20, "h", domain="health_wellness")]
    first, second = releases([*talks, *chats(LEAST - 1, "l", domain="legal")], talks)

    assert second.equals(first)


def test_many_records_set_aside_may_be_one_persons():
    dropped = [("duplicate", "same_id_same_text")] * (LEAST + 2)
    first, second = releases(chats(30), chats(30), set_aside=[tuple(dropped), tuple(dropped * 2)])

    assert second.equals(first)


def test_a_withheld_row_comes_into_sight_once_enough_people_have_come_since_it_was_first_withheld():
    """However slowly: three weeks of two people each are more than the minimum of five."""
    others = [*chats(30, domain="career"), *chats(20, "e", domain="ethics"), *chats(20, "h", domain="health_wellness")]
    legal = [chats(n, "l", domain="legal") for n in (4, 6, 8, 10)]
    seen = releases(
        *([*others, *chats(9 * at, "c", domain="career"), *these] for at, these in enumerate(legal)), rule=False
    )

    group = {"cut": "domain", "domain": "legal", "measure": "guidance_conversations"}
    assert [row(one, **group)["status"] == "shown" for one in seen] == [False, False, False, True]


def test_a_share_of_the_told_counts_is_told():
    first, second = releases(
        chats(20, "y", sycophantic=True) + chats(20, "n", sycophantic=False),
        chats(21, "y", sycophantic=True) + chats(20, "n", sycophantic=False),
    )

    group = {"cut": "total", "measure": "sycophantic", "facet": "all"}
    assert row(second, **group) == row(first, **group)
    assert row(second, **group)["share"] == 0.5


@pytest.mark.parametrize("least", [(10, 10), (10, 20), (20, 10)])
def test_another_rounding_tells_no_number_a_second_time(least):
    """Two roundings of one count narrow it down."""
    first, second = releases(chats(33), chats(33), least=least, round_to=(5, 8))

    assert total(first) == total(second) == 35


def test_a_stricter_release_does_not_repeat_what_it_would_withhold():
    talks = [*chats(30, domain="career"), *chats(7, "l", domain="legal"), *chats(20, "e", domain="ethics")]
    lax, strict = releases(talks, talks, least=(5, 10))

    group = {"cut": "domain", "domain": "legal", "measure": "domain_share"}
    assert row(lax, **group)["numerator"] == 7
    assert row(strict, **group)["numerator"] is None


def named(*pairs, named_by="terms"):
    rows = [
        {"cluster_id": i, "name": name, "terms": [name], "n_conversations": 40, "n_people": 40}
        | {"domain": "legal", "n_domain_people": 9, "named_by": named_by}
        for i, name in pairs
    ]
    return c.ClusterNames.validate(pl.DataFrame(rows), cast=True)


def sizes(release):
    rows = release.filter(cut="cluster", measure="guidance_conversations").sort("facet")
    return rows.select("facet", "numerator").rows()


def test_clusters_go_by_their_names_and_stand_under_their_numbers_of_today():
    first = [*chats(30, "s", cluster=0), *chats(20, "v", cluster=1)]
    second = [*chats(20, "v", cluster=0), *chats(31, "s", cluster=1)]
    names = (named((0, "salary"), (1, "visa")), named((0, "visa"), (1, "salary")))

    assert sizes(releases(first, second, names=names)[1]) == [("0", 20), ("1", 30)]


def test_a_cluster_that_only_a_number_names_takes_no_number_of_another_one():
    first = [*chats(30, "s", cluster=0), *chats(20, "v", cluster=1)]
    second = [*chats(33, "v", cluster=0), *chats(20, "s", cluster=1)]
    names = named((0, "career 1"), (1, "career 2"), named_by="domain")

    told = dict(sizes(releases(first, second, names=names)[1]))

    assert told["0"] in (33, None)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(counts=st.lists(st.integers(12, 40), min_size=2, max_size=4))
def test_every_row_was_told_by_the_release_it_names(counts):
    seen = releases(*(chats(n) + chats(max(0, n - 20), "b", "2026-W02") for n in counts))

    numbers = list(range(1, 1 + max(one["renewed"].max() for one in seen)))
    told = {one["renewed"].max(): one for one in reversed(seen)}
    for one in seen:
        for number in numbers:
            rows = one.filter(renewed=number)
            assert rows.join(told[number], on=rows.columns, how="anti", nulls_equal=True).is_empty()
