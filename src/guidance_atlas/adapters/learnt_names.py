"""Which model of people and places joins the finder, by the setting `scrub.ner`."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from guidance_atlas.ports import Span

# What models of other makers call people and places; their other labels are not taken.
LABELS = dict.fromkeys(
    ("PER", "PERSON", "NAME", "FIRSTNAME", "LASTNAME", "GIVENNAME", "SURNAME"), "PERSON"
) | dict.fromkeys(("LOC", "LOCATION", "GPE", "FAC", "CITY", "PLACE"), "LOCATION")


class LearntNames(Protocol):
    """A model that finds people and places."""

    @property
    def identity(self) -> str:
        """Model and revision."""
        ...

    def find(self, texts: Sequence[str]) -> Iterable[Sequence[Span]]:
        """Spans of each text, in order asked. A text's spans do not depend on its company."""
        ...


class NoModel:
    """No model: word lists and cues alone."""

    identity = "none"

    def find(self, texts: Sequence[str]) -> Iterable[Sequence[Span]]:
        """Nothing for each text."""
        return [()] * len(texts)


def learnt_names(ner: str, language: str) -> LearntNames:
    """The model that a setting names. Nothing is loaded before it is asked.

    "none"; "auto": the largest en_core_web model that is installed, none otherwise; "transformers:FOLDER": a token
    classifier; "gliner:NAME"; anything else: a spaCy model's name or folder.
    """
    maker, _, model = ner.partition(":")
    if ner == "none":
        return NoModel()
    if maker == "transformers":
        from guidance_atlas.adapters.transformer_names import TransformerNames

        return TransformerNames(model)
    if maker == "gliner":
        from guidance_atlas.adapters.gliner_names import GlinerNames

        return GlinerNames(model)
    from guidance_atlas.adapters.spacy_names import SpacyNames, largest_installed

    name = largest_installed(language) if ner == "auto" else ner
    return SpacyNames(name) if name else NoModel()
