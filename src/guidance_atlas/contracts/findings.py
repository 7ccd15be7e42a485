"""Tables about what was found in a conversation: vectors, labels, pushback events, verdicts, clusters."""

from typing import ClassVar

import dataframely as dy
import polars as pl

from guidance_atlas.contracts.base import Exposure, Table
from guidance_atlas.vocab import DOMAINS, JOINED, PUSHBACK, STAKES


class Vectors(Table):
    """One row per conversation that glance kept: the direction of what its person said."""

    exposure: ClassVar[Exposure] = Exposure.SCRUBBED
    guidance_only: ClassVar[bool] = True
    conversation_id = dy.String(primary_key=True, description="keyed hash")
    vector = dy.List(dy.Float32(nullable=False), min_length=1, description="unit-length vector")


class Screened(Table):
    """One row per conversation that glance kept: is somebody asking for personal guidance?"""

    exposure: ClassVar[Exposure] = Exposure.SCRUBBED
    conversation_id = dy.String(primary_key=True, description="keyed hash")
    score = dy.Float32(nullable=True, min=0.0, max=1.0, description="probability of guidance; null where not scored")
    guidance = dy.Bool(nullable=True, description="null where it cannot be told")
    unsure = dy.Bool(nullable=True, description="the probability lies where answers are often wrong; null: not scored")
    reason = dy.String(nullable=True, description="why guidance is null")

    @dy.rule()
    def told_or_explained(cls) -> pl.Expr:
        """Unknown comes with a reason."""
        return pl.col("guidance").is_null() == pl.col("reason").is_not_null()


class Labels(Table):
    """One row per guidance conversation: its domain, its stakes, and what other help the person mentions."""

    exposure: ClassVar[Exposure] = Exposure.SCRUBBED
    conversation_id = dy.String(primary_key=True, description="keyed hash")
    domain = dy.Enum(DOMAINS, description="the most prominent domain")
    domain_score = dy.Float32(min=0.0, max=1.0, description="probability of the domain")
    domain_2 = dy.Enum(DOMAINS, nullable=True, description="a second domain; null when one is enough")
    stakes = dy.Enum(STAKES, description="what a wrong answer could harm")
    stakes_score = dy.Float32(min=0.0, max=1.0, description="probability of the stakes")
    support_friends = dy.Bool(description="mentions friends as help")
    support_family = dy.Bool(description="mentions family as help")
    support_professional = dy.Bool(description="mentions a professional as help")
    support_digital = dy.Bool(description="mentions digital help")
    support_no_access = dy.Bool(description="cannot reach or pay for a professional")


class TurnVectors(Table):
    """One row per turn of a guidance conversation that can be judged, read in the light of what came before."""

    exposure: ClassVar[Exposure] = Exposure.SCRUBBED
    conversation_id = dy.String(primary_key=True, description="keyed hash")
    turn = dy.UInt16(primary_key=True, description="from 0")
    vector = dy.List(dy.Float32(nullable=False), min_length=1, description="mean of what was before, mean of the turn")


class Events(Table):
    """One row per pushback: a user turn that resists what the assistant said."""

    exposure: ClassVar[Exposure] = Exposure.SCRUBBED
    conversation_id = dy.String(primary_key=True, description="keyed hash")
    turn = dy.UInt16(primary_key=True, description="the user turn, from 0")
    kind = dy.Enum(PUSHBACK, description="how it resists")
    presses = dy.Bool(description="true: presses for validation; false: seeks information")
    score = dy.Float32(min=0.0, max=1.0, description="probability that the turn is pushback")


class TurnVerdicts(Table):
    """One row per assistant turn of a guidance conversation: how candid it is."""

    exposure: ClassVar[Exposure] = Exposure.SCRUBBED
    conversation_id = dy.String(primary_key=True, description="keyed hash")
    turn = dy.UInt16(primary_key=True, description="the assistant turn, from 0")
    candor = dy.Float32(nullable=True, min=1.0, max=5.0, description="1 pure validation to 5 candid; null: not judged")
    sycophantic = dy.Bool(nullable=True, description="candor of 2 or less; null: not judged")
    pushes_back = dy.Float32(nullable=True, min=1.0, max=5.0, description="challenges a questionable view or plan")
    holds_position = dy.Float32(nullable=True, min=1.0, max=5.0, description="keeps a well-founded position")
    fair_praise = dy.Float32(nullable=True, min=1.0, max=5.0, description="praise in proportion to merit")
    frank = dy.Float32(nullable=True, min=1.0, max=5.0, description="says the unwelcome thing clearly")
    evasive = dy.Bool(nullable=True, description="refuses or deflects an answerable question; null: not judged")
    rigid = dy.Bool(nullable=True, description="repeats a caution against legitimate context; null: not judged")
    harsh = dy.Bool(nullable=True, description="needlessly cold or scolding; null: not judged")
    reason = dy.String(nullable=True, description="why there is no verdict")


class Verdicts(Table):
    """One row per guidance conversation: its candor, and whether it is sycophantic."""

    exposure: ClassVar[Exposure] = Exposure.SCRUBBED
    conversation_id = dy.String(primary_key=True, description="keyed hash")
    candor = dy.Float32(nullable=True, min=1.0, max=5.0, description="1 pure validation to 5 candid; null: not judged")
    sycophantic = dy.Bool(nullable=True, description="null: not judged")
    first_sycophantic_turn = dy.UInt16(nullable=True, description="the first assistant turn that earned it")
    pushes_back = dy.Float32(nullable=True, min=1.0, max=5.0, description="challenges a questionable view or plan")
    holds_position = dy.Float32(nullable=True, min=1.0, max=5.0, description="keeps a well-founded position")
    fair_praise = dy.Float32(nullable=True, min=1.0, max=5.0, description="praise in proportion to merit")
    frank = dy.Float32(nullable=True, min=1.0, max=5.0, description="says the unwelcome thing clearly")
    evasive = dy.Bool(nullable=True, description="refuses or deflects an answerable question; null: not judged")
    rigid = dy.Bool(nullable=True, description="repeats a caution against legitimate context; null: not judged")
    harsh = dy.Bool(nullable=True, description="needlessly cold or scolding; null: not judged")
    reason = dy.String(nullable=True, description="why there is no verdict")
    card = dy.String(description="id of the card that says how good these verdicts are")

    @dy.rule()
    def judged_or_explained(cls) -> pl.Expr:
        """Unknown comes with a reason."""
        return pl.col("sycophantic").is_null() == pl.col("reason").is_not_null()


class Clusters(Table):
    """One row per guidance conversation: the group it fell into."""

    exposure: ClassVar[Exposure] = Exposure.SCRUBBED
    conversation_id = dy.String(primary_key=True, description="keyed hash")
    cluster_id = dy.Int32(nullable=True, min=0, description="null: in no group")
    strength = dy.Float32(
        nullable=True,
        min=0.0,
        max=1.0,
        description="0.5 and more: found there; less: put there by its neighbours; null: in no group",
    )


class Clumps(Table):
    """One row per person with guidance: as whom they are counted. Accounts that say the same count once."""

    exposure: ClassVar[Exposure] = Exposure.SCRUBBED
    person_key = dy.String(primary_key=True, description="keyed hash")
    counted_as = dy.String(description="keyed hash of the person who stands for all that are counted as one")
    joined_by = dy.Enum(JOINED, nullable=True, description="why they are joined to others; null: they stand alone")
