"""Presidio as the finder of identifiers, with our own rules and names beside it. It downloads and logs nothing."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from guidance_atlas.adapters.learnt_names import LearntNames, learnt_names
from guidance_atlas.adapters.presidio_recognisers import Recognisers
from guidance_atlas.ports import Span
from guidance_atlas.stages.scrub.figures import PUBLIC_FIGURE, identity, leave_figures
from guidance_atlas.stages.scrub.names import find_all_names
from guidance_atlas.stages.scrub.net import NameNet, open_names
from guidance_atlas.stages.scrub.rules import find_identifiers
from guidance_atlas.stages.scrub.scan import Scan
from guidance_atlas.stages.scrub.words import lexicon

KEPT_BY_DEFAULT = frozenset({"COUNTRY"})
MOST_CACHED = 20_000


class PresidioFinder:
    """Finds identifiers with Presidio's recognisers and our rules, people and places with lists, a net and a model.

    `keep` names kinds that stay in the text; PUBLIC_FIGURE, the full names of people whom everyone knows. `names` is
    "net" or "lists": without our own net, whose weights are those in `folder` where it holds some, else those that
    ship. `ner` says which outside model joins, see `learnt_names`. Settings travel between processes, engines are built
    on use.
    """

    def __init__(
        self,
        *,
        language: str = "en",
        keep: frozenset[str] = KEPT_BY_DEFAULT,
        ner: str = "auto",
        names: str = "net",
        folder: Path | None = None,
    ) -> None:
        self._settings = {"language": language, "keep": keep, "ner": ner, "names": names, "folder": folder}
        self._language, self._keep, self._ner = language, keep, ner
        self._names, self._folder = names, folder
        self._remembered: OrderedDict[bytes, tuple[Span, ...]] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        return self._settings

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    @cached_property
    def identity(self) -> str:
        """Engine, own rules, word lists, model, and every setting that could change what is found."""
        parts = (
            f"presidio-analyzer {version('presidio-analyzer')}",
            f"phonenumbers {version('phonenumbers')}",
            f"rules {_digest_of_sources()}",
            f"names {lexicon().identity} {self._net.identity if self._net else 'alone'}",
            f"ner {self._learnt.identity}",
            f"language {self._language}",
            f"keep {','.join(sorted(self._keep))}{f' {identity()}' if PUBLIC_FIGURE in self._keep else ''}",
        )
        return "; ".join(parts)

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """Spans of each text, in order asked, possibly overlapping. Exact repeats are looked at once."""
        keys = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._remembered}
        found = dict(zip(new, self._look(list(new.values())), strict=True))
        answers = [list(found[key] if key in found else self._remembered[key]) for key in keys]
        self._remembered.update(found)
        while len(self._remembered) > MOST_CACHED:
            self._remembered.popitem(last=False)
        return answers

    def _look(self, texts: list[str]) -> Iterator[tuple[Span, ...]]:
        models = self._learnt.find(texts)
        named = find_all_names(texts, countries="COUNTRY" not in self._keep, judge=self._net)
        for text, names, learnt in zip(texts, named, models, strict=True):
            scan = Scan(text)
            spans = [*self._stock.find(scan), *find_identifiers(scan), *names, *learnt]
            if PUBLIC_FIGURE in self._keep:
                spans = leave_figures(text, spans)
            yield tuple(span for span in spans if span.kind not in self._keep)

    @cached_property
    def _stock(self) -> Recognisers:
        return Recognisers(self._language)

    @property
    def _net(self) -> NameNet | None:
        return open_names(self._folder) if self._names == "net" else None

    @cached_property
    def _learnt(self) -> LearntNames:
        return learnt_names(self._ner, self._language)


def _digest_of_sources() -> str:
    """Of the code of scrubbing: a rule lies in patterns, guards and the order of steps alike."""
    here = Path(__file__).resolve().parent
    sources = sorted([*here.glob("presidio*.py"), *(here.parent / "stages" / "scrub").glob("*.py")])
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:16]
