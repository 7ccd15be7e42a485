"""The tables of the last run, found by their keys as the run itself finds them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from guidance_atlas.chain import Stage, digest
from guidance_atlas.contracts import Exposure, Parts, Roster, Table
from guidance_atlas.databases import read_internal, settings_of_last_run
from guidance_atlas.errors import StoreError
from guidance_atlas.runner import Keys, part_keys
from guidance_atlas.settings import Settings, known_secret
from guidance_atlas.store import Store, only_run

OTHER_SETTINGS = (
    "the last run had other settings than these, or another version made it; give the --settings it ran with, "
    "and what it was given as options, such as --since, in the section [ingest] of that file, or run it again"
)
OTHER_VERSION = "another version made the last run, or another secret; run it again over the same sources"


@dataclass(frozen=True)
class LastRun:
    """What the last run stored of each part, and which conversations its roster kept."""

    store: Store
    keys_of_parts: Mapping[str, Keys]
    kept: pl.DataFrame  # part, conversation_id

    def table(self, table: type[Table], ids: Sequence[str] | None = None) -> pl.DataFrame:
        """A PART table over all parts, cut to kept conversations, and to those of `ids` where given; sorted."""
        slices = [
            self.store.scan(table, keys[table]).with_columns(part=pl.lit(part))
            for part, keys in self.keys_of_parts.items()
        ]
        if not slices:
            return table.create_empty()
        kept = self.kept.lazy()
        if ids is not None:
            kept = kept.join(pl.LazyFrame({"conversation_id": list(ids)}), on="conversation_id", how="semi")
        rows = pl.concat(slices).join(kept, on=["part", "conversation_id"], how="semi").drop("part")
        return rows.sort([name for name in ("conversation_id", "turn") if name in table.columns()]).collect()


@contextmanager
def last_run(root: Path, settings: Settings | None = None) -> Iterator[LastRun]:
    """Find the last run's tables under the settings it ran with, and keep other runs off them meanwhile.

    Without settings they are taken as the run kept them.

    Raises:
        SettingsError: the secret that the run was made with is missing.
        StoreError: there is no finished run, another one is at work, or the last one had other settings.
    """
    told = settings_of_last_run(root) if settings is None else settings
    parts = read_internal(root, "parts")["parts"].sort("position")
    secret = known_secret(root)
    from guidance_atlas.plan import plan

    # Own cards change no table of a part, and must not stand in the way of measuring them again.
    measured = told.model_copy(update={"heads": told.heads.model_copy(update={"cards": None})})
    with only_run(root):
        otherwise = OTHER_VERSION if settings is None else OTHER_SETTINGS
        yield find_tables(Store(root / "vault"), parts, plan(measured, secret), otherwise=otherwise)


def find_tables(
    store: Store, parts: pl.DataFrame, stages: Sequence[Stage], *, otherwise: str = OTHER_SETTINGS
) -> LastRun:
    """Find what these stages stored of these parts (contract Parts, in order of reading).

    Raises:
        StoreError: some of it is not there; says otherwise.
    """
    listed = parts.filter(~pl.col("repeats"))["part"].to_list()
    keys_of_parts = {part: part_keys(stages, part) for part in listed}
    # As runner.run_corpus names them.
    roster = next(step for step in stages if step.writes is Roster)
    of_all = {table: digest([keys[table] for keys in keys_of_parts.values()]) for table in set(roster.reads) - {Parts}}
    of_all[Parts] = digest(parts.rows())
    key = roster.key([of_all[table] for table in roster.reads])
    if not store.has(Roster, key) or not all(_stored(store, keys) for keys in keys_of_parts.values()):
        raise StoreError(otherwise)
    kept = store.read(Roster, key).filter(pl.col("outcome") == "kept").select("part", "conversation_id")
    return LastRun(store, keys_of_parts, kept)


def _stored(store: Store, keys: Keys) -> bool:
    return all(store.has(table, key) for table, key in keys.items() if table.exposure is not Exposure.RAW)
