"""Two releases of one run root, the second held against the first as the ledger has it."""

import polars as pl

from guidance_atlas.attacks.seams import released
from guidance_atlas.contracts import Cells, ClusterNames
from guidance_atlas.errors import ReleaseError
from guidance_atlas.releases import _refuse_too_little as refuse_too_little
from guidance_atlas.settings import Settings
from guidance_atlas.stages.hold_back import hold_back, released_cells


def released_after(
    first: pl.DataFrame, second: pl.DataFrame, settings: Settings, later: Settings | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two releases of one run root: the second, under later settings if given, is held against the first.

    A second one that is refused shows nothing.
    """
    no_names, rules = ClusterNames.create_empty(), (later or settings).protect
    one, other = released(first, settings), released(second, later or settings)
    before = released_cells(Cells.validate(first), no_names, one)
    held = hold_back(Cells.validate(second), no_names, other, earlier=[before], least_people=rules.release_people)
    try:
        refuse_too_little(other, held, rules.most_held_back)
    except ReleaseError:
        return one, held.clear()
    return one, held
