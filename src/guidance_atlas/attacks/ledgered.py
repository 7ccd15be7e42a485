"""Two releases of one run root, the second held against the first as the ledger has it."""

import polars as pl

from guidance_atlas.contracts import Cells, ClusterNames, PublicCells
from guidance_atlas.errors import ReleaseError
from guidance_atlas.releases import refuse_too_little
from guidance_atlas.settings import Settings
from guidance_atlas.stages.carry_forward import carry_forward
from guidance_atlas.stages.hold_back import hold_back

Made = tuple[pl.DataFrame, pl.DataFrame]  # exact cells, and what would be released of them alone


def in_one_ledger(
    first: Made, second: Made, settings: Settings, later_settings: Settings
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two releases of one run root as readers see them; where the second is refused they have the first alone."""
    names, before, rules = ClusterNames.create_empty(), settings.protect.release_people, later_settings.protect
    (cells, shown), (later_cells, later) = ((Cells.validate(c), PublicCells.validate(s)) for c, s in (first, second))
    told, kept = carry_forward(cells, names, shown, earlier=[], least_people=before)
    held = hold_back(later_cells, names, later, earlier=[kept], least_people=rules.release_people)
    try:
        refuse_too_little(later, held, rules.most_held_back)
    except ReleaseError:
        return told, told
    return told, carry_forward(later_cells, names, held, earlier=[kept], least_people=rules.release_people)[0]
