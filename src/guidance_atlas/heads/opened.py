"""All heads that a run needs, opened together for one encoder."""

from dataclasses import dataclass
from pathlib import Path

from guidance_atlas.heads import candor, glance, labels, pushback, screen
from guidance_atlas.heads.weights import read_head


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
    return Heads(
        glance=glance.glance_head(read_head(glance.NAME, folder=folder)),
        screen=screen.screen_head(read_head(screen.NAME, folder=folder).for_encoder(encoder)),
        labels=labels.labels_head(read_head(labels.NAME, folder=folder).for_encoder(encoder)),
        pushback=pushback.pushback_head(read_head(pushback.NAME, folder=folder).for_encoder(encoder)),
        candor=candor.candor_head(read_head(candor.NAME, folder=folder).for_encoder(encoder)),
    )
