"""Two releases of one run root, the second held against the first as the ledger has it."""

import polars as pl

from guidance_atlas.contracts import Cells, ClusterNames, PublicCells
from guidance_atlas.errors import ReleaseError
from guidance_atlas.releases import _refuse_too_little as refuse_too_little
from guidance_atlas.settings import Settings
from guidance_atlas.stages.hold_back import hold_back, released_cells

Made = tuple[pl.DataFrame, pl.DataFrame]  # exact cells, and what would be released of them alone


def released_after(first: Made, second: Made, settings: Settings) -> pl.DataFrame:
    """The second release of a run root once it is held against the first; where it is refused it shows nothing."""
    names, rules = ClusterNames.create_empty(), settings.protect
    (cells, shown), (later_cells, later) = ((Cells.validate(c), PublicCells.validate(s)) for c, s in (first, second))
    before = released_cells(cells, names, shown)
    held = hold_back(later_cells, names, later, earlier=[before], least_people=rules.release_people)
    try:
        refuse_too_little(later, held, rules.most_held_back)
    except ReleaseError:
        return held.clear()
    return held
