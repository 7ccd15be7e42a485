"""Which library multiplies, and in which floats: the quickest here that says what torch says in 32-bit floats."""

import hashlib
import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np

from guidance_atlas.adapters import openvino, torch_network
from guidance_atlas.adapters.kept import kept
from guidance_atlas.adapters.models import Source
from guidance_atlas.adapters.opened import Opened
from guidance_atlas.errors import AtlasError, HeadError, SettingsError
from guidance_atlas.ports import Matrix
from guidance_atlas.source_code import code_digest

Wanted = Literal["auto", "openvino", "torch", "float32"]
Probe = Callable[[Opened, Sequence[str]], Matrix]

LEAST_COSINE = 0.999
EXACT = "torch/float32"
LIBRARIES = ("torch", "transformers", "sentence-transformers", "openvino")
LOG = logging.getLogger("guidance_atlas")


@dataclass(frozen=True)
class Backend:
    """A library and its floats by name, how a network is opened on it, and how near it comes to 32-bit floats."""

    name: str
    open: Callable[[], Opened]
    cosine: Callable[[], float]


def choose(source: Source, wanted: Wanted, probe: Probe) -> Backend:
    """The first of those wanted whose vectors of the guard's sentences lie near enough to torch's in 32-bit floats.

    One that does not is left out with a warning in the log. `probe` encodes sentences with an opened network.

    Raises:
        SettingsError: OpenVINO is asked for and is not installed.
        HeadError: OpenVINO is asked for and its vectors are wrong here.
    """
    if wanted == "openvino" and not openvino.installed():
        raise SettingsError("embed.backend is openvino; run: pip install 'guidance-atlas[openvino]', or set it to auto")
    for backend in _backends(source, wanted, probe):
        try:
            cosine = backend.cosine()
        except AtlasError:
            raise
        except Exception as error:  # whatever a library does not manage here, another one does
            cosine = 0.0
            LOG.warning("a backend of the encoder fails here", extra={"code": f"{backend.name} {type(error).__name__}"})
        if cosine >= LEAST_COSINE:
            return backend
        if wanted == "openvino":
            raise HeadError(f"{backend.name} gives other vectors (cosine {cosine:.4f}); set embed.backend to auto")
        LOG.warning(
            "a backend of the encoder is left out, its vectors are wrong here",
            extra={"code": f"{backend.name} {cosine:.4f}"},
        )
    return Backend(EXACT, lambda: torch_network.open_torch(source, "float32"), lambda: 1.0)


def likeness(short: Opened, exact: Opened, probe: Probe) -> float:
    """Mean cosine of both networks' vectors of the guard's sentences, which are of several lengths.

    0 where a number is not finite, or where a sentence's bits follow its company: then no stored vector could be
    trusted to come out again.
    """
    texts = sentences()
    with np.errstate(all="ignore"):
        told, found = probe(exact, texts), probe(short, texts)
    if not np.isfinite(found).all():
        return 0.0
    if not all(np.array_equal(probe(short, [texts[at]])[0], found[at]) for at in (0, -1)):
        return 0.0
    lengths = np.linalg.norm(told, axis=1) * np.linalg.norm(found, axis=1)
    return float(((told * found).sum(axis=1) / np.maximum(lengths, 1e-12)).mean())


def sentences() -> list[str]:
    """The guard's sentences: each alone, in fours, and all together."""
    text = resources.files("guidance_atlas.wording").joinpath("guard_sentences.txt").read_text(encoding="utf-8")
    each = text.splitlines()
    return [*each, *(" ".join(each[at : at + 4]) for at in range(0, len(each), 4)), " ".join(each)]


def _backends(source: Source, wanted: Wanted, probe: Probe) -> Iterator[Backend]:
    if wanted in ("auto", "torch") and torch_network.has_gpu():
        yield _on_torch(source, "cuda", probe)
    if wanted in ("auto", "openvino") and openvino.installed():
        yield _on_openvino(source, probe)
    if wanted in ("auto", "torch") and torch_network.multiplies_short_floats():
        yield _on_torch(source, "cpu", probe)


def _on_torch(source: Source, device: str, probe: Probe) -> Backend:
    name = "torch/bfloat16" if device == "cpu" else f"{device}/bfloat16"

    def opened() -> Opened:
        return torch_network.open_torch(source, "bfloat16", device)

    def make(_folder: Path) -> dict[str, Any]:
        return {"cosine": likeness(opened(), torch_network.open_torch(source, "float32"), probe)}

    return Backend(name, opened, lambda: float(kept(_key(source, name), make)[1]["cosine"]))


def _on_openvino(source: Source, probe: Probe) -> Backend:
    floats = openvino.floats()
    name = f"openvino/{floats}"

    def make(folder: Path) -> dict[str, Any]:
        openvino.translate(source, folder)
        short = openvino.open_openvino(folder, floats)
        return {"cosine": likeness(short, torch_network.open_torch(source, "float32"), probe)}

    @cache
    def found() -> tuple[Path, dict[str, Any]]:
        return kept(_key(source, name), make)

    return Backend(
        name,
        lambda: openvino.open_openvino(found()[0], floats),
        lambda: float(found()[1]["cosine"]),
    )


def _key(source: Source, name: str) -> str:
    """Everything that could change a verdict or a translated network: model, processor, versions, our own code."""
    versions = [version(each) for each in LIBRARIES if each != "openvino" or openvino.installed()]
    code = code_digest(sys.modules[__name__])
    parts = [source.made_for, source.kind, name, torch_network.processor(), versions, code]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
