"""Presidio as the finder of identifiers, with our own rules and names beside it. It downloads and logs nothing."""

import hashlib
import logging
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from guidance_atlas.ports import Span
from guidance_atlas.stages.scrub.names import find_all_names
from guidance_atlas.stages.scrub.net import NameNet, open_names
from guidance_atlas.stages.scrub.rules import RULES, find_identifiers
from guidance_atlas.stages.scrub.words import lexicon

KEPT_BY_DEFAULT = frozenset({"COUNTRY"})
MODELS = ("en_core_web_lg", "en_core_web_md", "en_core_web_sm")
PHONE_REGIONS = ("US", "GB", "DE", "IN")
LEAST_SCORE = 0.4
MOST_CACHED = 20_000

# A stock recogniser sees only the neighbourhood of something it could match; its context words lie within the margin.
MARGIN = 90
WIDEST = 600
# A text of numbers through and through would take minutes: from here on, every word with a digit in it is masked.
MOST_WINDOWS = 30
_ANCHOR = re.compile(
    r"@|(?<!\d)\d(?:\W{0,2}\d){4}|(?<!\d)\d{1,3}(?:\.\d{1,3}){3}|(?<![\w:])[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]|"
    r"\b(?:bc1|[13])[a-zA-Z0-9]{25}|\b[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){3}|\b[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-"
)
_ANY_ANCHOR = re.compile(r"[\d@]|:[0-9A-Fa-f]{0,4}:")
_TOKEN = re.compile(r"\w+|[^\w\s]")
# The stock pattern for addresses reads to the end of the text from every word; a mailbox has at most 64 characters.
_MAILBOX = r"(?<![\w.+-])[!#$%&'*+/=?^_`{|}~\w.-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b"
_RECOGNISERS = (
    "CreditCardRecognizer", "CryptoRecognizer", "EmailRecognizer", "IbanRecognizer", "IpRecognizer",
    "MacAddressRecognizer", "PhoneRecognizer", "UuidRecognizer", "MedicalLicenseRecognizer", "AbaRoutingRecognizer",
    "UsBankRecognizer", "UsItinRecognizer", "UsMbiRecognizer", "UsNpiRecognizer", "UsPassportRecognizer",
    "UsSsnRecognizer", "NhsRecognizer", "UkNinoRecognizer", "InAadhaarRecognizer", "InPanRecognizer",
    "AuMedicareRecognizer", "AuTfnRecognizer",
)  # fmt: skip
_LOGGERS = (
    "presidio-analyzer",
    "presidio_analyzer",
    "presidio-anonymizer",
    "decision_process",
    "tldextract",
    "filelock",
)


class PresidioFinder:
    """Finds identifiers with Presidio's recognisers and our rules, people and places with word lists, a net and spaCy.

    `keep` names kinds that stay in the text. `names` is "net" or "lists": without our own net, whose weights are those
    in `folder` where it holds some, else those that ship. `ner` is "none", a spaCy model's name or folder, or "auto":
    the largest en_core_web model that is installed, none otherwise. Settings travel between processes, engines are
    built on use.
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
        """Engine, recognisers, word lists, model, and every setting that could change what is found."""
        rules = "\0".join(f"{rule.kind} {rule.pattern.pattern} {rule.score} {rule.hint}" for rule in RULES)
        parts = (
            f"presidio-analyzer {version('presidio-analyzer')}",
            f"recognisers {_digest(' '.join(_RECOGNISERS) + _ANCHOR.pattern + _MAILBOX)}",
            f"rules {_digest(rules)}",
            f"names {lexicon().identity} {self._net.identity if self._net else 'alone'}",
            f"ner {self._model_name() or 'none'}",
            f"language {self._language}",
            f"keep {','.join(sorted(self._keep))}",
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
        models = self._model_spans(texts)
        named = find_all_names(texts, countries="COUNTRY" not in self._keep, judge=self._net)
        for text, names, learnt in zip(texts, named, models, strict=True):
            spans = [*self._stock_spans(text), *find_identifiers(text), *names, *learnt]
            yield tuple(span for span in spans if span.kind not in self._keep)

    def _stock_spans(self, text: str) -> Iterator[Span]:
        for count, (start, end) in enumerate(_windows(text)):
            if count >= MOST_WINDOWS:
                yield from _every_number(text, start, end)
                continue
            for result in self._engine.analyze(text[start:end], language=self._language, score_threshold=LEAST_SCORE):
                # Presidio's IPv6 pattern takes "::" alone, a mark of C++ and of emphasis.
                if result.end - result.start > 2:
                    yield Span(start + result.start, start + result.end, result.entity_type, float(result.score))

    def _model_spans(self, texts: list[str]) -> Iterable[list[Span]]:
        if not self._model_name():
            return ([] for _ in texts)
        return [
            [
                Span(entity.start_char, entity.end_char, entity.label_, float(score))
                for entity, score in zip(artifacts.entities, artifacts.scores, strict=True)
                if entity.label_ in ("PERSON", "LOCATION")
            ]
            for _, artifacts in self._model.process_batch(texts, language=self._language)
        ]

    @property
    def _net(self) -> NameNet | None:
        return open_names(self._folder) if self._names == "net" else None

    def _model_name(self) -> str | None:
        if self._ner == "none":
            return None
        if self._ner != "auto":
            return self._ner
        from spacy.util import is_package

        return next((name for name in MODELS if self._language == "en" and is_package(name)), None)

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401  Presidio is untyped
        import spacy
        from presidio_analyzer.nlp_engine import SpacyNlpEngine

        _silence()
        engine = SpacyNlpEngine()
        # Loaded here: Presidio's own loading would download what is missing.
        engine.nlp = {
            self._language: spacy.load(self._model_name(), exclude=["parser", "lemmatizer", "attribute_ruler"])
        }
        return engine

    @cached_property
    def _engine(self) -> Any:  # noqa: ANN401  Presidio is untyped
        import presidio_analyzer.predefined_recognizers as stock
        import tldextract
        from presidio_analyzer import AnalyzerEngine, Pattern, RecognizerRegistry

        _silence()
        # The stock check of domains asks the network for its list and writes it to disk.
        domains = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
        recognisers = []
        for name in _RECOGNISERS:
            settings: dict[str, Any] = {"supported_language": self._language}
            if name == "PhoneRecognizer":
                settings["supported_regions"] = PHONE_REGIONS
            if name == "EmailRecognizer":
                settings["patterns"] = [Pattern("mailbox", _MAILBOX, 0.5)]
            recogniser = getattr(stock, name)(**settings)
            if name == "EmailRecognizer":
                recogniser.validate_result = lambda address: bool(domains(address.rpartition("@")[2]).fqdn)
            recognisers.append(recogniser)
        registry = RecognizerRegistry(recognizers=recognisers, supported_languages=[self._language])
        return AnalyzerEngine(
            registry=registry, nlp_engine=_plain_words(self._language), supported_languages=[self._language]
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _silence() -> None:
    # Presidio tells the words around a match to its debug log.
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """Stretches that a stock recogniser could match in, cut between words, none much wider than WIDEST."""
    start = end = -1
    if not _ANY_ANCHOR.search(text):
        return
    for match in _ANCHOR.finditer(text):
        low, high = max(0, match.start() - MARGIN), min(len(text), match.end() + MARGIN)
        if start >= 0 and low <= end and high - start <= WIDEST:
            end = high
            continue
        if start >= 0:
            yield _between_words(text, start, end)
        start, end = low, high
    if start >= 0:
        yield _between_words(text, start, end)


def _every_number(text: str, start: int, end: int) -> Iterator[Span]:
    for word in re.finditer(r"\S+", text[start:end]):
        if any(c.isdigit() or c == "@" for c in word.group()):
            yield Span(start + word.start(), start + word.end(), "ID", LEAST_SCORE)


def _between_words(text: str, start: int, end: int) -> tuple[int, int]:
    before = text.rfind(" ", max(0, start - MARGIN), start) + 1 or start
    after = text.find(" ", end, end + MARGIN)
    return before, after if after >= 0 else min(len(text), end + MARGIN)


def _plain_words(language: str) -> Any:  # noqa: ANN401  Presidio is untyped
    """An engine that only splits words, so that context words work without a model."""
    from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

    class PlainWords(NlpEngine):  # type: ignore[misc]
        def load(self) -> None:
            return

        def is_loaded(self) -> bool:
            return True

        def process_text(self, text: str, language: str) -> Any:  # noqa: ANN401
            tokens = list(_TOKEN.finditer(text))
            lemmas = [token.group().lower() for token in tokens]
            return NlpArtifacts([], [t.group() for t in tokens], [t.start() for t in tokens], lemmas, self, language)

        def process_batch(self, texts: Iterable[str], language: str, **_: object) -> Iterator[tuple[str, Any]]:
            return ((text, self.process_text(text, language)) for text in texts)

        def is_stopword(self, word: str, language: str) -> bool:
            return len(word) < 2

        def is_punct(self, word: str, language: str) -> bool:
            return not word.isalnum()

        def get_supported_entities(self) -> list[str]:
            return []

        def get_supported_languages(self) -> list[str]:
            return [language]

    return PlainWords()
