"""What stock shapes take for an identifier though it plainly is none: versions, stamps of time, books, counting."""

import re
from itertools import pairwise

# ISO 8601, 4.3.2: date and time of day.
STAMP = re.compile(r"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9](?![0-9])")
REACH = 16

_VERSION = re.compile(r"(?i)\b(?:version|release|build|section|v)[ .]?\Z")
_BOOK = re.compile(r"(?i)\bisbn(?:-1[03])?:? ?\Z")
_NUMBER = re.compile("[0-9]+")
LEAST_COUNTED = 5
_FILES = "md|py|js|ts|txt|cfg|css|html|json|csv|yml|xml|java|cpp|sh"
# What stands beside a word of a program with nothing between: a call, an assignment, the end of a file's name. An
# underscore says nothing, for people's handles have them.
_CODE_AFTER = re.compile(rf"\\|\((?=[\w\"'\[)])| ?= ?[\[({{\"'0-9]|\.(?:{_FILES})\b")
_CODE_BEFORE = re.compile(r"[\\$0-9]\Z")
_FILE_BEFORE = re.compile(r"\w\.\Z")
_SUFFIXES = frozenset(_FILES.split("|"))


def is_harmless(text: str, start: int, end: int, kind: str) -> bool:
    """Whether a stock find is a version in four parts, the number of a book, or numbers that only count up."""
    before = text[max(0, start - REACH) : start]
    if kind == "IP_ADDRESS":
        return _VERSION.search(before) is not None
    return kind == "PHONE_NUMBER" and (_BOOK.search(before) is not None or _counts_up(text[start:end]))


def _counts_up(shown: str) -> bool:
    numbers = [int(number) for number in _NUMBER.findall(shown)]
    return len(numbers) >= LEAST_COUNTED and all(b == a + 1 for a, b in pairwise(numbers))


def in_program(text: str, start: int, end: int) -> bool:
    """Whether a word in small letters is part of a program: called, assigned to, glued to digits, or a file's name."""
    if text[start].isupper():
        return False
    if _CODE_AFTER.match(text, end):
        return True
    before = text[max(0, start - 2) : start]
    return bool(_CODE_BEFORE.search(before) or (text[start:end] in _SUFFIXES and _FILE_BEFORE.search(before)))
