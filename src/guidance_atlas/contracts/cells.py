"""Tables about many conversations: the roster of records, cluster names, cells, and what may be shown."""

from typing import ClassVar

import dataframely as dy
import polars as pl

from guidance_atlas.contracts.base import Exposure, Table
from guidance_atlas.vocab import CELL_STATUS, DOMAINS, OUTCOMES, RATE_STATE


class Parts(Table):
    """One row per part: a slice of one source file that is processed together."""

    exposure: ClassVar[Exposure] = Exposure.SCRUBBED
    position = dy.UInt32(primary_key=True, description="order of reading, from 0")
    part = dy.String(description="digest of the part's bytes")
    file = dy.String(description="the source file as the operator named it")
    first_record = dy.UInt64(description="number of its first record in the file, from 0")
    n_records = dy.UInt64(description="records in the part")
    n_bytes = dy.UInt64(description="bytes in the part")
    repeats = dy.Bool(description="whether an earlier part has the same bytes")


class Roster(Table):
    """One row per record over all parts: what became of it. Later tables see only kept conversations."""

    exposure: ClassVar[Exposure] = Exposure.SCRUBBED
    position = dy.UInt32(primary_key=True, description="the part's order of reading")
    record = dy.UInt32(primary_key=True, description="position in the part, from 0")
    part = dy.String(description="digest of the part's bytes")
    conversation_id = dy.String(nullable=True, description="keyed hash; null when quarantined")
    outcome = dy.Enum(OUTCOMES, description="what became of the record")
    code = dy.String(nullable=True, description="reason of any outcome but kept")


class ClusterTerms(Table):
    """One row per cluster and term that sets it apart: words of a closed list, and how many people used them."""

    exposure: ClassVar[Exposure] = Exposure.AGGREGATE
    cluster_id = dy.Int32(primary_key=True, min=0, description="the cluster")
    term = dy.String(primary_key=True, regex="^[a-z]+( [a-z]+)?$", description="one or two words of the closed list")
    n_people = dy.UInt32(description="people of the cluster who used it; those counted as one count once")
    n_inside = dy.UInt32(description="people of the cluster who used any term")
    share_outside = dy.Float64(min=0.0, description="share of all other people who used it, half a person added")
    luck = dy.Float64(min=0.0, max=1.0, description="drawn: what part of a minimum is left out of the count first")


class ClusterNames(Table):
    """One row per cluster: a name of terms that enough of its people used, else its main domain and its number."""

    exposure: ClassVar[Exposure] = Exposure.AGGREGATE
    cluster_id = dy.Int32(primary_key=True, min=0, description="the cluster")
    name = dy.String(description="what sets the cluster apart")
    terms = dy.List(dy.String(nullable=False), description="distinctive terms, the best first")
    n_conversations = dy.UInt32(description="conversations in the cluster")
    n_people = dy.UInt32(description="people in the cluster")
    domain = dy.Enum(DOMAINS, nullable=True, description="the domain that most of its people ask about; null: no label")
    n_domain_people = dy.UInt32(description="people of the cluster who ask about it")
    named_by = dy.String(description="how the name was found: terms, domain, number, too_few_people")


class ResidualLeaks(Table):
    """One row per locale and kind: of planted names and numbers, how many came out of masking unmasked."""

    exposure: ClassVar[Exposure] = Exposure.AGGREGATE
    locale = dy.String(primary_key=True, description="where the names are at home, or all")
    kind = dy.String(primary_key=True, description="name, or the kind of identifier")
    n_planted = dy.UInt32(description="things planted in invented sentences")
    n_leaked = dy.UInt32(description="of them, those of which some word or number was left")
    share = dy.Float64(min=0.0, max=1.0, description="leaked / planted")
    low = dy.Float64(min=0.0, max=1.0, description="lower end of the 95 % Wilson interval")
    high = dy.Float64(min=0.0, max=1.0, description="upper end of the 95 % Wilson interval")


class Cells(Table):
    """One row per number about a group: a count, or a share with its numerator, denominator and interval.

    A dimension that the group is not cut by reads 'all'; a value that is not known reads 'unknown'.
    """

    exposure: ClassVar[Exposure] = Exposure.AGGREGATE
    cut = dy.String(primary_key=True, description="what the group is cut by: total, domain, domain_week …")
    domain = dy.String(primary_key=True, description="domain, or all")
    week = dy.String(primary_key=True, description="ISO week, all, or unknown")
    model = dy.String(primary_key=True, description="assistant's model, all, or unknown")
    facet = dy.String(primary_key=True, description="the measure's own value, such as a pushback kind, or all")
    measure = dy.String(primary_key=True, description="what is counted")
    numerator = dy.UInt64(description="conversations (or records) counted")
    denominator = dy.UInt64(nullable=True, description="conversations it is a share of; null for plain counts")
    n_people = dy.UInt64(description="distinct people behind the denominator, or behind a plain count")
    n_people_counted = dy.UInt64(description="distinct people behind the numerator")
    n_most = dy.UInt64(description="conversations of n_people that one person has, the most")
    n_most_counted = dy.UInt64(description="conversations of the numerator that one person has, the most")
    share = dy.Float64(nullable=True, min=0.0, max=1.0, description="numerator / denominator")
    low = dy.Float64(nullable=True, min=0.0, max=1.0, description="lower end of the 95 % Wilson interval")
    high = dy.Float64(nullable=True, min=0.0, max=1.0, description="upper end of the 95 % Wilson interval")

    @dy.rule()
    def share_needs_denominator(cls) -> pl.Expr:
        """A share exists exactly where there is something to divide by."""
        return pl.col("share").is_not_null() == (pl.col("denominator").fill_null(0) > 0)

    @dy.rule()
    def counted_is_part_of_whole(cls) -> pl.Expr:
        """A numerator never exceeds its denominator."""
        return pl.col("numerator") <= pl.col("denominator").fill_null(pl.col("numerator"))


class _OfGroup(Table):
    cut = dy.String(primary_key=True, description="what the group is cut by")
    domain = dy.String(primary_key=True, description="domain, or all")
    week = dy.String(primary_key=True, description="ISO week, all, or unknown")
    model = dy.String(primary_key=True, description="assistant's model, all, or unknown")
    facet = dy.String(primary_key=True, description="the measure's own value, or all")
    measure = dy.String(primary_key=True, description="what is counted")


class _Protected(_OfGroup):
    status = dy.Enum(CELL_STATUS, description="shown, or why the numbers are withheld")
    numerator = dy.UInt64(nullable=True, description="rounded count; null when withheld")
    denominator = dy.UInt64(nullable=True, description="rounded; null when withheld or a plain count")
    n_people = dy.UInt64(nullable=True, description="rounded; null when withheld")
    share = dy.Float64(nullable=True, min=0.0, max=1.0, description="share of the rounded counts")
    low = dy.Float64(nullable=True, min=0.0, max=1.0, description="lower end of the 95 % Wilson interval")
    high = dy.Float64(nullable=True, min=0.0, max=1.0, description="upper end of the 95 % Wilson interval")

    @dy.rule()
    def withheld_shows_nothing(cls) -> pl.Expr:
        """A withheld cell carries no number at all."""
        numbers = ("numerator", "denominator", "n_people", "share", "low", "high")
        hidden = pl.all_horizontal(pl.col(name).is_null() for name in numbers)
        return (pl.col("status") == "shown") | hidden


class AtlasCells(_Protected):
    """One row per number that analysts inside may see: few-people cells withheld at the inside minimum."""

    exposure: ClassVar[Exposure] = Exposure.AGGREGATE


class PublicCells(_Protected):
    """One row per number that may leave: few-people cells withheld at the release minimum, counts rounded."""

    exposure: ClassVar[Exposure] = Exposure.PUBLIC


class PublishedCells(_Protected):
    """One row per number of a release as it leaves: renewed in it, or as the release told it that renewed it last.

    What did not change and what changed by too few people look alike.
    """

    exposure: ClassVar[Exposure] = Exposure.PUBLIC
    renewed = dy.UInt32(min=1, description="number of the release that told this row anew, from 1")


class ReleasedCells(_OfGroup):
    """One row per cell of a release with its exact numbers and with those it told, kept beside the ledger for later
    releases to be held against. It never leaves. A cluster's facet is its name."""

    exposure: ClassVar[Exposure] = Exposure.AGGREGATE
    numerator = dy.UInt64(description="conversations (or records) counted")
    denominator = dy.UInt64(nullable=True, description="conversations it is a share of; null for plain counts")
    n_people = dy.UInt64(description="distinct people behind the denominator, or behind a plain count")
    n_people_counted = dy.UInt64(description="distinct people behind the numerator")
    shown = dy.Bool(description="whether the release tells the exact cell, rounded")
    guarded = dy.Bool(description="whether it withholds it though enough people stand behind it")
    least_people = dy.UInt32(description="minimum of the release")
    renewed = dy.UInt32(min=1, description="number of the release that the row was last renewed in")
    told_status = dy.Enum(CELL_STATUS, description="shown, or why the numbers are withheld, as readers see it")
    told_numerator = dy.UInt64(nullable=True, description="rounded count that readers see; null when withheld")
    told_denominator = dy.UInt64(nullable=True, description="rounded; null when withheld or a plain count")
    told_n_people = dy.UInt64(nullable=True, description="rounded; null when withheld")
    then_people = dy.UInt64(description="n_people, exact, when the row was told anew, be it as withheld")
    then_counted = dy.UInt64(description="n_people_counted then")


class _Rates(_OfGroup):
    corrected = dy.Float64(nullable=True, min=0.0, max=1.0, description="share with the head's errors taken out")
    corrected_low = dy.Float64(
        nullable=True, min=0.0, max=1.0, description="lower end of the 95 % interval: chance in people and in the card"
    )
    corrected_high = dy.Float64(nullable=True, min=0.0, max=1.0, description="upper end of that interval")
    state = dy.Enum(RATE_STATE, description="corrected, or why there is no corrected share")
    card = dy.String(nullable=True, description="id of the card of the head that tells the measure")

    @dy.rule()
    def corrected_or_explained(cls) -> pl.Expr:
        """A corrected share stands exactly where the state says so, inside its interval."""
        numbers = ("corrected", "corrected_low", "corrected_high")
        told = pl.all_horizontal(pl.col(name).is_not_null() for name in numbers)
        none = pl.all_horizontal(pl.col(name).is_null() for name in numbers)
        inside = pl.col("corrected").is_between("corrected_low", "corrected_high")
        return pl.when(pl.col("state") == "corrected").then(told & inside).otherwise(none)


class AtlasRates(_Rates):
    """One row per share that analysts inside may see: what it is once the head's measured errors are taken out."""

    exposure: ClassVar[Exposure] = Exposure.AGGREGATE


class PublicRates(_Rates):
    """One row per share that may leave: what it is once the head's measured errors are taken out."""

    exposure: ClassVar[Exposure] = Exposure.PUBLIC
