"""Presidio's stock recognisers, each put only to the neighbourhood of something it could match."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any

from guidance_atlas.ports import Span
from guidance_atlas.stages.scrub.harmless import is_harmless
from guidance_atlas.stages.scrub.scan import Digits, Hints, Near, Scan, Stretch, Tokens, Where

PHONE_REGIONS = ("US", "GB", "DE", "IN")
LEAST_SCORE = 0.4

# Context is five words before a match; the longest match is an address of 250 characters.
BEFORE, AFTER = 120, 40
# A text of numbers through and through would take minutes: beyond this, every word with a digit in it is masked.
WIDEST, OVERLAP, MOST_PIECES = 600, 64, 10

# The stock pattern for addresses reads to the end of the text from every word; a mailbox has at most 64 characters.
_MAILBOX = r"(?<![\w.+-])[!#$%&'*+/=?^_`{|}~\w.-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b"
_CODES = Tokens(8, 5000, mixed=False, before=BEFORE, after=AFTER)
_GROUPS = Digits(6, BEFORE, AFTER)
# Where each recogniser could match: what its patterns cannot do without.
_WHERE: dict[str, tuple[Where, ...]] = {
    "CreditCardRecognizer": (Digits(12, BEFORE, AFTER),),
    "CryptoRecognizer": (Tokens(26, 5000, before=BEFORE, after=AFTER),),
    "EmailRecognizer": (Hints(("@",), BEFORE, 260),),
    "IbanRecognizer": (Digits(8, BEFORE, AFTER), _CODES),
    "IpRecognizer": (
        Near(re.compile(r":[0-9a-f]{0,4}:"), BEFORE, AFTER),
        Near(re.compile(r"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]"), BEFORE, AFTER),
    ),
    "MacAddressRecognizer": (
        Near(re.compile(r"[:-][0-9a-f]{2}[:-][0-9a-f]{2}[:-][0-9a-f]{2}[:-]"), BEFORE, AFTER),
        Near(re.compile(r"\.[0-9a-f]{4}\.[0-9a-f]{4}"), BEFORE, AFTER),
    ),
    # The dearest by far, and words before a number change nothing but its score.
    "PhoneRecognizer": (Digits(7, 30, 30),),
    "UuidRecognizer": (Near(re.compile("-[0-9a-f]{4}-[0-9a-f]{4}-"), BEFORE, AFTER),),
    "MedicalLicenseRecognizer": (Digits(7, BEFORE, AFTER),),
    "AbaRoutingRecognizer": (Digits(9, BEFORE, AFTER),),
    "UsBankRecognizer": (Digits(8, BEFORE, AFTER),),
    "UsItinRecognizer": (Digits(9, BEFORE, AFTER),),
    "UsMbiRecognizer": (
        Tokens(11, 11, before=BEFORE, after=AFTER),
        Near(re.compile(r"-[a-z][a-z0-9][0-9]-"), BEFORE, AFTER),
    ),
    "UsNpiRecognizer": (Digits(10, BEFORE, AFTER),),
    "UsPassportRecognizer": (Digits(8, BEFORE, AFTER),),
    "UsSsnRecognizer": (Digits(9, BEFORE, AFTER),),
    "NhsRecognizer": (Digits(10, BEFORE, AFTER),),
    "UkNinoRecognizer": (_GROUPS,),
    "InAadhaarRecognizer": (Digits(12, BEFORE, AFTER),),
    "InPanRecognizer": (Tokens(10, 10, before=BEFORE, after=AFTER),),
    "AuMedicareRecognizer": (Digits(10, BEFORE, AFTER),),
    "AuTfnRecognizer": (Digits(9, BEFORE, AFTER),),
}
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\S+")
_LOGGERS = (
    "presidio-analyzer", "presidio_analyzer", "presidio-anonymizer", "decision_process", "tldextract", "filelock",
)  # fmt: skip


class Recognisers:
    """Stock recognisers of identifiers: checksums, shapes and words before them. Nothing is downloaded or logged."""

    def __init__(self, language: str) -> None:
        self._language = language

    def find(self, scan: Scan) -> Iterator[Span]:
        """Spans of a text, possibly overlapping, of a score of LEAST_SCORE or more."""
        text = scan.text
        unread = len(text)
        for where, recognisers in self._by_place:
            for count, (start, end) in enumerate(_pieces(where.stretches(scan), text)):
                if count >= MOST_PIECES:
                    unread = min(unread, start)
                    break
                yield from self._read(text, start, end, recognisers)
        yield from every_number(text, unread)

    def _read(self, text: str, start: int, end: int, recognisers: Sequence[Any]) -> Iterator[Span]:
        piece = text[start:end]
        raw = [found for each in recognisers for found in each.analyze(piece, each.supported_entities, None)]
        # Presidio's IPv6 pattern takes "::" alone, a mark of C++ and of emphasis.
        raw = [found for found in raw if found.end - found.start > 2]
        if not raw:
            return
        words = self._words.process_text(piece, self._language)
        for found in self._enhancer.enhance_using_context(piece, raw, words, list(recognisers)):
            first, last, kind = start + found.start, start + found.end, found.entity_type
            if found.score >= LEAST_SCORE and not is_harmless(text, first, last, kind):
                yield Span(first, last, kind, float(found.score))

    @cached_property
    def _by_place(self) -> list[tuple[Where, list[Any]]]:
        """Recognisers by where they could match, those that share a place together."""
        places: dict[Where, list[Any]] = {}
        for recogniser, wheres in zip(self.stock, _WHERE.values(), strict=True):
            for where in wheres:
                places.setdefault(where, []).append(recogniser)
        return list(places.items())

    @property
    def stock(self) -> list[Any]:
        """The recognisers themselves, made once a process."""
        return list(_stock(self._language))

    @cached_property
    def _enhancer(self) -> Any:  # noqa: ANN401  Presidio is untyped
        from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer

        return LemmaContextAwareEnhancer()

    @cached_property
    def _words(self) -> Any:  # noqa: ANN401  Presidio is untyped
        return plain_words(self._language)


@lru_cache(maxsize=4)
def _stock(language: str) -> tuple[Any, ...]:
    import presidio_analyzer.predefined_recognizers as stock
    import tldextract
    from presidio_analyzer import Pattern

    silence()
    # The stock check of domains asks the network for its list and writes it to disk.
    domains = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    made = []
    for name in _WHERE:
        settings: dict[str, Any] = {"supported_language": language}
        if name == "PhoneRecognizer":
            settings["supported_regions"] = PHONE_REGIONS
        if name == "EmailRecognizer":
            settings["patterns"] = [Pattern("mailbox", _MAILBOX, 0.5)]
        recogniser = getattr(stock, name)(**settings)
        if name == "EmailRecognizer":
            recogniser.validate_result = lambda address: bool(domains(address.rpartition("@")[2]).fqdn)
        made.append(recogniser)
    return tuple(made)


def every_number(text: str, start: int) -> Iterator[Span]:
    """Every word from a place on that holds a digit or an at sign; those that follow each other are one span."""
    first = last = -1
    for word in _WORD.finditer(text, start):
        shown = word.group()
        if shown.isalpha() or not ("@" in shown or any(map(str.isdigit, shown))):
            continue
        if first >= 0 and word.start() - last > 1:
            yield Span(first, last, "ID", LEAST_SCORE)
            first = -1
        first, last = (word.start() if first < 0 else first), word.end()
    if first >= 0:
        yield Span(first, last, "ID", LEAST_SCORE)


def silence() -> None:
    """Keep Presidio from telling the words around a match to its debug log."""
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _pieces(stretches: Iterable[Stretch], text: str) -> Iterator[Stretch]:
    """Stretches cut between words, none much wider than WIDEST; pieces of one stretch overlap."""
    for first, last in stretches:
        start = text.rfind(" ", max(0, first - OVERLAP), first) + 1 or first
        while start < last:
            end = min(last, start + WIDEST)
            yield start, end
            start = end if end == last else end - OVERLAP


def plain_words(language: str) -> Any:  # noqa: ANN401  Presidio is untyped
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
