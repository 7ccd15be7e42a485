"""Our own recognisers of identifiers: a table of linear patterns, with a guard where a shape alone says too little."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from guidance_atlas.ports import Span
from guidance_atlas.stages.scrub.guards import (
    STREETS,
    dialled,
    has_digits,
    mixed_token,
    secret,
    spelt_address,
    street,
    web_address,
)

Guard = Callable[[str, "re.Match[str]"], bool]


class Rule(NamedTuple):
    """One recogniser. Its first group that matched, where there is one, is what is private.

    `hint`: one of these must occur in the text, whatever the case, for the pattern to be tried.
    """

    kind: str
    hint: tuple[str, ...]
    pattern: re.Pattern[str]
    score: float
    guard: Guard | None = None


_NUMBER_WORDS = (
    "account|acct|order|case|ticket|booking|reservation|confirmation|reference|ref|invoice|tracking|customer|client|member|"
    "membership|policy|claim|patient|student|employee|applicant|application|registration|passport|licen[cs]e|permit|visa|"
    "docket|file|proceedings?|roll|enrol+ment|matriculation|serial|user|national|tax|insurance|routing|iban|mrn|id|vin|imei|"
    "plate|badge|card|loan|pnr|uid|ssn|nino"
)
_DOMAINS = (
    "com|net|org|edu|gov|io|co|me|info|biz|app|dev|ai|tv|us|uk|ca|de|fr|es|it|nl|eu|in|au|nz|jp|cn|kr|ru|ua|pl|br|mx|se|no|fi|dk|"
    "ch|at|be|ie|za|ng|ke|sg|my|ph|id|tr|ir|il|gr|pt|cz|ro|hu|xyz|online|site|shop|store|club|blog|link|gg|ly|to|bg|rs|hr"
)
NEAR = 100
_DIGITS = re.compile(r"\d(?:.{0,40}\d){0,20}")


def _i(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_APP = "instagram|insta|snapchat|snap|discord|username|telegram|twitter|tiktok|skype|gamertag|handle|ig"
_LINE = "phone|call|cell|mobile|whatsapp|tel|telephone|contact|fax|text me"

# Rules of these kinds read the whole text, all others only what stands near a digit.
_WITHOUT_DIGITS = frozenset({"EMAIL_ADDRESS", "HANDLE", "URL", "SECRET", "DATE_OF_BIRTH"})

RULES: tuple[Rule, ...] = (
    Rule(
        "EMAIL_ADDRESS",
        ("@",),
        _i(r"(?<![\w.+-])[\w.+%-]{1,64} ?@ ?[\w-]{1,63}(?: ?\. ?[\w-]{1,63}){0,4}\.[a-z]{2,24}\b"),
        0.95,
    ),
    Rule(
        "EMAIL_ADDRESS",
        ("dot", "(at)", "[at]", "mail", " at "),
        _i(
            r"(?<![\w.])[\w.+-]{2,64} ?(?:\(at\)|\[at\]|\bat\b|@) ?[\w-]{2,63}"
            rf" ?(?:\(dot\)|\[dot\]|\bdot\b|\.) ?(?:{_DOMAINS})\b"
        ),
        0.8,
        spelt_address,
    ),
    Rule("HANDLE", ("@",), re.compile(r"(?<![\w@.])@(?=\w*[A-Za-z])\w[\w.]{1,29}(?<!\.)"), 0.7),
    Rule(
        "HANDLE",
        tuple(_APP.split("|")),
        _i(
            rf"\b(?:{_APP})(?: (?:id|name|handle|user|is|username)){{0,2}} ?[:=]? ?"
            r"[\"']?((?=[\w.#-]*[\d_.#])[a-z][\w.#-]{3,40}\w)"
        ),
        0.8,
    ),
    Rule(
        "URL",
        ("://", "www."),
        _i(r"\b(?:(?:https?|ftp|wss?)://|www\.[\w-]{1,63}\.)[^\s<>\"'`\])}]{2,2000}"),
        0.9,
    ),
    Rule(
        "URL",
        (".",),
        re.compile(
            rf"(?<![\w@.])(?:[a-z0-9-]{{1,63}}\.){{1,5}}(?:{_DOMAINS})\b(?:/[^\s<>\"'`\])}}]{{0,500}})?(?![\w@(])"
        ),
        0.6,
        web_address,
    ),
    Rule(
        "ID",
        tuple(
            word for word in _NUMBER_WORDS.replace("licen[cs]e", "licen").replace("s?", "").replace("+", "").split("|")
        ),
        _i(
            rf"\b(?:{_NUMBER_WORDS})(?: ?(?:number|num|no|nr|code|id|ref|reference)\b)?"
            r"(?: (?:is|was|of))?[ .:#=]{0,4}"
            r"((?=[\w/-]*\d)[a-z0-9][a-z0-9/-]{3,39}(?: \d{4}\b)?)"
        ),
        0.8,
        has_digits,
    ),
    Rule("ID", ("/",), re.compile(r"(?<![\w/.-])\d{2,6}/(?:19|20)\d\d(?![\w/-])"), 0.6),
    Rule("ID", (), re.compile(r"(?<![\w.,/=-])\d{9,19}(?![\w%]|[.,]\d)"), 0.5),
    Rule(
        "ID",
        (),
        re.compile(r"(?<![\w/.\\=&?-])(?=[A-Za-z]{0,40}\d)(?=\d{0,40}[A-Za-z])[A-Za-z0-9]{8,64}(?![\w/\\(-])"),
        0.6,
        mixed_token,
    ),
    Rule(
        "SECRET",
        ("pass", "pwd", "token", "key", "secret", "bearer", "login"),
        _i(
            r"\b(?:\w{0,20}(?:password|passwd|passcode|passphrase|pwd|api[_ -]?key|secret(?:[_ -]?key)?|"
            r"access[_ -]?(?:key|token)|token)|login|bearer)\b"
            r"[\"']?(?: (?:is|was))? ?[:=]? ?[\"']?([^\s\"'<>,;]{5,200})"
        ),
        0.8,
        secret,
    ),
    Rule(
        "SECRET",
        ("pin", "otp", "cvv", "cvc"),
        _i(r"\b(?:pin|otp|cvv|cvc)(?: (?:code|number|is|no)){0,3}[ :=#]{1,3}(\d{3,8})\b"),
        0.8,
    ),
    Rule(
        "SECRET",
        ("sk-", "ghp_", "akia", "xox", "eyj", "aiza"),
        re.compile(
            r"\b(?:sk-[\w-]{16,200}|ghp_\w{20,60}|AKIA[0-9A-Z]{16}|xox[abp]-[\w-]{10,200}|AIza[\w-]{30,40}"
            r"|eyJ[\w-]{10,2000}\.[\w.-]{10,4000})"
        ),
        0.95,
    ),
    Rule(
        "STREET_ADDRESS",
        (),
        _i(
            rf"(?<![\w.$])\d{{1,5}}[a-z]?(?: ?- ?\d{{1,5}})? (?:[a-z][\w.']{{0,24}} ){{1,4}}(?:{STREETS})\b\.?"
            r"(?:,? (?:apt|apartment|unit|suite|ste|flat|floor|#)\.? ?\w{1,6})?"
            r"(?:,? [a-z]{3,20}\b){0,2}(?:,? [a-z]{2}\b)?(?:,? \d{5}(?:-\d{4})?)?"
        ),
        0.75,
        street,
    ),
    Rule(
        "STREET_ADDRESS",
        (),
        re.compile(
            r"(?:\b\d{1,5},? )?\b(?i:rue|via|viale|calle|avenida|rua|strada|plaza|piazza|ulica|jalan|chemin|impasse)"
            r"(?: (?:de|del|della|da|do|la|le|les|el|al|des|du|[A-Z][\w']{1,24})){1,5}(?:,? \d{1,5}\b)?|"
            r"\b[A-Z]\w{2,24}(?:stra(?:ß|ss)e|str\.|weg|vej|gade|gatan|gata|straat|laan|allee|platz|veien|vegen|utca|katu|gasse)"
            r",? \d{1,4}[a-z]?\b"
        ),
        0.7,
        lambda _text, match: any(c.isdigit() for c in match.group()),
    ),
    Rule("STREET_ADDRESS", ("box",), _i(r"\bp\.? ?o\.? ?box:? ?\d{1,8}\b"), 0.85),
    Rule("STREET_ADDRESS", ("psc ",), _i(r"\bpsc \d{1,6},? box \d{1,6}(?:\s{1,2}[af]po a[ape] \d{5})?"), 0.85),
    Rule("STREET_ADDRESS", (), re.compile(r"\b(?:GIR 0AA|[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2})\b"), 0.7),
    Rule(
        "STREET_ADDRESS",
        ("zip", "postal", "post code", "postcode"),
        _i(
            r"\b(?:zip|postal|post)(?: ?code)?(?: is)?[ :#]{1,3}"
            r"((?=\w{0,4}\d)\w{2,5}(?:[ -](?=\w{0,3}\d)\w{2,4})?)\b"
        ),
        0.8,
    ),
    Rule(
        "STREET_ADDRESS",
        ("apt", "apartment", "suite", "unit"),
        _i(r"\b(?:apt|apartment|suite|unit)\b\.? ?#? ?\d{1,5}[a-z]?\b"),
        0.7,
    ),
    Rule(
        "DATE_OF_BIRTH",
        ("born", "birth", "dob", "d.o.b"),
        _i(
            r"\b(?:born|birth(?:day|date)?|d\.?o\.?b\.?)\b(?: (?:is|was|on|of|date|in|at|the|my)){0,4}[ :=-]{1,3}"
            rf"(\d{{1,4}}[-/. ]\d{{1,2}}[-/. ]\d{{1,4}}|(?:\d{{1,2}}(?:st|nd|rd|th)? (?:of )?)?{_MONTH}"
            r"(?: \d{1,2}(?:st|nd|rd|th)?(?!\d))?(?:,? \d{4})?)"
        ),
        0.85,
    ),
    Rule(
        "PHONE_NUMBER",
        (),
        re.compile(r"(?<![\w.,/$#-])(?:\+?\d{1,3}[ .-]?)?(?:\(\d{2,4}\) ?|\d{3}[ .-])\d{3}[ .-]?\d{4}(?![\w/%-])"),
        0.8,
    ),
    Rule("PHONE_NUMBER", ("+",), re.compile(r"(?<![\w+])\+\d{1,3}(?:[ .()-]{0,2}\d){7,12}(?!\w)"), 0.85),
    Rule(
        "PHONE_NUMBER",
        tuple(_LINE.split("|")),
        _i(
            rf"\b(?:{_LINE})\b(?: (?:me|us|number|no|is|on|at|him|her|them)){{0,4}}[ .:#\n]{{1,3}}"
            r"(\(?\d[\d .()-]{5,18}\d)\b"
        ),
        0.8,
    ),
    Rule(
        "PHONE_NUMBER",
        (),
        re.compile(
            r"(?<![\w.,/$#-])(?:\(?\d{2,4}\)?(?:[ .-]\d{2,4}){2,3}(?![\w/%-]|[.,]\d)|\d{2,3}[ -]\d{6,7}(?![\w/%-]))"
        ),
        0.5,
        dialled,
    ),
    Rule("CREDIT_CARD", (), re.compile(r"(?<![\w.,-])\d{4}([ .-]?)\d{4}\1\d{4}\1\d{1,7}(?![\w-])"), 0.75),
    Rule("US_SSN", (), re.compile(r"(?<![\w.-])(?!000|666|9\d\d)\d{3}([ .-])\d{2}\1\d{4}(?![\w-])"), 0.8),
    Rule("IP_ADDRESS", ("[.]", "(.)"), re.compile(r"(?<!\d)\d{1,3}(?:(?:\[\.\]|\(\.\))\d{1,3}){3}"), 0.85),
)


def find_identifiers(text: str) -> list[Span]:
    """Identifiers of a text by the table of rules; spans may overlap."""
    everywhere = [(0, len(text))]
    near = list(_near_digits(text))
    lower = text.lower()
    return [
        span
        for rule in RULES
        if not rule.hint or any(hint in lower for hint in rule.hint)
        for start, end in (everywhere if rule.kind in _WITHOUT_DIGITS else near)
        for span in _apply(rule, text, start, end)
    ]


def _near_digits(text: str) -> Iterator[tuple[int, int]]:
    """Stretches that reach NEAR characters around digits, grown to the next blank."""
    start = end = -1
    for match in _DIGITS.finditer(text):
        low = match.start() - NEAR
        if start >= 0 and low > end:
            yield start, end
            start = -1
        if start < 0:
            start = text.rfind(" ", max(0, low - NEAR), max(0, low)) + 1 or max(0, low)
        after = text.find(" ", match.end() + NEAR, match.end() + 2 * NEAR)
        end = after if after >= 0 else min(len(text), match.end() + 2 * NEAR)
    if start >= 0:
        yield start, end


def _apply(rule: Rule, text: str, first: int, last: int) -> Iterator[Span]:
    for match in rule.pattern.finditer(text, first, last):
        if rule.guard and not rule.guard(text, match):
            continue
        # Some patterns use a group only to see one separator again.
        group = next((g for g in range(1, (match.lastindex or 0) + 1) if match.group(g) and len(match.group(g)) > 1), 0)
        start, end = match.span(group)
        shown = text[start:end].rstrip(" .,;:?" if rule.kind == "SECRET" else " .,;:!?-")
        if shown:
            yield Span(start, start + len(shown), rule.kind, rule.score)
