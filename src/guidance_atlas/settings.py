"""Every setting, with its unit and range. Frozen; unknown keys are refused, so a misspelt one stops the run."""

import os
import secrets
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import (
    SettingsError as SettingsSourceError,
)

from guidance_atlas.errors import SettingsError

SECRET_VARIABLE = "GUIDANCE_ATLAS_SECRET"  # noqa: S105 - the variable's name
OTHER_VARIABLES = frozenset({SECRET_VARIABLE, "GUIDANCE_ATLAS_SHARED"})
_LEAST_SECRET = 16  # bytes
NOT_ENCRYPTED = (
    "duckdb writes encrypted files only with an extension that its package does not hold and that would have to be "
    "fetched; keep the run root on an encrypted disk and set this to false"
)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class IngestSettings(_Section):
    """What is read."""

    format: str = Field("auto", description="a format's name, or auto: told from each record")
    since: date | None = Field(None, description="first UTC day to keep")
    until: date | None = Field(None, description="last UTC day to keep")
    models: frozenset[str] = Field(frozenset(), description="assistant models to keep; empty: all")
    one_per_person: bool = Field(False, description="keep one conversation of each person, the same one in every run")
    part_records: Annotated[int, Field(ge=1, le=100_000)] = Field(2_000, description="records in a part, the most")
    part_mb: Annotated[int, Field(ge=1, le=1_024)] = Field(32, description="MiB in a part, the most")
    max_record_mb: Annotated[int, Field(ge=1, le=256)] = Field(16, description="MiB in one record, the most")


class GlanceSettings(_Section):
    """The cheap first look."""

    on: bool = Field(True, description="false: every conversation in a known language goes to the heavy stages")


class ScrubSettings(_Section):
    """What is masked."""

    names: Literal["net", "lists"] = Field("net", description="people and places: our own small net, or lists alone")
    ner: str = Field(
        "auto",
        description="auto: a spaCy model en_core_web_* when installed; none; a spaCy model's name or folder; "
        "transformers:FOLDER; gliner:NAME",
    )
    keep: frozenset[str] = Field(
        frozenset({"COUNTRY"}),
        description="kinds left as they are: COUNTRY; PUBLIC_FIGURE, full names that everyone knows; or any other kind",
    )


class EmbedSettings(_Section):
    """The encoder."""

    model: str = Field("all-MiniLM-L6-v2", description="a sentence-transformers model: a name or a folder")
    backend: Literal["auto", "openvino", "torch", "float32"] = Field(
        "auto",
        description="what multiplies: openvino (extra `openvino`); torch, in 16-bit floats where the processor has "
        "them; float32, torch in 32-bit floats; auto: the first of these that is here and gives the same vectors",
    )


class HeadSettings(_Section):
    """The trained classifiers."""

    folder: Path | None = Field(None, description="weights and cards made by `train`; none: those that ship")
    cards: Path | None = Field(
        None,
        description="folder of cards measured on your own labelled conversations; their confusions are used instead",
    )


class ClusterSettings(_Section):
    """How guidance conversations are grouped."""

    neighbours: Annotated[int, Field(ge=2, le=200)] = Field(15, description="conversations UMAP looks at round each")
    components: Annotated[int, Field(ge=2, le=50)] = Field(5, description="dimensions UMAP reduces to")
    least: Annotated[int, Field(ge=2)] = Field(10, description="conversations in a cluster, the fewest")
    least_share: Annotated[float, Field(ge=0, lt=0.5)] = Field(0.002, description="the same as a share of guidance")
    min_samples: Annotated[int, Field(ge=1)] = Field(5, description="HDBSCAN min_samples, conversations")
    seed: Annotated[int, Field(ge=0)] = 7
    sample: Annotated[int, Field(ge=1_000)] = Field(
        25_000, description="different vectors that are grouped, the most; others go where their neighbours are"
    )


class ProtectSettings(_Section):
    """How few people may stand behind a number."""

    inside_people: Annotated[int, Field(ge=1)] = Field(10, description="people behind a number in atlas.duckdb")
    release_people: Annotated[int, Field(ge=1)] = Field(25, description="people behind a number in a release")
    release_round: Annotated[int, Field(ge=1)] = Field(5, description="release counts are rounded to multiples of this")
    most_held_back: Annotated[float, Field(ge=0, le=1)] = Field(
        0.75, description="share of a release's numbers that earlier releases may hold back; more: no release"
    )


class PrivacySettings(_Section):
    """What public exports may cost in privacy over the life of a run root, and how much of one person they count."""

    epsilon: Annotated[float, Field(gt=0, le=100)] = Field(4.0, description="epsilon of all public exports together")
    delta: Annotated[float, Field(gt=0, le=1e-2)] = Field(1e-5, description="delta of all public exports together")
    conversations: Annotated[int, Field(ge=1, le=100)] = Field(
        1, description="conversations of one person that count in an export, the most; noise grows with it"
    )
    cells: Annotated[int, Field(ge=1, le=100)] = Field(
        1, description="groups (week, domain, flags) in which one person counts in an export, the most"
    )


class RetentionSettings(_Section):
    """How long conversations may be held."""

    days: int | None = Field(
        None,
        ge=1,
        le=36_500,
        description="days since its UTC day after which a conversation is forgotten, at the next run; one without a "
        "date is then not held at all; none: no limit",
    )


class DatabaseSettings(_Section):
    """The DuckDB files."""

    encrypt: bool = Field(False, description="refused while true: DuckDB cannot write encrypted files safely by itself")

    @field_validator("encrypt")
    @classmethod
    def _refuse(cls, wanted: bool) -> bool:
        if wanted:
            raise ValueError(NOT_ENCRYPTED)
        return wanted


class RunSettings(_Section):
    """How the work is done; never changes an answer."""

    workers: Annotated[int, Field(ge=1, le=1_024)] = Field(
        default_factory=lambda: max(1, min(2, os.cpu_count() or 1)), description="processes side by side"
    )
    executor: Literal["local", "ray"] = Field(
        "local", description="where they are: local, on this machine; ray, on a Ray cluster (extra `ray`)"
    )
    ray_address: Annotated[str, Field(pattern=r"^(auto|[\w.-]+:\d{1,5})$")] = Field(
        "auto", description="the cluster's head as host:port; auto: the cluster that this machine is a node of"
    )
    ray_worker_gb: Annotated[float, Field(gt=0, le=256)] = Field(
        2.0, description="memory that Ray sets aside for each process, GB"
    )


class Settings(BaseSettings):
    """All settings. Later wins: built-in, TOML file, GUIDANCE_ATLAS_<SECTION>__<NAME> variables, options."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_prefix="GUIDANCE_ATLAS_",
        env_nested_delimiter="__",
    )

    ingest: IngestSettings = IngestSettings()
    glance: GlanceSettings = GlanceSettings()
    scrub: ScrubSettings = ScrubSettings()
    embed: EmbedSettings = EmbedSettings()
    heads: HeadSettings = HeadSettings()
    cluster: ClusterSettings = ClusterSettings()
    protect: ProtectSettings = ProtectSettings()
    privacy: PrivacySettings = PrivacySettings()
    retention: RetentionSettings = RetentionSettings()
    databases: DatabaseSettings = DatabaseSettings()
    run: RunSettings = RunSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options over environment over the TOML file; pydantic-settings merges them section by section."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(file: Path | None = None, **options: dict[str, Any]) -> Settings:
    """Read settings; `options` are sections given on the command line.

    Raises:
        SettingsError: a key is unknown, a value out of range, or the file cannot be read as TOML.
    """
    if file is not None and not file.is_file():
        raise SettingsError(f"there is no settings file {file}; check the path")
    _refuse_unknown_variables()

    class Loaded(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    try:
        loaded = Loaded(**{name: values for name, values in options.items() if values})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise SettingsError(f"setting {where}: {first['msg'].lower()}; see docs/settings.md") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise SettingsError(f"{file} is not a TOML file; see docs/settings.md for its shape") from None
    except SettingsSourceError as error:
        raise SettingsError(f"a setting in the environment cannot be read ({error.__class__.__name__})") from None
    return Settings.model_construct(**{name: getattr(loaded, name) for name in Settings.model_fields})


def told(settings: Settings) -> dict[str, str]:
    """Each section as JSON, to be kept beside what was made with it."""
    return {name: getattr(settings, name).model_dump_json() for name in Settings.model_fields}


def retold(sections: Mapping[str, str]) -> Settings:
    """Settings from what `told` gave, whatever the environment says now.

    Raises:
        SettingsError: another version wrote them.
    """
    try:
        read = {
            name: field.annotation.model_validate_json(sections[name])  # type: ignore[union-attr]
            for name, field in Settings.model_fields.items()
        }
    except (KeyError, ValidationError):
        raise SettingsError("the last run's settings were kept by another version; run again") from None
    return Settings.model_construct(**read)


def _refuse_unknown_variables() -> None:
    known = {f"GUIDANCE_ATLAS_{name.upper()}__" for name in Settings.model_fields}
    for variable in os.environ:
        stray = variable.startswith("GUIDANCE_ATLAS_") and variable not in OTHER_VARIABLES
        if stray and not any(variable.startswith(prefix) for prefix in known):
            raise SettingsError(f"no setting is called {variable}; see docs/settings.md")


def known_secret(root: Path) -> bytes:
    """The key under which a root's people were hashed; none is made.

    Raises:
        SettingsError: it is missing, too short, or its file is open to others.
    """
    if SECRET_VARIABLE not in os.environ and not (root / "secret").exists():
        raise SettingsError(f"the secret of the last run is missing; set {SECRET_VARIABLE} as it was then")
    return person_secret(root)


def person_secret(root: Path) -> bytes:
    """The key under which people are hashed: from the environment, else from a file made once with mode 0600.

    Raises:
        SettingsError: the secret is too short, or its file is open to others.
    """
    given = os.environ.get(SECRET_VARIABLE)
    if given is not None:
        secret = given.encode()
    else:
        path = root / "secret"
        if not path.exists():
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32))
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"{path} can be read by others; run: chmod 600 {path}")
        secret = path.read_bytes().strip()
    if len(secret) < _LEAST_SECRET:
        raise SettingsError(f"the secret is shorter than {_LEAST_SECRET} bytes; set {SECRET_VARIABLE} to a longer one")
    return secret
