"""The frames that stages hand to one another. A contract says what a row is, what null means, and its exposure."""

from guidance_atlas.contracts.base import Exposure, Table
from guidance_atlas.contracts.cells import (
    AtlasCells,
    AtlasRates,
    Cells,
    ClusterNames,
    Parts,
    PublicCells,
    PublicRates,
    ReleasedCells,
    Roster,
)
from guidance_atlas.contracts.findings import (
    Clusters,
    Events,
    Labels,
    Screened,
    TurnVectors,
    TurnVerdicts,
    Vectors,
    Verdicts,
)
from guidance_atlas.contracts.talks import CleanTurns, Conversations, Glanced, Records

__all__ = [
    "AtlasCells",
    "AtlasRates",
    "Cells",
    "CleanTurns",
    "ClusterNames",
    "Clusters",
    "Conversations",
    "Events",
    "Exposure",
    "Glanced",
    "Labels",
    "Parts",
    "PublicCells",
    "PublicRates",
    "Records",
    "ReleasedCells",
    "Roster",
    "Screened",
    "Table",
    "TurnVectors",
    "TurnVerdicts",
    "Vectors",
    "Verdicts",
]
