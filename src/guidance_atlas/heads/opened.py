"""All heads that a run needs, opened together for one encoder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from guidance_atlas.heads import candor, glance, labels, pushback, screen
from guidance_atlas.heads.weights import HeadFile, read_head


@dataclass(frozen=True)
class Heads:
    """One head for each stage that asks for one."""

    glance: glance.GlanceHead
    screen: screen.ScreenHead
    labels: labels.LabelsHead
    pushback: pushback.PushbackHead
    candor: candor.CandorHead


def open_heads(*, encoder: str, folder: Path | None = None) -> Heads:
    """Open every head for the encoder of this identity; from the package's own weights where no folder is given.

    Raises HeadError where weights are missing, damaged, or made for another encoder.
    """
    names = (glance.NAME, screen.NAME, labels.NAME, pushback.NAME, candor.NAME)
    return build_heads({name: read_head(name, folder=folder).for_encoder(encoder) for name in names})


def build_heads(files: Mapping[str, HeadFile]) -> Heads:
    """Build every head from its file."""
    return Heads(
        glance=glance.glance_head(files[glance.NAME]),
        screen=screen.screen_head(files[screen.NAME]),
        labels=labels.labels_head(files[labels.NAME]),
        pushback=pushback.pushback_head(files[pushback.NAME]),
        candor=candor.candor_head(files[candor.NAME]),
    )
