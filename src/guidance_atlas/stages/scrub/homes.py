"""Recognisers of where somebody lives and when they were born."""

import re

from guidance_atlas.stages.scrub.guards import STREETS, house, street
from guidance_atlas.stages.scrub.rule import Rule, ignoring_case
from guidance_atlas.stages.scrub.scan import Everywhere, Hints, Tokens

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_ORDINAL = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|"
    "sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|(?:twenty|thirty)[ -](?:first|second|third|fourth|"
    "fifth|sixth|seventh|eighth|ninth)"
)
_DAY = rf"(?:[0-9]{{1,2}}(?:st|nd|rd|th)?|{_ORDINAL})"
_SPELT = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|twenty|thirty|"
    "forty|fifty"
)
_BEFORE_NAMES = (
    "rue",
    "via",
    "viale",
    "calle",
    "avenida",
    "rua",
    "strada",
    "plaza",
    "piazza",
    "ulica",
    "jalan",
    "chemin",
    "impasse",
)
_AFTER_NAMES = ("strasse", "straße", "str.", "weg", "vej", "gade", "gatan", "gata", "straat", "laan", "allee", "platz",
                "veien", "vegen", "utca", "katu", "gasse")  # fmt: skip

RULES: tuple[Rule, ...] = (
    Rule(
        "STREET_ADDRESS",
        Everywhere(),
        ignoring_case(
            r"[0-9](?<![\w.$][0-9])[0-9]{0,4}[a-z]?(?: ?- ?[0-9]{1,5})?(?:,? |,|\n)(?:[a-z][\w.']{0,24}[ \n]){1,4}"
            rf"(?:{STREETS})\b\.?(?: (?:nw|ne|sw|se|north|south|east|west)\b\.?)?"
            r"(?:,? (?:apt|apartment|unit|suite|ste|flat|floor|#)\.? ?\w{1,6})?"
            r"(?:,? [a-z]{3,20}\b){0,2}(?:,? [a-z]{2}\b)?(?:,? [0-9]{5}(?:-[0-9]{4})?)?"
        ),
        0.75,
        street,
    ),
    Rule(
        "STREET_ADDRESS",
        Hints(("road", "street", "avenue", "lane", "drive", "court", "close"), before=60, after=16, whole=True),
        re.compile(
            rf"\b(?i:{_SPELT})(?:[- ](?i:one|two|three|four|five|six|seven|eight|nine))? (?:[A-Z][\w']{{1,20}} ){{1,3}}"
            r"(?:Road|Street|Avenue|Lane|Drive|Court|Close)\b"
        ),
        0.7,
    ),
    Rule(
        "STREET_ADDRESS",
        Hints(_BEFORE_NAMES, before=10, after=90, whole=True, digits=True),
        re.compile(
            r"(?:\b[0-9]{1,5},? )?\b(?i:rue|via|viale|calle|avenida|rua|strada|plaza|piazza|ulica|jalan|chemin|impasse)"
            r"(?: (?:de|del|della|da|do|la|le|les|el|al|des|du|[A-Z][\w']{1,24})){1,5}(?:,? [0-9]{1,5}\b)?"
        ),
        0.7,
        house,
    ),
    Rule(
        "STREET_ADDRESS",
        Hints(_AFTER_NAMES, before=30, after=20, digits=True),
        re.compile(
            r"\b[A-Z]\w{2,24}(?:stra(?:ß|ss)e|str\.|weg|vej|gade|gatan|gata|straat|laan|allee|platz|veien|vegen|"
            r"utca|katu|gasse)"
            r",? [0-9]{1,4}[a-z]?\b"
        ),
        0.7,
    ),
    Rule(
        "STREET_ADDRESS",
        Hints(("box",), before=8, after=14, digits=True),
        ignoring_case(r"\bp\.? ?o\.? ?box:? ?[0-9]{1,8}\b"),
        0.85,
    ),
    Rule(
        "STREET_ADDRESS",
        Hints(("psc",), before=1, after=60, whole=True, digits=True),
        ignoring_case(r"\bpsc [0-9]{1,6},? box [0-9]{1,6}(?:\s{1,2}[af]po a[ape] [0-9]{5})?"),
        0.85,
    ),
    Rule(
        "STREET_ADDRESS",
        Tokens(2, 4, after=5),
        re.compile(r"\b(?:GIR 0AA|[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{2})\b"),
        0.7,
    ),
    Rule(
        "STREET_ADDRESS",
        Hints(("zip", "zipcode", "postal", "post", "postcode"), before=1, after=50, whole=True, digits=True),
        ignoring_case(
            r"\b(?:zip|postal|post)(?: ?code)?(?: is)?[ :#]{1,3}"
            r"((?=\w{0,4}[0-9])\w{2,5}(?:[ -](?=\w{0,3}[0-9])\w{2,4})?)\b"
        ),
        0.8,
    ),
    Rule(
        "STREET_ADDRESS",
        Hints(("apt", "apartment", "suite", "unit", "flat"), before=1, after=24, whole=True, digits=True),
        ignoring_case(r"\b(?:(?:apt|apartment|suite|unit)\b\.? ?#? ?[0-9]{1,5}[a-z]?\b|flat [0-9]{1,4}[a-z]?(?=,))"),
        0.7,
    ),
    Rule(
        "DATE_OF_BIRTH",
        Hints(("born", "birth", "dob", "d.o.b"), before=9, after=80),
        ignoring_case(
            r"\b(?:born|birth(?: ?day| ?date)|date of birth|d\.?o\.?b\.?)(?!\w)(?: (?:is|was|on|of|date|in|at|the|"
            r"my)){0,4}[ :=.-]{1,3}(?:the )?"
            rf"([0-9]{{1,4}} ?[-/. ] ?[0-9]{{1,2}} ?[-/. ] ?[0-9]{{1,4}}|[0-9]{{8}}\b|(?:{_DAY} (?:of )?)?{_MONTH}"
            rf"(?: (?:the )?{_DAY}(?![0-9]))?(?:,? [0-9]{{4}})?)"
        ),
        0.85,
    ),
)
