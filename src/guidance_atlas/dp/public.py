"""`export --public`: from the last run's tables to a release with noise, through the one gate of noise."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict

import polars as pl

from guidance_atlas.contracts import (
    Conversations,
    Events,
    Glanced,
    Labels,
    NoisyCells,
    NoisyRates,
    Screened,
    TurnVerdicts,
    Verdicts,
)
from guidance_atlas.dp.ask import Ask
from guidance_atlas.dp.counts import DENSE, Counts, contributions, count
from guidance_atlas.dp.files import write_release
from guidance_atlas.dp.release import NOISY, Budget, Charged, charge, find, refuse_unknown, settle
from guidance_atlas.dp.tables import Draw, noisy_cells, noisy_rates
from guidance_atlas.labelling.tables import LastRun, last_run
from guidance_atlas.ledger import Ledger
from guidance_atlas.ports import Noise
from guidance_atlas.settings import PrivacySettings
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.tombstones import refuse_open

MECHANISM = (
    "discrete Laplace noise on whole numbers: on every count of three histograms whose keys are public (week, domain), "
    "and on a fourth (domain x week x verdict) of which only counts of the threshold and more are told"
)
OUTSIDE = (
    "the vocabulary: domains, flags and measures were fixed before any data and tell nothing of it",
    "which days were asked for, when, and how often: the operator's choice, not noisy",
    "errors of the labels: counts say what the programs said of each conversation alone; they were trained on other "
    "texts, which does not hold of heads that you train on these logs",
    "cluster names, terms, languages and models: they are in no noisy release",
    "other releases and atlas.duckdb: small cells are withheld there, which is no such promise",
    "a person under several user ids is several people, also where their conversations are alike and an ordinary "
    "release counts them as one; a record without a user is a person of its own, who says the same words is the same",
    "a conversation id counts once: where two people's records carry the same one, the longer displaces the other",
    "whether a run succeeds: a damaged file, or a text that cannot be masked, stops what others are counted in",
    "whoever can read the run root: it holds exact counts and the ledger",
)


class Public(TypedDict):
    """What a public export came to."""

    release: str
    new: bool
    drawn: str  # UTC day
    n_shown: int
    n_below_threshold: int
    epsilon_spent: str
    epsilon_left: str
    delta_left: str


def open_noise(ask: Ask) -> Noise:
    """Noise that keeps this request's promise for a person within its bounds.

    Raises:
        SettingsError: OpenDP is not installed.
    """
    from guidance_atlas.adapters.opendp import Bounds, OpenDpNoise

    bounds = Bounds(len(DENSE) * ask.conversations, ask.conversations, min(ask.cells, ask.conversations))
    return OpenDpNoise(epsilon=ask.epsilon, delta=ask.delta, bounds=bounds)


def export_public(
    root: Path,
    ask: Ask,
    *,
    privacy: PrivacySettings,
    fresh: bool = False,
    noise_for: Callable[[Ask], Noise] = open_noise,
) -> Public:
    """Write the noisy release of this request, or find it: the same request gives the same files and costs once.

    The last run's tables are found under the settings that it kept; of the present ones only the budget in privacy
    counts. fresh asks for another draw, on what the last run holds now, and is charged anew.

    Raises:
        BudgetError: the budget does not allow it; no noise was drawn.
        SettingsError: OpenDP is missing, or the secret of the last run is.
        StoreError: there is no finished run, another version made it, somebody is still to be forgotten, a noisy
            release lies there that the ledger does not know, or the root or its ledger cannot be used.
    """
    refuse_open(root)
    ledger = Ledger(root)
    found = None if fresh else find(ledger, ask)
    if found is None:
        refuse_unknown(root, ledger)
        noise = noise_for(ask)
        counts = _counts(root, ask)  # whatever can fail has failed before anything is charged
        budget = Budget(privacy.epsilon, privacy.delta)
        key = charge(ledger, ask, budget, fresh=fresh)
        found = settle(ledger, key, lambda: draw(counts, noise))
    charged, drawn = found
    cells, rates = noisy_cells(drawn, ask), noisy_rates(drawn)
    folder, new = write_release(
        root / "releases", f"{NOISY}{charged.key}", {NoisyCells: cells, NoisyRates: rates}, _facts(ask, charged, drawn)
    )
    n_shown = int((cells["status"] == "shown").sum())
    return {
        "release": str(folder),
        "new": new,
        "drawn": charged.day,
        "n_shown": n_shown,
        "n_below_threshold": cells.height - n_shown,
        "epsilon_spent": str(charged.spent[0]),
        "epsilon_left": str(charged.left[0]),
        "delta_left": str(charged.left[1]),
    }


def draw(counts: Counts, noise: Noise) -> Draw:
    """Put noise on counts: the only way from exact numbers to those that leave."""
    dense, sparse = noise.draw(list(counts.dense.values()), counts.sparse)
    return Draw(dict(zip(counts.dense, dense, strict=True)), sparse, noise.scale, noise.threshold, noise.made_by)


def _counts(root: Path, ask: Ask) -> Counts:
    with last_run(root) as ran:
        return count(contributions(_tables(ran), ask, book=SqlBook()), ask)


def _tables(ran: LastRun) -> dict[str, pl.DataFrame]:
    wanted = {
        "conversations": Conversations,
        "glanced": Glanced,
        "screened": Screened,
        "labels": Labels,
        "events": Events,
        "turn_verdicts": TurnVerdicts,
        "verdicts": Verdicts,
    }
    read = {name: ran.table(table) for name, table in wanted.items()}
    # A part's own doubles carry the id of the one that is kept.
    read["conversations"] = read["conversations"].filter(pl.col("outcome") == "kept")
    return read


def _facts(ask: Ask, charged: Charged, drawn: Draw) -> dict[str, object]:
    """What goes into the manifest; nothing of it was looked up in the data."""
    return {
        "version": version("guidance-atlas"),
        "created": charged.day,
        "kind": "differentially private",
        "unit": "a person, with all their conversations of the period; neighbours: one person more or less",
        "epsilon": ask.epsilon,
        "delta": ask.delta,
        "since": ask.since.isoformat(),
        "until": ask.until.isoformat(),
        "conversations_of_a_person": ask.conversations,
        "cells_of_a_person": ask.cells,
        "mechanism": MECHANISM,
        "noise_scale": drawn.scale,
        "threshold": drawn.threshold,
        "made_by": drawn.made_by,
        "budget": {
            "epsilon_spent": str(charged.spent[0]),
            "delta_spent": str(charged.spent[1]),
            "epsilon_left": str(charged.left[0]),
            "delta_left": str(charged.left[1]),
        },
        "outside": list(OUTSIDE),
    }
