"""How good the heads are on the development rows."""

from pathlib import Path

from guidance_atlas.heads.dev import Dev, read_dev
from guidance_atlas.heads.evaluate_asks import glance_figures, labels_figures, screen_figures
from guidance_atlas.heads.evaluate_turns import candor_figures, drift_figures, pushback_figures
from guidance_atlas.heads.measure import Figure
from guidance_atlas.heads.opened import Heads, open_heads
from guidance_atlas.ports import Encoder, Reader


def evaluate(data: Path, *, encoder: Encoder, reader: Reader, folder: Path | None = None) -> dict[str, list[Figure]]:
    """Measure the heads in `folder` (the package's own where none is given) on the development rows."""
    heads = open_heads(encoder=encoder.made_for, reader=reader.made_for, folder=folder)
    return figures_of(heads, read_dev(data, encoder=encoder, reader=reader))


def figures_of(heads: Heads, dev: Dev) -> dict[str, list[Figure]]:
    """All figures by head, in the order of the pipeline."""
    return {
        "glance": glance_figures(heads, dev),
        "screen": screen_figures(heads, dev),
        "labels": labels_figures(heads, dev),
        "pushback": pushback_figures(heads, dev),
        "candor": candor_figures(heads, dev),
        "drift": drift_figures(heads, dev),
    }
