"""What a shape alone cannot tell: guards that look at a match once more before it counts as an identifier."""

import re
from itertools import pairwise

STREETS = (
    "street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|terrace|way|crescent|close|square|sq|"
    "highway|hwy|parkway|pkwy|circle|cir|trail|gardens|grove|row|walk|mews|quay"
)
_UNIT = re.compile(
    r"(?:\d+(?:px|em|rem|pt|kg|mg|ml|cm|mm|km|gb|mb|kb|tb|ghz|mhz|hz|kwh|kw|mah|fps|rpm|bpm|mph|kmh|min|mins|hrs?|days?|"
    r"weeks?|years?|yrs?|yo|th|st|nd|rd|k|m|b|x|usd|eur|gbp|cad|p|am|pm))+\Z|\d+(?:[x×]\d+)+\Z|0x[0-9a-f]+\Z|"
    r"(?:covid|sars|utf|sha|md|ipv|mp|ps|rtx|gtx|gpt|llama|claude|python|java|es|css|html|iso|rfc|web|top|base|int|uint|"
    r"float|h|q|v|fy|col|row|test|var|item|level|lvl|chapter|step|windows|win|iphone|ios|android|rx|i|b|a|g|f|mi|gen)"
    r"[-_.]?\d+\w{0,4}\Z",
    re.IGNORECASE,
)
# Suffixes of web addresses that are everyday words too.
_WORDY = frozenset(["in", "it", "is", "to", "no", "me", "at", "be", "us", "my", "so", "id", "link", "site", "store"])
_PROGRAM = frozenset({"io", "py", "js", "app", "info"})


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


def spelt_address(_text: str, match: "re.Match[str]") -> bool:
    """Whether a mailbox is meant: "look at example.com" speaks of a site, "jo at example dot com" of a mailbox."""
    shown = match.group().lower()
    return "@" in shown or "(" in shown or "[" in shown or " dot " in shown or "mail" in shown


def street(text: str, match: "re.Match[str]") -> bool:
    """Whether a number and a word like "way" stand for a street: a capital before it, or talk of living there."""
    around = text[max(0, match.start() - 30) : match.end()]
    return re.search(rf"[A-Z][\w.']* (?i:{STREETS})\b|\b(?:address|live|lives|at|its|located)\b", around) is not None


def dialled(_text: str, match: "re.Match[str]") -> bool:
    """Whether groups of digits could be dialled: neither a date nor a row of years."""
    groups = re.findall(r"\d+", match.group())
    years = sum(len(group) == 4 and group[:2] in ("19", "20") for group in groups)
    return 8 <= sum(map(len, groups)) <= 12 and not years


def secret(_text: str, match: "re.Match[str]") -> bool:
    """Whether what follows "password" is more than an everyday word."""
    word = match.group(1)
    return any(c.isdigit() or not c.isalnum() for c in word) and len(word) >= 5


def web_address(text: str, match: "re.Match[str]") -> bool:
    """Whether a dot joins a web address: "feel.In" is a missing space."""
    shown = match.group()
    if "://" in shown or shown[:4].lower() == "www.":
        return True
    host = shown.split("/")[0]
    suffix = host.rpartition(".")[2]
    calls = suffix in _PROGRAM and "/" not in shown and text[match.end() : match.end() + 1] in ("(", "_")
    return host.islower() and not calls and (suffix not in _WORDY or "/" in shown)
