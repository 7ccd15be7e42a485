"""Our own recognisers of identifiers: one table of linear patterns, each with a guard where a shape alone is not enough."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from guidance_atlas.ports import Span

Guard = Callable[[str, "re.Match[str]"], bool]


class Rule(NamedTuple):
    """One recogniser. Group 1, where there is one, is what is private; `hint` must occur for the pattern to be tried."""

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
_UNIT = re.compile(
    r"(?:\d+(?:px|em|rem|pt|kg|mg|ml|cm|mm|km|gb|mb|kb|tb|ghz|mhz|hz|kwh|kw|mah|fps|rpm|bpm|mph|kmh|min|mins|hrs?|days?|weeks?|"
    r"years?|yrs?|yo|th|st|nd|rd|k|m|b|x|usd|eur|gbp|cad|p|am|pm|x\d+))+\Z|\d+(?:[x×]\d+)+\Z|(?:0x)[0-9a-f]+\Z|"
    r"(?:covid|sars|utf|sha|md|ipv|mp|ps|rtx|gtx|gpt|llama|claude|python|java|es|css|html|iso|rfc|web|top|base|int|uint|float|"
    r"h|q|v|fy|s\d+e|col|row|test|var|item|level|lvl|chapter|step|windows|win|iphone|ios|android|rx|i|b|a|g|f|mi|gen)[-_.]?\d+\w{0,4}\Z",
    re.IGNORECASE,
)
_STREET = (
    "street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|terrace|way|crescent|close|square|sq|highway|"
    "hwy|parkway|pkwy|circle|cir|trail|gardens|grove|row|walk|mews|quay"
)


def _i(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _mixed_token(text: str, match: "re.Match[str]") -> bool:
    token = match.group()
    digits = sum(c.isdigit() for c in token)
    letters = sum(c.isalpha() for c in token)
    if (
        digits < 2
        or letters < 2
        or _UNIT.match(token)
        or text[match.start() - 1 : match.start()] in ("#", "$", "%", "\\", "<")
    ):
        return False
    # An identifier of a program reads as words with a number at the end; a code changes between the two.
    changes = sum(a.isdigit() != b.isdigit() for a, b in zip(token, token[1:], strict=False))
    return changes >= 3 or digits >= 5 or (changes >= 2 and digits >= 4)


def _has_digit(_text: str, match: "re.Match[str]") -> bool:
    return sum(c.isdigit() for c in match.group(1)) >= 2


def _dialled(_text: str, match: "re.Match[str]") -> bool:
    # Groups of digits that are neither a date nor a row of years.
    groups = re.findall(r"\d+", match.group())
    years = sum(len(group) == 4 and group[:2] in ("19", "20") for group in groups)
    return 8 <= sum(map(len, groups)) <= 12 and not years


def _secret(_text: str, match: "re.Match[str]") -> bool:
    word = match.group(1)
    return any(c.isdigit() or not c.isalnum() for c in word) and len(word) >= 5


def _web_address(text: str, match: "re.Match[str]") -> bool:
    # "feel.In" is a missing space, not an address: with no scheme the suffix is lower case and not an everyday word.
    shown = match.group()
    if "://" in shown or shown[:4].lower() == "www.":
        return True
    host = shown.split("/")[0]
    suffix = host.rpartition(".")[2]
    everyday = suffix in {
        "in",
        "it",
        "is",
        "to",
        "no",
        "me",
        "at",
        "be",
        "us",
        "my",
        "so",
        "id",
        "link",
        "site",
        "store",
        "in",
    }
    code = (
        suffix in {"io", "py", "js", "app", "info"}
        and "/" not in shown
        and text[match.end() : match.end() + 1] in ("(", "_")
    )
    return host.islower() and not code and (not everyday or "/" in shown)


RULES: tuple[Rule, ...] = (
    Rule("EMAIL_ADDRESS", ("@",), re.compile(r"(?<![\w.+-])[\w.+%-]{1,64} ?@ ?[\w-]{1,63}(?: ?\. ?[\w-]{1,63}){0,4}\.[A-Za-z]{2,24}\b"), 0.95),
    Rule(
        "EMAIL_ADDRESS",
        ("dot", "(at)", "[at]", "(dot)", "gmail", "mail.com"),
        _i(rf"(?<![\w.])[\w.+-]{{2,64}} ?(?:\(at\)|\[at\]|\bat\b|@) ?[\w-]{{2,63}} ?(?:\(dot\)|\[dot\]|\bdot\b|\.) ?(?:{_DOMAINS})\b"),
        0.8,
    ),
    Rule("HANDLE", ("@",), re.compile(r"(?<![\w@.])@(?=\w*[A-Za-z])\w[\w.]{1,29}(?<!\.)"), 0.7),
    Rule(
        "HANDLE",
        ("instagram", "insta", "snap", "discord", "username", "telegram", "handle", "twitter", "tiktok", "skype", "gamertag", " ig "),
        _i(
            r"\b(?:instagram|insta|snapchat|snap|discord|username|telegram|twitter|tiktok|skype|gamertag|handle|ig)"
            r"(?: (?:id|name|handle|user|is|username)){0,2} ?[:=]? ?[\"']?((?=[\w.#-]*[\d_.#])[A-Za-z][\w.#-]{3,40}\w)"
        ),
        0.8,
    ),
    Rule("URL", ("://", "www.", "WWW."), _i(r"\b(?:https?|ftp|wss?)://[^\s<>\"'`\])}]{2,2000}|\bwww\.[\w-]{1,63}\.[^\s<>\"'`\])}]{2,2000}"), 0.9),
    Rule("URL", (".",), re.compile(rf"(?<![\w@.])(?:[a-z0-9-]{{1,63}}\.){{1,5}}(?:{_DOMAINS})\b(?:/[^\s<>\"'`\])}}]{{0,500}})?(?![\w@(])"), 0.6, _web_address),
    Rule(
        "ID",
        ("number", "no.", "no ", "num", "#", " id", "ID", "Number", "No", "code", "ref", "Ref", "case", "order", "account", "Case", "Order", "Account", "proceedings"),
        _i(
            rf"\b(?:{_NUMBER_WORDS})(?: ?(?:number|num|no|nr|code|id|ref|reference)\b)?(?: (?:is|was|of))?[ .:#=]{{0,4}}"
            r"((?=[\w/-]*\d)[A-Za-z0-9][A-Za-z0-9/-]{3,39}(?: \d{4}\b)?)"
        ),
        0.8,
        _has_digit,
    ),
    Rule("ID", ("/",), re.compile(r"(?<![\w/.-])\d{2,6}/(?:19|20)\d\d(?![\w/-])"), 0.6),
    Rule(
        "SECRET",
        ("pass", "Pass", "PASS", "pwd", "PWD", "pin", "PIN", "token", "Token", "TOKEN", "key", "Key", "KEY", "secret", "Secret", "SECRET", "Bearer", "code", "otp", "OTP"),
        _i(
            r"\b(?:\w{0,20}(?:password|passwd|passcode|passphrase|pwd|api[_ -]?key|secret(?:[_ -]?key)?|access[_ -]?(?:key|token)|token)|login|bearer)"
            r"\b[\"']?(?: (?:is|was))? ?[:=]? ?[\"']?([^\s\"'<>,;]{5,200})"
        ),
        0.8,
        _secret,
    ),
    Rule("SECRET", ("pin", "PIN", "otp", "OTP", "cvv", "CVV", "cvc"), _i(r"\b(?:pin|otp|cvv|cvc)(?: (?:code|number|is|no))*[ :=#]{1,3}(\d{3,8})\b"), 0.8),
    Rule("SECRET", ("sk-", "ghp_", "AKIA", "xox", "eyJ", "AIza"), re.compile(r"\b(?:sk-[\w-]{16,200}|ghp_\w{20,60}|AKIA[0-9A-Z]{16}|xox[abp]-[\w-]{10,200}|AIza[\w-]{30,40}|eyJ[\w-]{10,2000}\.[\w.-]{10,4000})"), 0.95),
    Rule(
        "STREET_ADDRESS",
        (),
        _i(
            rf"(?<![\w.$])\d{{1,5}}[a-z]?(?: ?- ?\d{{1,5}})? (?:[a-z][\w.']{{0,24}} ){{1,4}}(?:{_STREET})\b\.?"
            r"(?:,? (?:apt|apartment|unit|suite|ste|flat|floor|#)\.? ?\w{1,6})?(?:,? [a-z]{3,20}\b){0,2}(?:,? [A-Z]{2}\b)?(?:,? \d{5}(?:-\d{4})?)?"
        ),
        0.75,
        lambda text, match: bool(re.search(rf"[A-Z][\w.']* (?i:{_STREET})\b|\b(?:address|live|lives|at|its|located)\b", text[max(0, match.start() - 30) : match.end()])),
    ),
    Rule("STREET_ADDRESS", ("box", "Box", "BOX"), _i(r"\bp\.? ?o\.? ?box:? ?\d{1,8}\b"), 0.85),
    Rule("STREET_ADDRESS", (), re.compile(r"\b(?:GIR 0AA|[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2})\b"), 0.7),
    Rule("STREET_ADDRESS", ("zip", "Zip", "ZIP", "postal", "Postal", "postcode", "Postcode"), _i(r"\b(?:zip|postal|post)(?: ?code)?(?: is)?[ :#]{1,3}((?=\w{0,4}\d)\w{2,5}(?:[ -](?=\w{0,3}\d)\w{2,4})?)\b"), 0.8),
    Rule("STREET_ADDRESS", ("PSC ", "APO ", "FPO "), re.compile(r"\bPSC \d{1,6},? Box \d{1,6}(?:\s{1,2}[AF]PO A[APE] \d{5})?"), 0.85),
    Rule("STREET_ADDRESS", ("pt", "uite", "APT", "SUITE", "nit "), _i(r"\b(?:apt|apartment|suite|ste|unit)\b\.? ?#? ?\d{1,5}[a-z]?\b"), 0.7),
    Rule(
        "STREET_ADDRESS",
        (),
        re.compile(
            r"(?:\b\d{1,5},? )?\b(?i:rue|via|viale|calle|avenida|rua|strada|plaza|piazza|ulica|jalan|chemin|impasse)"
            r"(?: (?:de|del|della|da|do|la|le|les|el|al|des|du|[A-Z][\w']{1,24})){1,5}(?:,? \d{1,5}\b)?|"
            r"\b[A-Z]\w{2,24}(?:stra(?:ß|ss)e|str\.|weg|vej|gade|gatan|gata|straat|laan|allee|platz|veien|vegen|utca|katu|gasse),? \d{1,4}[a-z]?\b"
        ),
        0.7,
        lambda _text, match: any(c.isdigit() for c in match.group()),
    ),
    Rule(
        "DATE_OF_BIRTH",
        ("born", "Born", "birth", "Birth", "BIRTH", "dob", "DOB", "d.o.b"),
        _i(
            r"\b(?:born|birth(?:day|date)?|d\.?o\.?b\.?)\b(?: (?:is|was|on|of|date|in|at|the|my)){0,4}[ :=-]{1,3}"
            r"(\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}|(?:\d{1,2}(?:st|nd|rd|th)? (?:of )?)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
            r"(?: \d{1,2}(?:st|nd|rd|th)?)?(?:,? \d{4})?)"
        ),
        0.85,
    ),
    Rule("PHONE_NUMBER", (), re.compile(r"(?<![\w.,/$#-])(?:\+?\d{1,3}[ .-]?)?(?:\(\d{2,4}\) ?|\d{3}[ .-])\d{3}[ .-]?\d{4}(?![\w/%-])"), 0.8),
    Rule("PHONE_NUMBER", ("+",), re.compile(r"(?<![\w+])\+\d{1,3}(?:[ .()-]{0,2}\d){7,12}(?!\w)"), 0.85),
    Rule(
        "PHONE_NUMBER",
        ("phone", "Phone", "call", "Call", "cell", "mobile", "Mobile", "text me", "whatsapp", "WhatsApp", "tel", "Tel", "contact", "fax"),
        _i(r"\b(?:phone|call|cell|mobile|whatsapp|tel|telephone|contact|fax|text me)\b(?: (?:me|us|number|no|is|on|at|him|her|them)){0,4}[ .:#\n]{1,3}(\(?\d[\d .()-]{5,18}\d)\b"),
        0.8,
    ),
    Rule("PHONE_NUMBER", (), re.compile(r"(?<![\w.,/$#-])\(?\d{2,4}\)?(?:[ .-]\d{2,4}){2,3}(?![\w/%-]|[.,]\d)|(?<![\w.,/$#-])\d{2,3}[ -]\d{6,7}(?![\w/%-])"), 0.5, _dialled),
    Rule("ID", (), re.compile(r"(?<![\w.,/=-])\d{9,19}(?![\w%]|[.,]\d)"), 0.5),
    Rule("CREDIT_CARD", (), re.compile(r"(?<![\w.,-])\d{4}([ .-]?)\d{4}\1\d{4}\1\d{1,7}(?![\w-])"), 0.75),
    Rule("US_SSN", (), re.compile(r"(?<![\w.-])(?!000|666|9\d\d)\d{3}([ .-])\d{2}\1\d{4}(?![\w-])"), 0.8),
    Rule("IP_ADDRESS", ("[.]", "(.)"), re.compile(r"(?<!\d)\d{1,3}(?:(?:\[\.\]|\(\.\))\d{1,3}){3}"), 0.85),
    Rule("ID", (), re.compile(r"(?<![\w/.\\=&?-])(?=\w{0,40}\d)(?=\w{0,40}[A-Za-z])[A-Za-z0-9]{8,64}(?![\w/\\(-])"), 0.6, _mixed_token),
)  # fmt: skip


def find_identifiers(text: str) -> list[Span]:
    """Identifiers of a text by the table of rules; spans may overlap."""
    return [
        span
        for rule in RULES
        if not rule.hint or any(hint in text for hint in rule.hint)
        for span in _apply(rule, text)
    ]


def _apply(rule: Rule, text: str) -> Iterator[Span]:
    for match in rule.pattern.finditer(text):
        if rule.guard and not rule.guard(text, match):
            continue
        group = next((g for g in range(1, (match.lastindex or 0) + 1) if match.group(g) and len(match.group(g)) > 1), 0)
        start, end = match.span(group)
        shown = text[start:end].rstrip(" .,;:?" if rule.kind == "SECRET" else " .,;:!?-")
        if shown:
            yield Span(start, start + len(shown), rule.kind, rule.score)
