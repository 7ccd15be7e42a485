"""All heads that a run needs, opened together for one encoder and one reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from guidance_atlas.heads import candor, drift, glance, labels, pushback, screen
from guidance_atlas.heads.weights import HeadFile, read_head

GUIDANCE_TUNING = "guidance_tuning"
EXCHANGE_TUNING = "exchange_tuning"
ON_VECTORS = (screen.NAME, labels.NAME)
ON_EXCHANGES = (pushback.NAME, candor.NAME, drift.NAME)
HEADS = (glance.NAME, *ON_VECTORS, *ON_EXCHANGES)


@dataclass(frozen=True)
class Heads:
    """One head for each stage that asks for one."""

    glance: glance.GlanceHead
    screen: screen.ScreenHead
    labels: labels.LabelsHead
    pushback: pushback.PushbackHead
    candor: candor.CandorHead
    drift: drift.DriftHead


def open_heads(*, encoder: str, reader: str, folder: Path | None = None) -> Heads:
    """Open every head for the encoder and reader of these identities; from the package's weights without a folder.

    Raises HeadError where weights are missing, damaged, or made for another encoder.
    """
    files = {glance.NAME: read_head(glance.NAME, folder=folder)}
    files |= {name: read_head(name, folder=folder).for_encoder(encoder) for name in ON_VECTORS}
    files |= {name: read_head(name, folder=folder).for_encoder(reader) for name in ON_EXCHANGES}
    return build_heads(files)


def build_heads(files: Mapping[str, HeadFile]) -> Heads:
    """Build every head from its file."""
    return Heads(
        glance=glance.glance_head(files[glance.NAME]),
        screen=screen.screen_head(files[screen.NAME]),
        labels=labels.labels_head(files[labels.NAME]),
        pushback=pushback.pushback_head(files[pushback.NAME]),
        candor=candor.candor_head(files[candor.NAME]),
        drift=drift.drift_head(files[drift.NAME]),
    )
