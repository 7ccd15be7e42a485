import polars as pl
import pytest
from corpus import Chat, tables

from guidance_atlas import contracts as c
from guidance_atlas.errors import SettingsError, StageError
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.stages.aggregate import aggregate
from guidance_atlas.stages.protect import protect, protect_inside

NO_NAMES = c.ClusterNames.create_empty()


def chats(n, prefix, **features):
    return [Chat(f"{prefix} {i}", **features) for i in range(n)]


def cells_of(*groups):
    return aggregate(**tables(*[chat for group in groups for chat in group]), book=SqlBook())


def statuses(cells, measure, *, cut, facet="all"):
    rows = cells.filter(pl.col("cut") == cut, pl.col("measure") == measure)
    rows = rows if cut == "cluster" else rows.filter(pl.col("facet") == facet)
    axis = cut if cut in ("domain", "week", "model") else "facet"
    return dict(rows.select(axis, pl.col("status").cast(pl.String)).rows())


def test_a_count_of_few_people_is_withheld_and_the_next_smallest_with_it():
    cells = cells_of(chats(3, "a", week="2026-W01"), chats(20, "b", week="2026-W02"), chats(30, "c", week="2026-W03"))

    inside = protect_inside(cells, least_people=10, round_to=1)

    assert statuses(inside, "guidance_conversations", cut="week") == {
        "2026-W01": "few_people",
        "2026-W02": "complementary",
        "2026-W03": "shown",
    }
    assert statuses(inside, "guidance_conversations", cut="total") == {"all": "shown"}


def test_no_cell_is_lost_and_a_withheld_one_shows_nothing():
    cells = cells_of(chats(3, "a", domain="legal"), chats(40, "b"))

    inside = protect_inside(cells, least_people=10, round_to=1)

    assert inside.height == cells.height
    withheld = inside.filter(pl.col("status") != "shown")
    assert not withheld.is_empty()
    assert withheld.select("numerator", "denominator", "n_people", "share", "low", "high").null_count().row(0) == (
        (withheld.height,) * 6
    )


def test_nobody_is_shown_as_nobody():
    inside = protect_inside(cells_of(chats(40, "a")), least_people=10, round_to=1)

    empty = inside.filter(pl.col("cut") == "domain", pl.col("domain") == "legal", pl.col("measure") == "sycophantic")
    assert empty.select(pl.col("status").cast(pl.String), "numerator", "denominator", "share").row(0) == (
        ("shown", 0, 0, None)
    )


def test_a_share_is_withheld_when_few_are_on_its_other_side():
    cells = cells_of(chats(3, "low", stakes="low"), chats(40, "high", stakes="high"))

    inside = protect_inside(cells, least_people=10, round_to=1)

    assert statuses(inside, "stakes", cut="total", facet="high") == {"high": "few_people"}
    assert statuses(inside, "stakes", cut="total", facet="medium") == {"medium": "shown"}


def test_people_are_counted_not_conversations():
    one_person = [Chat(f"a {i}", person="x", week="2026-W01") for i in range(30)]

    inside = protect_inside(cells_of(one_person, chats(30, "b", week="2026-W02")), least_people=10, round_to=1)

    assert statuses(inside, "guidance_conversations", cut="week")["2026-W01"] == "few_people"


def test_a_count_withheld_in_one_cell_is_shown_in_no_other():
    """Legal's size is also what each of its shares is a share of, as all of it is labelled and judged."""
    cells = cells_of(chats(4, "a", domain="legal"), chats(15, "b", domain="finance"), chats(40, "c", domain="career"))

    inside = protect_inside(cells, least_people=10, round_to=1)

    assert statuses(inside, "guidance_conversations", cut="domain")["finance"] == "complementary"
    finance = inside.filter(pl.col("cut") == "domain", pl.col("domain") == "finance", pl.col("status") == "shown")
    assert finance.filter((pl.col("numerator") == 15) | (pl.col("denominator") == 15)).is_empty()


def test_a_small_step_of_the_funnel_does_not_cost_the_share_of_guidance():
    cells = cells_of(
        chats(3, "a", came_to="language_unsupported"), chats(30, "b"), chats(400, "c", came_to="dropped_by_glance")
    )

    inside = protect_inside(cells, least_people=10, round_to=1)

    assert statuses(inside, "language_unsupported", cut="funnel") == {"all": "few_people"}
    assert statuses(inside, "guidance", cut="total") == {"all": "shown"}
    assert statuses(inside, "guidance_conversations", cut="total") == {"all": "shown"}


def test_released_counts_are_rounded_and_shares_are_those_of_the_rounded_counts():
    cells = cells_of(chats(33, "a", sycophantic=True, first=1), chats(66, "b", sycophantic=False))

    public = protect(cells, NO_NAMES, least_people=25, round_to=5)

    row = public.filter(pl.col("cut") == "total", pl.col("measure") == "sycophantic")
    assert row.select("numerator", "denominator", "n_people", "share").row(0) == (35, 100, 100, 0.35)
    assert 0.26 < row["low"].item() < 0.35 < row["high"].item() < 0.45


def test_a_cluster_named_among_few_people_is_not_released():
    cells = cells_of(chats(40, "a", cluster=0), chats(40, "b", cluster=1))
    names = c.ClusterNames.validate(
        pl.DataFrame({"cluster_id": [0, 1], "name": "n", "terms": [[], []], "n_conversations": 40}).with_columns(
            n_people=pl.Series([40, 3]), domain=None, n_domain_people=0, named_by=pl.lit("terms")
        ),
        cast=True,
    )

    assert statuses(protect(cells, NO_NAMES, least_people=10, round_to=1), "guidance_conversations", cut="cluster") == {
        "0": "shown",
        "1": "shown",
    }
    released = protect(cells, names, least_people=10, round_to=1)
    assert statuses(released, "guidance_conversations", cut="cluster")["1"] == "few_people"


def test_a_measure_that_protect_does_not_know_is_refused():
    cells = cells_of(chats(3, "a")).with_columns(measure=pl.col("measure").replace("pressing", "new"))

    with pytest.raises(StageError, match="1 measures are not known"):
        protect_inside(cells, least_people=10, round_to=1)


def test_cells_that_do_not_add_up_are_refused():
    cells = cells_of(chats(3, "a"))
    in_a_week = (pl.col("cut") == "week") & (pl.col("measure") == "guidance_conversations")

    with pytest.raises(StageError, match="aggregate again"):
        protect_inside(
            cells.with_columns(pl.when(in_a_week).then(2).otherwise("numerator").alias("numerator")),
            least_people=10,
            round_to=1,
        )


@pytest.mark.parametrize(("least_people", "round_to"), [(0, 1), (5, 0), (5, 6)])
def test_rules_that_cannot_protect_are_refused(least_people, round_to):
    with pytest.raises(SettingsError, match="choose 1 <= round_to"):
        protect_inside(cells_of(), least_people=least_people, round_to=round_to)


def weeks_of(*sizes, **features):
    """Cells of weeks of these sizes."""
    return cells_of(*(chats(n, f"w{i}", week=f"2026-W0{i}", **features) for i, n in enumerate(sizes, 1)))


def sums_shown(cells, measure="guidance_conversations"):
    """Weeks of a measure that are withheld while their sum and all other weeks are shown."""
    weeks = statuses(cells, measure, cut="week")
    whole = statuses(cells, measure, cut="total")["all"]
    return [week for week, status in weeks.items() if status != "shown"] if whole == "shown" else []


def test_withheld_counts_that_together_hold_few_people_get_company():
    """3 and 4 people are two gaps, but their sum, 7, could be worked out."""
    inside = protect_inside(weeks_of(3, 4, 50), least_people=10, round_to=1)

    assert len(sums_shown(inside)) in (0, 3)


@pytest.mark.parametrize("sizes", [(2, 2, 50), (1, 1, 1, 50)])
def test_withheld_counts_of_which_only_one_answer_fits_get_company(sizes):
    """With a minimum of 3 a small count is 1 or 2: two that make 4 are both 2, three that make 3 are all 1."""
    inside = protect_inside(weeks_of(*sizes), least_people=3, round_to=1)

    assert len(sums_shown(inside)) in (0, len(sizes))


def test_that_none_of_few_people_did_something_is_withheld_too():
    """Of 3 and of 8 judged conversations none was sycophantic; the third week's 25 of 50 are all there are."""
    cells = cells_of(
        chats(3, "a", week="2026-W01", sycophantic=False),
        chats(8, "b", week="2026-W02", sycophantic=False),
        chats(25, "c", week="2026-W03", sycophantic=False),
        chats(25, "d", week="2026-W03", sycophantic=True, first=1),
    )

    inside = protect_inside(cells, least_people=10, round_to=1)

    assert len(sums_shown(inside, "sycophantic")) in (0, 3)


def test_a_sparse_week_never_takes_the_total_of_a_domain_with_it():
    """Nearly all conversations lie in one week; in the sparse one only one domain has anybody."""
    most = [chats(40, f"{domain} ", domain=domain, week="2026-W01") for domain in ("legal", "career", "finance")]
    cells = cells_of(*most, chats(1, "late", domain="career", week="2026-W02"))

    inside = protect_inside(cells, least_people=10, round_to=1)

    domains = statuses(inside, "domain_share", cut="domain")
    assert {domains[name] for name in ("legal", "career", "finance")} == {"shown"}
    fine = inside.filter(cut="domain_week", measure="guidance_conversations", domain="finance", week="2026-W01")
    assert fine["status"].to_list() == ["complementary"]


def test_a_share_among_few_with_pushback_never_takes_the_share_among_all_with_it():
    calm = chats(40, "calm", sycophantic=False) + chats(30, "pleased", sycophantic=True)
    pushed = chats(20, "pushed", sycophantic=False, events=((2, "insists"),)) + chats(
        4, "gave way", sycophantic=True, events=((2, "insists"),)
    )

    inside = protect_inside(cells_of(calm, pushed), least_people=10, round_to=1)

    shown = {
        m: statuses(inside, m, cut="total")["all"] for m in ("sycophantic", "sycophantic_with_pushback", "guidance")
    }
    assert shown == {"sycophantic": "shown", "sycophantic_with_pushback": "few_people", "guidance": "shown"}


def test_a_week_of_which_one_person_holds_more_than_a_quarter_is_withheld():
    led = [*chats(20, "a", week="2026-W01"), *(Chat(f"b {i}", person="b", week="2026-W01") for i in range(10))]
    other = [chats(40, f"{week} ", week=week) for week in ("2026-W02", "2026-W03")]

    inside = protect_inside(cells_of(led, *other), least_people=10, round_to=1)

    weeks = statuses(inside, "guidance_conversations", cut="week")
    assert weeks["2026-W01"] == "dominance"
    assert sorted(weeks.values()).count("shown") == 1


def test_a_quarter_in_one_hand_may_be_shown():
    even = [*chats(30, "a", week="2026-W01"), *(Chat(f"b {i}", person="b", week="2026-W01") for i in range(10))]

    inside = protect_inside(cells_of(even), least_people=10, round_to=1)

    assert statuses(inside, "guidance_conversations", cut="week") == {"2026-W01": "shown"}


@pytest.mark.parametrize(("n", "domain", "status"), [
    (19, "legal", "few_people"), (20, "legal", "shown"), (19, "career", "shown"),
])  # fmt: skip
def test_what_all_of_few_have_in_common_is_withheld_where_it_is_sensitive(n, domain, status):
    cells = cells_of(chats(n, "a", domain=domain, stakes="high"), chats(40, "b", domain="other", stakes="low"))

    inside = protect_inside(cells, least_people=10, round_to=1)

    of_domain = inside.filter(cut="domain", domain=domain, measure="stakes", facet="high")
    assert of_domain["status"].cast(pl.String).to_list() == [status]


@pytest.mark.parametrize(("n_calm", "status"), [(0, "few_people"), (4, "shown")])
def test_a_cluster_of_few_who_nearly_all_share_a_sensitive_fact_is_not_released(n_calm, status):
    same = chats(15 - n_calm, "a", cluster=0, sycophantic=True, first=1)
    cells = cells_of(same, chats(n_calm, "c", cluster=0, sycophantic=False), chats(40, "b", cluster=1))

    released = protect(cells, NO_NAMES, least_people=10, round_to=1)

    assert statuses(released, "guidance_conversations", cut="cluster")["0"] == status


def test_nobody_in_a_fine_group_cannot_be_told_from_few():
    cells = cells_of(chats(40, "a", week="2026-W01"), chats(40, "b", week="2026-W02", domain="legal"))

    inside = protect_inside(cells, least_people=10, round_to=1)

    fine = inside.filter(cut="domain_week", measure="guidance_conversations", domain="legal", week="2026-W01")
    assert fine["status"].cast(pl.String).to_list() == ["few_people"]
