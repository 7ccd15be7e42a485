"""Recognisers of numbers that a place of business knows somebody by, and of passwords and keys."""

import re

from guidance_atlas.stages.scrub.guards import grouped, has_digits, mixed_token, secret, spoken_secret
from guidance_atlas.stages.scrub.rule import Rule, ignoring_case
from guidance_atlas.stages.scrub.scan import Digits, Hints, Tokens

_NUMBER_WORDS = (
    "account|acct|order|case|ticket|booking|reservation|confirmation|reference|ref|invoice|tracking|customer|client|"
    "member|"
    "membership|policy|claim|patient|student|employee|applicant|application|registration|passport|licen[cs]e|permit|"
    "visa|"
    "docket|file|proceedings?|roll|enrol+ment|matriculation|serial|user|national|tax|insurance|routing|iban|mrn|id|"
    "vin|imei|"
    "plate|badge|card|loan|pnr|uid|ssn|nino|case"
)
_CALLED = r"(?: ?(?:number|num|no\b\.?|nr|code|id|ref|reference|card|plate)\b)?(?: ?#)?(?: (?:is|was|of))?[\s.:#=]{0,4}"

RULES: tuple[Rule, ...] = (
    Rule(
        "ID",
        Hints(
            tuple(
                _NUMBER_WORDS.replace("licen[cs]e", "licence|license")
                .replace("proceedings?", "proceeding|proceedings")
                .replace("enrol+ment", "enrolment|enrollment")
                .split("|")
            ),
            1,
            90,
            whole=True,
            digits=True,
        ),
        ignoring_case(
            rf"\b(?:{_NUMBER_WORDS}){_CALLED}(?:(?:is|was)[\s:]{{1,2}})?"
            r"((?=[\w/-]*[0-9])[a-z0-9][a-z0-9/-]{3,39}(?:-[a-z0-9]{1,20})?(?: [0-9]{4}\b)?)"
        ),
        0.8,
        has_digits,
    ),
    Rule(
        "ID",
        Hints(
            ("order", "account", "booking", "ref", "reference", "tracking", "customer", "policy", "claim"),
            1,
            90,
            whole=True,
            digits=True,
        ),
        ignoring_case(
            r"\b(?:order|account|booking|ref|reference|tracking|customer|policy|claim)(?: ?(?:number|no|id|code))?"
            r"(?: is)?[ :#]{1,3}((?:[A-Z0-9][ -]{1,3}){4,20}[A-Z0-9])\b"
        ),
        0.7,
        has_digits,
    ),
    Rule(
        "ID",
        Hints(("plate", "plates"), before=30, after=40, whole=True, digits=True),
        re.compile(
            r"(?i:\b(?:licen[cs]e|number|registration|car)? ?plates?\b(?: (?:number|is|was)){0,2}[ :]{1,3})"
            r"((?=[A-Z0-9 -]*[0-9])[A-Z0-9]{2,4}[ -]?[A-Z0-9]{2,4}(?: [A-Z0-9]{1,4})?)\b"
        ),
        0.7,
    ),
    Rule("ID", Digits(6), re.compile(r"(?<![\w/.-])[0-9]{2,6}/(?:19|20)[0-9][0-9](?![\w/-])"), 0.6),
    Rule("ID", Digits(9), re.compile(r"(?<![\w.,/=-])[0-9]{9,19}(?![\w%]|[.,][0-9]| ?m/s)"), 0.5),
    Rule(
        "ID",
        Tokens(8, 64),
        re.compile(r"(?<![\w/.\\=&?-])(?=[A-Za-z]{0,40}[0-9])(?=[0-9]{0,40}[A-Za-z])[A-Za-z0-9]{8,64}(?![\w/\\(-])"),
        0.6,
        mixed_token,
    ),
    Rule("ID", Digits(10), re.compile(r"(?<![\w.-])[0-9]{3}-[0-9]{7}-[0-9]{7}(?![\w-])"), 0.8),
    Rule(
        "ID",
        Digits(6),
        re.compile(r"(?<![\w.-])(?=[A-Z0-9-]*[A-Z])[A-Z0-9]{2,6}(?:-[A-Z0-9]{2,8}){1,3}(?![\w-])"),
        0.5,
        grouped,
    ),
    Rule(
        "SECRET",
        Hints(
            (
                "passw",
                "pass w",
                "passc",
                "passp",
                "p@ss",
                "pwd",
                "pw:",
                "pw ",
                "token",
                "api key",
                "api_key",
                "api-key",
                "apikey",
                "access key",
                "access_key",
                "secret",
                "bearer",
                "login",
            ),
            before=24,
            after=230,
        ),
        ignoring_case(
            r"\b(?:[\w-]{0,20}(?:p[a@]ss ?w[o0]rd|passwd|passcode|passphrase|pwd|api[_ -]?key|secret(?:[_ "
            r"-]?(?:access[_ -]?)?key)?|"
            r"access[_ -]?(?:key|token)|token)|login|bearer|pw)\b"
            r"[\"']?(?:\s(?:is|was))? ?(?:[-=]>|:=|[:=])? ?[\"']?([^\s\"'<>,;]{5,200})"
        ),
        0.8,
        secret,
    ),
    Rule(
        "SECRET",
        Hints(("password is", "passphrase is", "password was", "passcode is"), before=24, after=60),
        ignoring_case(
            r"\b(?:my|our|his|her|their|the|whose) (?:\w{2,12} ){0,2}pass(?:word|phrase|code) (?:is|was)[ "
            r":\"']{1,3}(\w{4,40})\b"
        ),
        0.6,
        spoken_secret,
    ),
    Rule(
        "SECRET",
        Hints(("pin", "otp", "cvv", "cvc"), before=4, after=50, whole=True),
        ignoring_case(r"\b(?:pin|otp|cvv|cvc)(?: (?:code|number|is|no)){0,3}[ :=#]{1,3}([0-9]{3,8})\b"),
        0.8,
    ),
    Rule(
        "SECRET",
        Tokens(10, 5000, mixed=False, before=32, after=6100),
        re.compile(
            r"\b(?:sk-[\w-]{16,200}|[srp]k_(?:live|test)_\w{10,200}|gh[pousr]_\w{20,255}|github_pat_\w{20,255}|"
            r"glpat-[\w-]{16,64}|A[KS]IA[0-9A-Z]{16}|xox[abeoprs]-[\w-]{10,200}|AIza[\w-]{30,40}|hf_\w{20,60}|"
            r"npm_\w{30,60}|"
            r"ya29\.[\w-]{20,400}|SG\.[\w-]{16,64}\.[\w-]{16,64}|eyJ[\w-]{10,2000}\.[\w.-]{10,4000})"
        ),
        0.95,
    ),
    Rule(
        "SECRET",
        Hints(("private key-----",), before=40, after=10_000),
        re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,9000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"),
        0.95,
    ),
)
