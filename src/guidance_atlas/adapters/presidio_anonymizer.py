"""Replacing with Presidio's anonymizer."""

import logging
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from typing import Any


class PresidioReplacer:
    """Puts labels such as <PERSON_1> in place of what was found. Equal labels side by side become one."""

    @property
    def identity(self) -> str:
        """Engine and version."""
        return f"presidio-anonymizer {version('presidio-anonymizer')}"

    def __getstate__(self) -> dict[str, Any]:
        """Nothing travels between processes: the engine is built on use."""
        return {}

    def replace(self, text: str, stretches: Sequence[tuple[int, int, str]]) -> str:
        """The text with each stretch replaced; the engine's own operator writes a kind as <kind>."""
        if not stretches:
            return text
        from presidio_anonymizer.entities import RecognizerResult

        found = [RecognizerResult(label[1:-1], start, end, 1.0) for start, end, label in stretches]
        return str(self._engine.anonymize(text=text, analyzer_results=found).text)

    @cached_property
    def _engine(self) -> Any:  # noqa: ANN401  Presidio is untyped
        from presidio_anonymizer import AnonymizerEngine

        logging.getLogger("presidio-anonymizer").setLevel(logging.CRITICAL)  # it logs pieces of text
        return AnonymizerEngine()
