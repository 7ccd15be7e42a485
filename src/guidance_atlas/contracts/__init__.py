"""The frames that stages hand to one another. A contract says what a row is, what null means, and its exposure."""

from guidance_atlas.contracts.base import Exposure, Table
from guidance_atlas.contracts.cells import (
    AtlasCells,
    AtlasRates,
    Cells,
    ClusterNames,
    ClusterTerms,
    Parts,
    PublicCells,
    PublicRates,
    PublishedCells,
    ReleasedCells,
    ResidualLeaks,
    Roster,
)
from guidance_atlas.contracts.findings import (
    Clumps,
    Clusters,
    Events,
    Labels,
    Screened,
    TurnVectors,
    TurnVerdicts,
    Vectors,
    Verdicts,
)
from guidance_atlas.contracts.noisy import NoisyCells, NoisyRates
from guidance_atlas.contracts.talks import CleanTurns, Conversations, Glanced, Records

__all__ = [
    "AtlasCells",
    "AtlasRates",
    "Cells",
    "CleanTurns",
    "Clumps",
    "ClusterNames",
    "ClusterTerms",
    "Clusters",
    "Conversations",
    "Events",
    "Exposure",
    "Glanced",
    "Labels",
    "NoisyCells",
    "NoisyRates",
    "Parts",
    "PublicCells",
    "PublicRates",
    "PublishedCells",
    "Records",
    "ReleasedCells",
    "ResidualLeaks",
    "Roster",
    "Screened",
    "Table",
    "TurnVectors",
    "TurnVerdicts",
    "Vectors",
    "Verdicts",
]
