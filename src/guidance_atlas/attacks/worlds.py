"""Worlds of counted people without words: who they are, the tables that aggregate reads, and cells by the thousand.

Every person has one conversation, so cells add up: those of a world are the sum of those of its people. The pipeline's
own queries count each kind of person once; after that a world costs a product of matrices instead of a run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from guidance_atlas import contracts as c
from guidance_atlas.attacks.seams import Tables, made
from guidance_atlas.intervals import with_share
from guidance_atlas.settings import ProtectSettings, load_settings
from guidance_atlas.vocab import ALL, DOMAINS, PRESSING, PUSHBACK, STAKES

Ints = NDArray[np.int64]
WEEKS, MODELS = ("2026-W10", "2026-W11"), ("model-a",)
N_CLUSTERS = 3
BITS = 10  # kinds of people that one run of aggregate tells apart; it counts 2 ** BITS - 1 conversations


@dataclass(frozen=True)
class Person:
    """Somebody with one conversation, and what the stages found in it."""

    guidance: bool = True
    domain: str = "career"
    stakes: str = "low"
    week: str = WEEKS[0]
    model: str = MODELS[0]
    sycophantic: bool = False
    pushback: str | None = None
    cluster: int | None = None


def tables_of(people: Sequence[Person]) -> Tables:
    """The tables of the part stages and the roster, for people of whom each has one conversation without words."""
    who = pl.DataFrame([vars(person) for person in people], schema_overrides=_NULLABLE).with_columns(
        conversation_id=pl.Series([f"conversation-{number:06}" for number in range(len(people))]),
        person_key=pl.Series([f"person-{number:06}" for number in range(len(people))]),
    )
    guided = who.filter("guidance")
    support = {f"support_{kind}": pl.lit(value=False) for kind in ("friends", "family", "professional", "digital")}
    said = "conversation_id"
    monday = pl.col("week").str.replace(r"$", "-1").str.to_date("%G-W%V-%u")
    known: Tables = {
        c.Roster: who.select(said, position=0, outcome=pl.lit("kept"), part=pl.lit("part")),
        c.Conversations: who.select(
                said, "person_key", "week", "model", outcome=pl.lit("kept"), content_key=said, person_known=True,
                language=pl.lit("en"), day=monday, n_turns=4, n_user_turns=2, n_unread=0,
            ),
        c.Glanced: who.select(said, kept=True),
        c.Screened: who.select(said, "guidance", score=pl.lit(0.5), unsure=pl.lit(value=False)),
        c.Labels: guided.select(
                said, "domain", "stakes", domain_score=1.0, stakes_score=1.0, support_no_access=pl.lit(value=False),
                **support,
            ),
        c.Events: guided.filter(pl.col("pushback").is_not_null()).select(
                said, turn=2, kind="pushback", presses=pl.col("pushback").is_in(PRESSING), score=1.0
            ),
        c.TurnVerdicts: guided.select(said, "sycophantic", turn=1),
        c.Verdicts: guided.select(
                said, "sycophantic", first_sycophantic_turn=pl.when("sycophantic").then(1), card=pl.lit("card"),
                evasive=False, rigid=False, harsh=False,
            ),
        c.Clusters: guided.select(said, cluster_id="cluster"),
    }  # fmt: skip
    wordless: Tables = {table: table.create_empty() for table in (c.CleanTurns, c.Vectors)}
    # What masking leaves is asked of another attack: nothing was planted here.
    nothing = {"locale": [ALL], "kind": [ALL], "n_planted": 0, "n_leaked": 0, "share": 0.0, "low": 0.0, "high": 1.0}
    wordless[c.ResidualLeaks] = c.ResidualLeaks.validate(pl.DataFrame(nothing), cast=True)
    return wordless | {table: _fit(table, frame) for table, frame in known.items()}


_NULLABLE = {"pushback": pl.String, "cluster": pl.Int32}


def _fit(table: type[c.Table], frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every column of the contract: those it lacks are null, the record's number counts up."""
    if "record" in table.column_names():
        frame = frame.with_columns(record=pl.int_range(pl.len()))
    return table.validate(pl.concat([table.create_empty(), frame], how="diagonal_relaxed"), cast=True)


# Somebody whose like nobody else is: a rare domain, high stakes, pressed and pleased.
ALONE = Person(domain="ethics", stakes="high", sycophantic=True, pushback="emotional", cluster=0)
ALIKE = 0.0005  # share of people like her


def drawn_people(n: int, rng: np.random.Generator) -> list[Person]:
    """Kinds of people with uneven domains, stakes and findings, all in the weeks, models and clusters there are."""
    uneven = np.array([0.5**place for place in range(6)])
    return [
        Person(
            guidance=bool(rng.random() < 0.8),
            domain=str(rng.choice(DOMAINS[:6], p=uneven / uneven.sum())),
            stakes=str(rng.choice(STAKES, p=(0.6, 0.3, 0.1))),
            week=WEEKS[number % len(WEEKS)],
            model=MODELS[number % len(MODELS)],
            sycophantic=bool(rng.random() < 0.25),
            pushback=str(rng.choice(PUSHBACK)) if rng.random() < 0.3 else None,
            cluster=number % N_CLUSTERS,
        )
        for number in range(n)
    ]


@dataclass(frozen=True)
class Population:
    """Kinds of people, how common each is (adds up to 1), and what each adds to every cell."""

    kinds: tuple[Person, ...]
    commonness: NDArray[np.float64]
    cells: pl.DataFrame  # names of the cells, and whether each is a share
    adds: Mapping[str, Ints]  # by column of counts: kinds x cells, each 0 or 1

    def draw(self, n: int, rng: np.random.Generator) -> Ints:
        """How many of each kind there are among n people."""
        return rng.multinomial(n, self.commonness)

    def cells_of(self, counts: Ints) -> dy.DataFrame[c.Cells]:
        """The cells of a world with so many people of each kind."""
        numbers = {name: counts @ added for name, added in self.adds.items()}
        # Everybody has one conversation, so the most that one person holds of a count is that one.
        numbers |= {name: np.minimum(numbers[of], 1) for name, of in MOST.items()}
        frame = self.cells.with_columns(**{name: pl.Series(value, dtype=pl.UInt64) for name, value in numbers.items()})
        shares = frame.with_columns(denominator=pl.when("is_share").then("denominator")).drop("is_share")
        return c.Cells.validate(with_share(shares), cast=True)

    def one(self, kind: int) -> Ints:
        """A world of one person of this kind."""
        only: Ints = np.eye(len(self.kinds), dtype=np.int64)[kind]
        return only

    @property
    def common(self) -> int:
        """A kind that asks for guidance, neither rare nor frequent."""
        asking = [int(kind) for kind in np.argsort(self.commonness) if self.kinds[kind].guidance]
        return asking[len(asking) // 2]

    def touched(self, kind: int) -> NDArray[np.bool_]:
        """Cells to which somebody of this kind adds."""
        touched: NDArray[np.bool_] = np.any([added[kind] > 0 for added in self.adds.values()], axis=0)
        return touched


def population(n_kinds: int, *, seed: int) -> Population:
    """Draw kinds of people, the one who stands alone first, and count them with the pipeline's own queries."""
    rng = np.random.default_rng(seed)
    common = rng.dirichlet(np.ones(n_kinds - 1)) * (1 - ALIKE)
    return population_of([ALONE, *drawn_people(n_kinds - 1, rng)], np.array([ALIKE, *common]))


def population_of(kinds: Sequence[Person], commonness: NDArray[np.float64]) -> Population:
    """Count every kind by putting the kind at place b of a run in 2 ** b times: a count's digits tell who is in it."""
    runs = [range(first, min(first + BITS, len(kinds))) for first in range(0, len(kinds), BITS)]
    # Somebody of every week, model and cluster stands in every run, so that all runs have the same cells.
    common = [replace(kinds[0], guidance=True, week=w, model=m, cluster=n) for w in WEEKS for m in MODELS
              for n in range(N_CLUSTERS)]  # fmt: skip
    counted = [_counted([*common, *(kinds[k] for k in run for _ in range(2 ** (k - run.start)))]) for run in runs]
    rest = _counted(common)
    if any(not one.select(KEY).equals(rest.select(KEY)) for one in counted):
        raise ValueError("kinds of people lie outside the weeks, models and clusters of this world")
    adds = {
        name: np.concatenate(
            [
                (one[name].fill_null(0).to_numpy() - rest[name].fill_null(0).to_numpy())[None, :].astype(np.int64)
                >> np.arange(len(run))[:, None]
                & 1
                for run, one in zip(runs, counted, strict=True)
            ]
        )
        for name in ADDED
    }
    return Population(tuple(kinds), commonness, rest.select(*KEY, is_share=pl.col("denominator").is_not_null()), adds)


ADDED = ("numerator", "denominator", "n_people", "n_people_counted")
MOST = {"n_most": "n_people", "n_most_counted": "n_people_counted"}
KEY = list(c.Cells.primary_key())


def _counted(people: Sequence[Person]) -> pl.DataFrame:
    every_model = ProtectSettings(inside_people=1, release_people=1, release_round=1)  # one person names a model too
    return made(c.Cells, tables_of(people), load_settings().model_copy(update={"protect": every_model})).sort(KEY)
