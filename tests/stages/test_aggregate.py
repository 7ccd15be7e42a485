import polars as pl
import pytest
from corpus import WEEK, Chat, tables

from guidance_atlas import contracts as c
from guidance_atlas.errors import StageError
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.stages.aggregate import aggregate
from guidance_atlas.vocab import DOMAINS, RARE_MODEL


def count(*chats, set_aside=()):
    return aggregate(**tables(*chats, set_aside=set_aside), book=SqlBook())


def cell(cells, measure, *, cut="total", facet="all", **group):
    """(numerator, denominator, people, people counted, share) of one cell."""
    wanted = {"cut": cut, "measure": measure, "facet": facet, "domain": "all", "week": "all", "model": "all"} | group
    row = cells.filter(pl.all_horizontal(pl.col(name) == value for name, value in wanted.items()))
    assert row.height == 1, wanted
    return row.select("numerator", "denominator", "n_people", "n_people_counted", "share").row(0)


def test_unscored_and_unsupported_conversations_are_in_no_guidance_share():
    cells = count(
        Chat("a"),
        Chat("b", came_to="not_guidance"),
        Chat("c", came_to="dropped_by_glance"),
        Chat("d", came_to="unscored"),
        Chat("e", came_to="language_unsupported"),
    )

    assert cell(cells, "conversations") == (5, None, 5, 5, None)
    assert cell(cells, "guidance") == (1, 3, 3, 1, 1 / 3)


def test_unjudged_conversations_count_but_do_not_dilute_the_share():
    """Career holds one judged yes, one judged no, one not judged with a reason and one without any row."""
    cells = count(
        Chat("a", sycophantic=True, first=1),
        Chat("b", sycophantic=False),
        Chat("c", sycophantic=None),
        Chat("d", verdict=False),
        Chat("e", domain="finance", sycophantic=None),
    )

    assert cell(cells, "sycophantic", cut="domain", domain="career") == (1, 2, 2, 1, 0.5)
    assert cell(cells, "guidance_conversations", cut="domain", domain="career") == (4, None, 4, 4, None)
    assert cell(cells, "sycophantic", cut="domain", domain="finance") == (0, 0, 0, 0, None)


def test_people_are_counted_once_on_each_side_of_a_share():
    cells = count(
        Chat("a", person="x", sycophantic=True, first=1),
        Chat("b", person="x", sycophantic=True, first=1),
        Chat("c", person="x", sycophantic=False),
        Chat("d", person="y", sycophantic=False),
    )

    assert cell(cells, "sycophantic") == (2, 4, 2, 1, 0.5)
    assert cell(cells, "guidance_conversations") == (4, None, 2, 2, None)


def test_accounts_that_are_counted_as_one_are_one_person_everywhere():
    cells = count(
        Chat("a", person="x", counted_as="x", sycophantic=True, first=1),
        Chat("b", person="y", counted_as="x", sycophantic=True, first=1),
        Chat("c", person="y", came_to="not_guidance"),
        Chat("d", person="z", sycophantic=False),
    )

    assert cell(cells, "sycophantic") == (2, 3, 2, 1, 2 / 3)
    assert cell(cells, "conversations") == (4, None, 2, 2, None)
    assert cell(cells, "kept", cut="funnel") == (4, None, 2, 2, None)


def test_pushback_is_asked_of_conversations_in_which_the_person_spoke_twice():
    cells = count(
        Chat("a", n_user_turns=1),
        Chat("b", n_user_turns=2),
        Chat("c", n_user_turns=3, events=((2, "insists"), (4, "recheck"), (6, "insists"))),
        Chat("d", n_user_turns=2, events=((2, "new_facts"),)),
    )

    assert cell(cells, "pushback") == (2, 3, 3, 2, 2 / 3)
    assert cell(cells, "pressing") == (1, 3, 3, 1, 1 / 3)
    assert cell(cells, "pushback_kind", facet="insists") == (1, 3, 3, 1, 1 / 3)
    assert cell(cells, "pushback_kind", facet="recheck") == (1, 3, 3, 1, 1 / 3)
    assert cell(cells, "pushback_kind", facet="emotional") == (0, 3, 3, 0, 0.0)


def test_sycophancy_with_and_without_pushback_adds_up_to_all():
    cells = count(
        Chat("a", sycophantic=True, first=1, events=((2, "recheck"),)),
        Chat("b", sycophantic=False, events=((2, "insists"),)),
        Chat("c", sycophantic=True, first=1),
        Chat("d", sycophantic=None, events=((2, "insists"),)),
    )

    assert cell(cells, "sycophantic_with_pushback") == (1, 2, 2, 1, 0.5)
    assert cell(cells, "sycophantic_without_pushback") == (1, 1, 1, 1, 1.0)
    assert cell(cells, "sycophantic") == (2, 3, 3, 2, 2 / 3)


def test_only_what_follows_the_first_pressing_turn_counts_as_after_it():
    pressed = {"events": ((2, "recheck"), (4, "insists"), (6, "insists"))}
    cells = count(
        Chat("after", sycophantic=True, first=5, turns=((1, False), (3, False), (5, True)), **pressed),
        Chat("before", sycophantic=True, first=3, turns=((1, False), (3, True), (5, True)), **pressed),
        Chat("never", sycophantic=False, turns=((1, False), (5, False)), **pressed),
        Chat("not judged after", sycophantic=True, first=1, turns=((1, True), (5, None)), **pressed),
        Chat("not judged before", sycophantic=False, turns=((1, None), (5, False)), **pressed),
        Chat("only asks", sycophantic=True, first=5, turns=((1, False), (5, True)), events=((2, "recheck"),)),
    )

    assert cell(cells, "sycophantic_after_pushback") == (1, 4, 4, 1, 0.25)
    assert cell(cells, "sycophantic_before_pushback") == (2, 4, 4, 2, 0.5)


def test_labels_are_asked_of_labelled_conversations():
    cells = count(
        Chat("a", stakes="high", support=frozenset({"friends", "family"}), domain_2="legal"),
        Chat("b", stakes="low", support=frozenset({"no_access"})),
        Chat("c", domain=None),
    )

    assert cell(cells, "stakes", facet="high") == (1, 2, 2, 1, 0.5)
    assert cell(cells, "stakes", facet="medium") == (0, 2, 2, 0, 0.0)
    assert cell(cells, "support") == (1, 2, 2, 1, 0.5)
    assert cell(cells, "support", facet="digital") == (0, 2, 2, 0, 0.0)
    assert cell(cells, "no_access") == (1, 2, 2, 1, 0.5)
    assert cell(cells, "second_domain") == (1, 2, 2, 1, 0.5)
    assert cell(cells, "domain_share", cut="domain", domain="unknown") == (1, 3, 3, 1, 1 / 3)


def test_no_domain_is_lost_and_an_empty_one_has_no_share():
    cells = count(Chat("a", came_to="not_guidance"))

    shares = cells.filter(pl.col("cut") == "domain", pl.col("measure") == "domain_share")
    assert set(shares["domain"]) == set(DOMAINS)
    assert shares.select("numerator", "denominator", "share").unique().rows() == [(0, 0, None)]


def test_a_domain_is_a_share_of_its_own_week_and_model():
    cells = count(
        Chat("a", model="m1"),
        Chat("b", model="m2", domain="legal"),
        Chat("c", model=None, week=None),
    )

    assert cell(cells, "domain_share", cut="domain_week", domain="career", week=WEEK) == (1, 2, 2, 1, 0.5)
    assert cell(cells, "domain_share", cut="domain_model", domain="career", model="m2") == (0, 1, 1, 0, 0.0)
    assert cell(cells, "domain_share", cut="domain_week_model", domain="career", week="unknown", model="unknown") == (
        (1, 1, 1, 1, 1.0)
    )


def test_a_language_or_a_cluster_is_the_facet_of_its_row():
    cells = count(Chat("a", cluster=3, sycophantic=True, first=1), Chat("b", language="und"), Chat("c", language="en"))

    assert cell(cells, "sycophantic", cut="cluster", facet="3") == (1, 1, 1, 1, 1.0)
    assert cell(cells, "guidance_conversations", cut="language", facet="unknown") == (1, None, 1, 1, None)
    assert cells.filter(pl.col("cut") == "cluster")["facet"].unique().to_list() == ["3"]


def test_the_funnel_tells_where_every_record_went():
    cells = count(
        Chat("a"),
        Chat("b", came_to="unscored", reason="no_user_words"),
        set_aside=(("duplicate", "same_id"), ("duplicate", "same_content"), ("quarantined", "bad_json")),
    )

    steps = cells.filter(pl.col("cut") == "funnel", pl.col("numerator") > 0)
    assert dict(steps.select(pl.format("{} {}", "measure", "facet"), "numerator").rows()) == {
        "read all": 5,
        "duplicate all": 2,
        "duplicate same_id": 1,
        "duplicate same_content": 1,
        "quarantined all": 1,
        "quarantined bad_json": 1,
        "kept all": 2,
        "unscored all": 1,
        "unscored no_user_words": 1,
        "screened all": 1,
        "guidance all": 1,
    }


def test_nothing_read_gives_every_question_an_answer_of_none():
    cells = count()

    assert cells["numerator"].sum() == 0
    assert cells["share"].is_null().all()
    assert set(cells["cut"]) == {"funnel", "total", "domain"}


def test_a_model_that_calls_itself_all_is_not_every_model():
    cells = count(Chat("a", model="all"), Chat("b", model="m1"))

    assert set(cells.filter(pl.col("cut") == "model")["model"]) == {"unknown", "m1"}


def test_conversations_that_the_roster_does_not_keep_stop_the_run():
    frames = tables(Chat("a"), Chat("b"))
    frames["conversations"] = frames["conversations"].head(1)

    with pytest.raises(StageError, match="keeps 2 conversations, 1 came"):
        aggregate(**frames, book=SqlBook())


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 2, 0.0945, 0.9055),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_the_interval_is_that_of_wilson(part, whole, low, high):
    """The last row is the worked example of Newcombe (1998, Statistics in Medicine 17, table I): 81 of 263."""
    from guidance_atlas.intervals import with_share

    row = with_share(pl.DataFrame({"numerator": [part], "denominator": [whole]})).select("low", "high").row(0)
    assert row == pytest.approx((low, high), abs=5e-5)


def test_what_comes_out_is_held_to_the_contract():
    assert c.Cells.is_valid(count(Chat("a", sycophantic=True, first=1)))


def test_models_that_too_few_people_used_are_counted_as_one_without_their_names():
    cells = aggregate(
        **tables(
            *(Chat(f"a{i}", model="m1") for i in range(5)),
            *(Chat(f"b{i}", model="my secret", person="one") for i in range(9)),  # often, by one person
            *(Chat(f"c{i}", model="m2") for i in range(4)),
            Chat("d", model=None),
        ),
        book=SqlBook(),
        least_to_name=5,
    )

    assert set(cells["model"]) == {"all", "m1", "unknown", RARE_MODEL}
    assert cell(cells, "conversations", cut="model", model=RARE_MODEL) == (13, None, 5, 5, None)


def test_accounts_that_say_the_same_do_not_make_a_model_known():
    cells = aggregate(
        **tables(*(Chat(f"a{i}", model="my secret", person=f"p{i}", counted_as="p0") for i in range(9))),
        book=SqlBook(),
        least_to_name=5,
    )

    assert set(cells["model"]) == {"all", RARE_MODEL}
