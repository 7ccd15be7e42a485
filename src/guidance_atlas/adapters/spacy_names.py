"""People and places by a spaCy model."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from guidance_atlas.adapters.learnt_names import LABELS
from guidance_atlas.ports import Span

MODELS = ("en_core_web_trf", "en_core_web_lg", "en_core_web_md", "en_core_web_sm")
# spaCy tells no probabilities; Presidio gives the same score to all.
SCORE = 0.85


def largest_installed(language: str) -> str | None:
    """The largest en_core_web model that is installed."""
    return next((name for name in MODELS if language == "en" and _is_installed(name)), None)


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


class SpacyNames:
    """Entities of a spaCy model, by name or folder."""

    def __init__(self, model: str) -> None:
        self._model = model

    @property
    def identity(self) -> str:
        """The model's name."""
        return self._model

    def find(self, texts: Sequence[str]) -> Iterable[Sequence[Span]]:
        """People and places of each text."""
        for document in self._nlp.pipe(texts):
            yield [
                Span(entity.start_char, entity.end_char, LABELS[entity.label_], SCORE)
                for entity in document.ents
                if entity.label_ in LABELS
            ]

    @cached_property
    def _nlp(self) -> Any:  # noqa: ANN401  spaCy is untyped
        import spacy

        return spacy.load(self._model, exclude=["parser", "lemmatizer", "attribute_ruler"])
