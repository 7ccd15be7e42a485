"""What a shape alone cannot tell: guards that look at a match once more before it counts as an identifier."""

import re
from itertools import pairwise

from guidance_atlas.stages.scrub.harmless import STAMP

STREETS = (
    "street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|terrace|way|crescent|close|"
    "square|sq|"
    "highway|hwy|parkway|pkwy|circle|cir|trail|gardens|grove|row|walk|mews|quay"
)
_UNIT = re.compile(
    r"(?:\d+(?:px|em|rem|pt|kg|mg|ml|cm|mm|km|gb|mb|kb|tb|ghz|mhz|hz|kwh|kw|mah|fps|rpm|bpm|mph|kmh|min|mins|hrs?|"
    r"days?|"
    r"weeks?|years?|yrs?|yo|th|st|nd|rd|k|m|b|x|usd|eur|gbp|cad|p|am|pm))+\Z|\d+(?:[x×]\d+)+\Z|0x[0-9a-f]+\Z|"
    r"(?:covid|sars|utf|sha|md|ipv|mp|ps|rtx|gtx|gpt|llama|claude|python|java|es|css|html|iso|rfc|web|top|base|int|"
    r"uint|"
    r"float|h|q|v|fy|col|row|test|var|item|level|lvl|chapter|step|windows|win|iphone|ios|android|rx|i|b|a|g|f|mi|gen)"
    r"[-_.]?\d+\w{0,4}\Z",
    re.IGNORECASE,
)
# Suffixes of web addresses that are everyday words too.
_WORDY = frozenset(["in", "it", "is", "to", "no", "me", "at", "be", "us", "my", "so", "id", "link", "site", "store"])
_LITTLE = [
    [word]
    for word in ("the", "a", "an", "that", "this", "my", "your", "our", "its", "least", "all", "it", "which", "each")
]
_ASKED = re.compile(r"(?i)\b(?:e-?mails?|mail(?:box|ed)?|reach|contact|write|send|address|ping)\b")
_NETWORK = re.compile(r"(?i)\b(?:ip|ipv4|server|host|address|ping|ssh|dns|gateway|router|lan|wan)\b")
# What stands after "@" in programs and style sheets.
_MARKS = frozenset(
    re.findall(
        "[A-Za-z_]+",
        "property staticmethod classmethod abstractmethod dataclass pytest app media import keyframes charset "
        "page supports layer tailwind apply extend mixin include param params return returns throws author since "
        "deprecated override Override Autowired Component Controller RestController Service Repository Entity "
        "Table Id Column Test Bean Configuration SpringBootApplication Injectable NgModule Input Output ViewChild "
        "State Binding ObservedObject Published Environment EnvironmentObject StateObject main objc IBOutlet "
        "IBAction click functools lru_cache cached tf torch jit njit login_required route types angular vue babel "
        "latest",
    )
)
_PROGRAM = frozenset({"io", "py", "js", "app", "info"})


_ROW_BEFORE = re.compile(r"[0-9] [0-9]*\Z|[0-9] \Z")
_ROW_AFTER = re.compile(r" [0-9]+(?:[ ,;]|\Z)")
_OF_PASSWORDS = frozenset(
    re.findall(
        "[A-Za-z_]+",
        "wrong correct right incorrect invalid valid too not never always still already just very really secure "
        "weak strong safe unsafe good bad fine okay long short simple easy hard difficult missing unknown "
        "different same here there empty blank gone lost case your mine that this what which also only being "
        "about something someone nothing everything public private secret common unique required password "
        "passwords",
    )
)


def mixed_token(text: str, match: "re.Match[str]") -> bool:
    """Whether a token of letters and digits is a code rather than a unit, a model or a name in a program."""
    token = match.group()
    digits = sum(c.isdigit() for c in token)
    letters = sum(c.isalpha() for c in token)
    marked = text[match.start() - 1 : match.start()] in ("#", "$", "%", "\\", "<")
    if digits < 2 or letters < 2 or marked or _UNIT.match(token):
        return False
    # An identifier of a program reads as words with a number at the end; a code changes between the two.
    changes = sum(a.isdigit() != b.isdigit() for a, b in pairwise(token))
    return changes >= 3 or digits >= 5 or (changes >= 2 and digits >= 4)


def has_digits(_text: str, match: "re.Match[str]") -> bool:
    """Whether what follows the word for a number holds two digits or more."""
    return len(re.findall(r"\d", match.group(1))) >= 2


def mailbox(_text: str, match: "re.Match[str]") -> bool:
    """Whether something stands before the sign: "@Component" has nothing."""
    return any(c.isalnum() for c in match.group().partition("@")[0])


def spelt_address(text: str, match: "re.Match[str]") -> bool:
    """Whether a mailbox is meant: "look at example.com" speaks of a site, "jo at example dot com" of a mailbox."""
    shown = match.group().lower()
    if not re.search(r"\sat\s", shown):
        return True
    host, _, suffix = re.split(r"\sat\s", shown, maxsplit=1)[1].rpartition("dot" if "dot" in shown else ".")
    asked = _ASKED.search(text, max(0, match.start() - 40), match.end())
    if host.split()[:1] in _LITTLE:
        return False
    return asked is not None or (" dot " in shown and suffix.strip(" )]}") not in _WORDY)


def spelt_site(text: str, match: "re.Match[str]") -> bool:
    """Whether words or brackets stand for the dot of a site: "the dot com era" has no site in it."""
    shown = match.group().lower()
    if re.search(r"[(\[{](?:dot|\.)", shown):
        return True
    words = shown.split()
    return (
        "dot" in words
        and [words[0]] not in _LITTLE
        and re.split("[/ ]", words[words.index("dot") + 1])[0] not in _WORDY
    )


def decorator(text: str, match: "re.Match[str]") -> bool:
    """Whether a word after "@" is a person's handle, not a mark of a program or a style sheet."""
    return match.group()[1:].split(".")[0] not in _MARKS and text[match.end() : match.end() + 1] != "("


def defanged_ip(text: str, match: "re.Match[str]") -> bool:
    """Whether four numbers are an address: beyond plain dots, brackets say so, or talk of one."""
    between = re.sub("[0-9]", "", match.group(1))
    if between == "...":
        return not re.search(
            r"(?i)\b(?:version|release|v|build|section)[ .]?\Z", text[max(0, match.start() - 12) : match.start()]
        )
    if any(c in between for c in "[({\\"):
        return True
    return _NETWORK.search(text, max(0, match.start() - 40), match.start()) is not None


def street(text: str, match: "re.Match[str]") -> bool:
    """Whether a number and a word like "way" stand for a street: a capital before it, or talk of living there."""
    around = text[max(0, match.start() - 30) : match.end()]
    return re.search(rf"[A-Z][\w.']* (?i:{STREETS})\b|\b(?:address|live|lives|at|its|located)\b", around) is not None


def house(_text: str, match: "re.Match[str]") -> bool:
    """Whether a street is told with a number."""
    return any(c.isdigit() for c in match.group())


def grouped(text: str, match: "re.Match[str]") -> bool:
    """Whether capitals and digits joined by hyphens are a code: "COVID-19" and "RTX-3080" are names of things."""
    shown = match.group()
    digits = sum(c.isdigit() for c in shown)
    return (
        shown.count("-") >= 2 and digits >= 5 and not STAMP.match(shown) and not re.match(r"[A-Z]+-[0-9]{1,2}\b", shown)
    )


def dialled(text: str, match: "re.Match[str]") -> bool:
    """Whether groups of digits could be dialled: neither a date nor a row of years, nor one of many numbers in a "
    "row."""
    groups = re.findall(r"[0-9]+", match.group())
    years = sum(len(group) == 4 and group[:2] in ("19", "20") for group in groups)
    rows = _ROW_BEFORE.search(text, max(0, match.start() - 8), match.start()) or _ROW_AFTER.match(text, match.end())
    even = len(set(groups)) == len(groups) >= 3 and len({b - a for a, b in pairwise(map(int, groups))}) == 1
    return 8 <= sum(map(len, groups)) <= 12 and not years and not rows and not even


def secret(_text: str, match: "re.Match[str]") -> bool:
    """Whether what follows "password" is more than an everyday word."""
    word = match.group(1)
    return any(c.isdigit() or not c.isalnum() for c in word.rstrip(".?!)")) and any(c.isalnum() for c in word)


def spoken_secret(text: str, match: "re.Match[str]") -> bool:
    """Whether "my password is sunflower" tells it: "my password is wrong" does not."""
    word, after = match.group(1).lower(), text[match.end() : match.end() + 2].lstrip(" ")
    return (
        word not in _OF_PASSWORDS and not word.endswith(("ed", "ing", "ly")) and (not after or not after[0].isalnum())
    )


def web_address(text: str, match: "re.Match[str]") -> bool:
    """Whether a dot joins a web address: "feel.In" is a missing space."""
    shown = match.group()
    if "://" in shown or shown[:4].lower() == "www.":
        return True
    host = shown.split("/")[0]
    suffix = host.rpartition(".")[2]
    calls = suffix in _PROGRAM and "/" not in shown and text[match.end() : match.end() + 1] in ("(", "_")
    return host.islower() and not calls and (suffix not in _WORDY or "/" in shown)
