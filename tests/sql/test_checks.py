"""Every check finds the fault it is for: true cells, one fault planted, that check and no silence."""

import polars as pl
import pytest
from corpus import Chat, tables

from guidance_atlas import contracts as c
from guidance_atlas.heads.confusion import Errors, count_flags
from guidance_atlas.publish import run_checks
from guidance_atlas.sqlbook import SQL, SqlBook
from guidance_atlas.stages.aggregate import aggregate
from guidance_atlas.stages.correct import correct_inside
from guidance_atlas.stages.protect import protect_inside

BOOK = SqlBook(SQL)
GROUP = ["cut", "domain", "week", "model", "facet", "measure"]
RULES = {"least_people": 10, "round_to": 1}
ERRORS = Errors((("card", (count_flags("sycophantic", [True] * 50 + [False] * 50, [True] * 45 + [False] * 55),)),))


def world():
    """Three weeks of 4, 30 and 40 conversations in two domains and with two models, some set aside."""
    chats = [
        Chat(
            f"{week} {i}",
            week=f"2026-W0{week}",
            model=f"m{i % 2}",
            domain="career" if i % 3 else "legal",
            sycophantic=i % 2 == 0,
            first=1,
            stakes="high" if i % 4 == 0 else "low",
        )
        for week, n in ((1, 4), (2, 30), (3, 40))
        for i in range(n)
    ]
    frames = tables(*chats, set_aside=(("duplicate", "same_id"), ("quarantined", "bad_json")))
    cells = aggregate(**frames, book=BOOK)
    protected = protect_inside(cells, **RULES)
    parts = pl.DataFrame({"position": [0], "part": "p", "file": "f", "first_record": 0})
    parts = parts.with_columns(n_records=frames["roster"].height, n_bytes=1, repeats=False)
    return {
        "roster": frames["roster"],
        "parts": c.Parts.validate(parts, cast=True),
        "cells": cells,
        "protected": protected,
        "rates": correct_inside(protected, errors=ERRORS),
    }


WORLD = world()


def where(**group):
    """The row of these words; a dimension that is not named is all."""
    wanted = {"domain": "all", "week": "all", "model": "all", "facet": "all"} | group
    return pl.all_horizontal(pl.col(name) == value for name, value in wanted.items())


def changed(table, at, **columns):
    frame = WORLD[table]
    assert frame.filter(at).height == 1
    return {table: frame.with_columns(pl.when(at).then(pl.lit(v)).otherwise(n).alias(n) for n, v in columns.items())}


def roster_with(**columns):
    first = pl.int_range(pl.len()) == 0
    return {
        "roster": WORLD["roster"].with_columns(
            pl.when(first).then(pl.lit(v)).otherwise(pl.col(n).cast(pl.String) if n == "outcome" else n).alias(n)
            for n, v in columns.items()
        )
    }


CAREER = where(cut="domain", domain="career", measure="sycophantic")
TOTAL = where(cut="total", measure="sycophantic")
WEEK_1 = where(cut="week", week="2026-W01", measure="guidance_conversations")
ALONG_WEEKS = (pl.col("measure") == "guidance_conversations") & pl.col("cut").is_in(["total", "week"])
EMPTY = where(cut="domain", domain="ethics", measure="sycophantic")
HIDDEN = where(cut="week", week="2026-W01", measure="sycophantic")
SHOWN = {"status": "shown", "numerator": 30, "n_people": 30}
FAULTS = {
    "roster/records_lost": {"roster": WORLD["roster"].head(5)},
    "roster/kept_twice": roster_with(conversation_id="1 1"),
    "roster/no_reason": roster_with(outcome="duplicate"),
    "cells/read_is_not_the_sum": changed("cells", where(cut="funnel", measure="read"), numerator=1),
    "cells/reasons_do_not_add_up": changed(
        "cells", where(cut="funnel", measure="duplicate", facet="same_id"), numerator=9
    ),
    "cells/more_counted_than_asked": changed("cells", CAREER, n_people_counted=10_000),
    "cells/share_is_not_the_quotient": changed("cells", CAREER, low=0.9),
    "cells/domains_do_not_add_up": changed("cells", CAREER, numerator=1),
    "cells/weeks_do_not_add_up": changed("cells", CAREER, numerator=1),
    "cells/models_do_not_add_up": changed("cells", TOTAL, numerator=1),
    "cells/domain_lost": {"cells": WORLD["cells"].filter(pl.col("domain") != "spirituality")},
    "protected/withheld_shows_numbers": changed("protected", WEEK_1, numerator=4),
    "protected/share_out_of_range": changed("protected", TOTAL, high=0.1),
    "protected/count_shown_elsewhere": changed(
        "protected", where(cut="domain_week", week="2026-W01", domain="legal", measure="domain_share"), status="shown"
    ),
    "against/cell_lost": {"protected": WORLD["protected"].head(100)},
    "against/few_people_shown": changed("protected", WEEK_1, **SHOWN),
    "against/one_person_leads": changed("cells", where(cut="total", measure="sycophantic"), n_most_counted=19),
    "against/lone_gap": {
        "protected": WORLD["protected"].with_columns(
            status=pl.when(WEEK_1).then("status").when(ALONG_WEEKS).then(pl.lit("shown")).otherwise("status")
        )
    },
    "against/rare_model_named": changed("cells", where(cut="model", model="m1", measure="conversations"), n_people=9),
    "rates/rate_lost": {"rates": WORLD["rates"].filter(~CAREER)},
    "rates/withheld_is_corrected": changed("rates", HIDDEN, corrected=0.5),
    "rates/corrected_out_of_range": changed("rates", TOTAL, corrected_high=0.01),
    "against/not_rounded": {"protected": WORLD["protected"].with_columns(pl.col("numerator") + 7)},
}


def found(**tables):
    return {fault.name for fault in run_checks(WORLD | tables, book=BOOK, **RULES)}


def test_a_true_world_has_no_faults():
    assert found() == set()


@pytest.mark.parametrize("name", FAULTS)
def test_every_check_finds_its_planted_fault(name):
    assert name in found(**FAULTS[name])


@pytest.mark.parametrize("columns", [{"n_most": 19}, {"n_most_counted": 10}])
def test_one_person_leads_from_a_quarter_on(columns):
    """Of 74 judged conversations 37 were sycophantic: a quarter of them is 18.5 and 9.25."""
    almost = {name: n - 1 for name, n in columns.items()}

    assert found(**changed("cells", TOTAL, **columns)) == {"against/one_person_leads"}
    assert found(**changed("cells", TOTAL, **almost)) == set()


@pytest.mark.parametrize(
    ("name", "faulty"),
    [
        ("rates/rate_lost", {"rates": pl.concat([WORLD["rates"], WORLD["rates"].filter(TOTAL)])}),
        ("rates/rate_lost", changed("rates", TOTAL, measure="conversations")),
        ("rates/withheld_is_corrected", changed("rates", HIDDEN, state="not_measured")),
        ("rates/withheld_is_corrected", changed("rates", TOTAL, state="withheld")),
        ("rates/corrected_out_of_range", changed("rates", TOTAL, corrected=None)),
        ("rates/corrected_out_of_range", changed("rates", TOTAL, state="not_measured")),
        ("rates/corrected_out_of_range", changed("rates", EMPTY, state="corrected")),
    ],
)
def test_a_check_of_rates_finds_other_faults_too(name, faulty):
    assert name in found(**faulty)


def test_every_check_has_a_planted_fault():
    checks = {str(path.relative_to(SQL / "checks").with_suffix("")) for path in (SQL / "checks").rglob("*.sql")}

    assert checks == set(FAULTS)


def test_a_share_of_nobody_is_a_fault():
    assert "cells/share_is_not_the_quotient" in found(**changed("cells", EMPTY, share=0.0))
    assert "protected/share_out_of_range" in found(**changed("protected", EMPTY, share=0.0, low=0.0, high=0.0))


def test_a_fault_tells_the_group_and_the_table():
    (fault,) = run_checks(
        {"protected": FAULTS["protected/withheld_shows_numbers"]["protected"]}, book=BOOK, called="atlas_cells", **RULES
    )

    assert (fault.name, fault.table) == ("protected/withheld_shows_numbers", "atlas_cells")
    assert fault.rows.select("cut", "week", "status").rows() == [("week", "2026-W01", "few_people")]
