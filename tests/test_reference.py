"""The reference pages say what the code says today."""

from pathlib import Path

import pytest

from guidance_atlas.reference import PAGES, page, tables

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("file", PAGES)
def test_a_page_is_up_to_date(file):
    assert (DOCS / file).read_text(encoding="utf-8") == page(file), "run: make docs"


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.__name__)
def test_every_table_says_what_a_row_is_and_every_column_what_it_means(table):
    assert (table.__doc__ or "").startswith("One row per")
    assert [name for name, column in table.columns().items() if not column.description] == []
