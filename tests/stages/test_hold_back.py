"""What a reader of two releases could subtract is held back, and no more."""

import polars as pl
import pytest
from corpus import Chat, tables

from guidance_atlas import contracts as c
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.stages.aggregate import aggregate
from guidance_atlas.stages.carry_forward import carry_forward
from guidance_atlas.stages.hold_back import HELD, hold_back
from guidance_atlas.stages.protect import protect

BOOK = SqlBook()
NONE = c.ClusterNames.create_empty()
LEAST = 5  # people


def chats(n, **what):
    """n conversations of n people; the start of their ids says what they are."""
    start = "-".join(map(str, what.values()))
    return [Chat(f"{start}-{i}", **what) for i in range(n)]


def named(*names):
    rows = [{"cluster_id": i, "name": name, "terms": [name]} for i, name in enumerate(names)]
    told = pl.DataFrame(rows).with_columns(
        n_conversations=40, n_people=40, domain=pl.lit("legal"), n_domain_people=9, named_by=pl.lit("terms")
    )
    return c.ClusterNames.validate(told, cast=True)


def made(talks, earlier=(), least=LEAST, names=NONE):
    """A release of these conversations: what may be told anew, what could if it were the first, what is remembered."""
    cells = aggregate(**tables(*talks), book=BOOK)
    public = protect(cells, names, least_people=least, round_to=1)
    before = [old for *_, old in earlier]
    held = hold_back(cells, names, public, earlier=before, least_people=least)
    _, kept = carry_forward(cells, names, held, earlier=before, least_people=least)
    return held, public, kept


def status(release, measure="guidance_conversations", **group):
    (found,) = release[0].filter(measure=measure, **group)["status"].to_list() or ["no row"]
    return found


def held(release):
    left, public, _ = release
    return left.filter(pl.col("status") != public["status"])


WEEK_1 = chats(30, week="2026-W01")


def test_the_first_release_loses_nothing():
    assert held(made(WEEK_1)).is_empty()


@pytest.mark.parametrize(("more", "told"), [(1, HELD), (LEAST - 1, HELD), (LEAST, "shown")])
def test_a_total_waits_until_enough_people_have_come(more, told):
    first = made(WEEK_1)

    second = made(WEEK_1 + chats(more, week="2026-W02"), [first])

    assert status(second, cut="total") == told
    assert held(second).select(
        "numerator", "denominator", "n_people", "share"
    ).null_count().sum_horizontal().item() == (4 * held(second).height)


def test_it_waits_for_those_since_the_last_time_it_was_shown_not_since_the_last_release():
    first = made(WEEK_1)
    second = made(WEEK_1 + chats(3, week="2026-W02"), [first])
    third = made(WEEK_1 + chats(3, week="2026-W02") + chats(3, week="2026-W03"), [first, second])

    assert [status(one, cut="total") for one in (first, second, third)] == ["shown", HELD, "shown"]


@pytest.mark.parametrize("left", [1, LEAST - 1])
def test_people_who_were_forgotten_cannot_be_subtracted_back(left):
    first = made(WEEK_1)

    second = made(WEEK_1[left:], [first])

    assert status(second, cut="total") == HELD
    assert status(second, cut="week", week="2026-W01") == HELD


def test_a_changed_label_of_one_conversation_is_not_told():
    first = made(chats(20, week="2026-W01", sycophantic=True) + chats(20, week="2026-W01", sycophantic=False))

    second = made(
        chats(21, week="2026-W01", sycophantic=True) + chats(20, week="2026-W01", sycophantic=False)[1:], [first]
    )

    assert status(second, "sycophantic", cut="total", facet="all") == HELD


def test_a_difference_that_other_differences_would_give_is_closed_too():
    """The old week changed by one person; the total's change less the new week's would tell it."""
    first = made(WEEK_1)

    second = made(WEEK_1[1:] + chats(20, week="2026-W02"), [first])

    weeks = [status(second, cut="week", week=f"2026-W0{n}") for n in (1, 2)]
    assert weeks[0] == HELD
    assert HELD in (weeks[1], status(second, cut="total"))


def test_what_a_weaker_rule_would_add_to_a_release_cannot_be_put_together_with_it():
    """The strict release withholds legal and ethics, which are told together; the other must not give one of them."""
    talks = [*chats(30, domain="career"), *chats(7, domain="legal"), *chats(3, domain="ethics")]
    strict = made(talks, least=10)
    alone = made(talks, least=5)

    both = made(talks, [strict], least=5)

    assert status(strict, cut="domain", domain="legal", week="all") != "shown"
    assert status(alone, cut="total") == "shown"
    for domain in ("legal", "ethics"):
        assert status(both, cut="domain", domain=domain, week="all") != "shown", domain


def test_the_same_again_loses_nothing():
    first = made(WEEK_1)

    assert held(made(WEEK_1, [first, first])).is_empty()


def test_all_earlier_releases_count_not_only_the_last():
    first = made(WEEK_1)
    second = made(WEEK_1[1:], [first])
    assert status(second, cut="total") == HELD

    third = made(WEEK_1[1:], [second])
    both = made(WEEK_1[1:], [first, second])

    assert status(third, cut="total") == "shown"
    assert status(both, cut="total") == HELD


def test_many_people_in_one_week_stand_behind_the_total_though_they_were_there_before():
    """The number of people hardly moves, but what came was theirs."""
    people = [Chat(f"a{i}", person=f"p{i}", week="2026-W01") for i in range(30)]
    again = [Chat(f"b{i}", person=f"p{i}", week="2026-W02") for i in range(20)]
    first = made(people)

    second = made(people + again, [first])

    assert status(second, cut="total") == "shown"
    assert status(made([*people, *again[:3]], [first]), cut="total") == HELD


def test_one_person_who_says_much_is_one_person():
    first = made(WEEK_1)

    second = made(WEEK_1 + [Chat(f"x{i}", person="p", week="2026-W01") for i in range(9)], [first])

    assert status(second, cut="total") == HELD


def test_clusters_are_the_same_where_their_names_are():
    def talks(salary, visa):
        return chats(salary, cluster=0) + chats(visa, cluster=1)

    first = made(talks(30, 20), names=named("salary", "visa"))

    second = made(talks(20, 31), [first], names=named("visa", "salary"))

    assert status(second, cut="cluster", facet="0") == "shown"
    assert status(second, cut="cluster", facet="1") == HELD


def test_a_measure_that_was_not_counted_before_is_not_compared():
    *_, old = made(WEEK_1)
    before = c.ReleasedCells.validate(old.filter(pl.col("measure") != "sycophantic"), cast=True)

    second = made(WEEK_1 + chats(10, week="2026-W02"), [(before,)])

    assert held(second).filter(cut="total", facet="all", measure="sycophantic").is_empty()


def test_a_week_that_is_gone_does_not_give_the_others_away():
    talks = WEEK_1 + chats(2, week="2026-W02") + chats(20, week="2026-W03")
    first = made(talks)

    second = made(WEEK_1 + chats(20, week="2026-W03"), [first])

    assert status(second, cut="total") == HELD
