"""People and places by GLiNER, which is told in words what to look for."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import Any

from guidance_atlas.errors import SettingsError
from guidance_atlas.ports import Span

ASKED = {"person": "PERSON", "first name": "PERSON", "city": "LOCATION", "street or place": "LOCATION"}
LEAST_SCORE = 0.4
# GLiNER reads some 380 words and drops the rest.
WIDEST, OVERLAP = 1_200, 100


class GlinerNames:
    """Entities of a GLiNER model, by name or folder; a folder is read without network."""

    def __init__(self, model: str) -> None:
        self._name = model

    @property
    def identity(self) -> str:
        """The model's name, and what it is asked for.

        Raises:
            SettingsError: GLiNER is not installed; told here, before anything is read.
        """
        if find_spec("gliner") is None:
            raise self._missing()
        return f"gliner {self._name} {','.join(ASKED)}"

    def find(self, texts: Sequence[str]) -> Iterable[Sequence[Span]]:
        """People and places of each text; each is read alone."""
        return [list(self._find(text)) for text in texts]

    def _find(self, text: str) -> Iterator[Span]:
        for first in range(0, max(1, len(text)), WIDEST - OVERLAP):
            for found in self._model.predict_entities(text[first : first + WIDEST], list(ASKED), threshold=LEAST_SCORE):
                start, end, kind = found["start"], found["end"], ASKED[found["label"]]
                yield Span(first + start, first + end, kind, float(found["score"]))

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401  GLiNER is untyped
        try:
            from gliner import GLiNER
        except ImportError:
            raise self._missing() from None
        return GLiNER.from_pretrained(self._name)

    def _missing(self) -> SettingsError:
        return SettingsError(
            f'scrub.ner asks for GLiNER ("gliner:{self._name}"), which is not installed: pip install gliner, '
            "or choose another model"
        )
