"""Part of bench/scrub.py: seconds a megabyte of hostile text takes, shape by shape, and which step takes them."""

import base64
import random
import time

from guidance_atlas.adapters.presidio_anonymizer import PresidioReplacer
from guidance_atlas.stages.scrub.mask import mask_conversations
from guidance_atlas.stages.scrub.normalise import MOST_CHARACTERS

MEGABYTE = 1_000_000
DRAWN = random.Random(3)
SHAPES = {
    "telephones, none twice": "".join(f"+1 212 {DRAWN.randrange(10**7)}, " for _ in range(60_000)),
    "names, in any order": "".join(DRAWN.choice(("Tanya ", "boris ", "Penny, ")) for _ in range(170_000)),
    "random words": "".join("".join(DRAWN.choices("abcdefghij", k=7)) + " " for _ in range(125_000)),
    "random base64": base64.b64encode(DRAWN.randbytes(750_000)).decode(),
    "one word of letters": "a",
    "at signs": "@",
    "a.a.a.": "a.",
    "digits": "1",
    "digits and blanks": "1 ",
    "digits and marks": "12-3.4 ",
    "years with slashes": "1/2020 ",
    "cards": "4111 1111 1111 1111 ",
    "telephones": "+1 212 555 0142, ",
    "addresses": "a!a@b.c ",
    "network addresses": "2001:db8:",
    "dotted quads": "1.1.1.",
    "base64": "QWxhZGRpbjpvcGVuIHNlc2FtZQ",
    "quotes in quotes": "\"'(\"'[",
    "one name": "Tanya ",
    "a name and a cue": "my sister tanya ",
    "marks in two orders": "\u0301\u0323",
    "a sign of eighteen letters": "\ufdfa",
    "look-alike letters": "\u043ea ",
    "words for digits": "five two ",
    "words for at and dot": "a at b dot ",
    "passwords": "password is ",
    "numbers by name": "order id 1 ",
    "codes": "AB12cd34",
    "links": "http://a.b/",
    "brackets": "[.](at)",
    "lines": "1\n",
}


def report(finder):
    """Print seconds for one turn of a megabyte, and for the same as turns of the greatest length that is read."""
    worst = (0.0, 0.0)
    finder.find(["warm up 4111 1111 1111 1111 a@b.com +1 212 555 0142"])
    for name, shape in SHAPES.items():
        text = (shape * (MEGABYTE // len(shape) + 1))[:MEGABYTE]
        one = _seconds([text], finder)
        # Different turns, so that none is answered from memory.
        starts = range(0, MEGABYTE, MOST_CHARACTERS)
        turns = [f"{n} {text[start : start + MOST_CHARACTERS - 2]}" for n, start in enumerate(starts)]
        full = _seconds(turns, finder)
        worst = (max(worst[0], one), max(worst[1], full))
        print(
            f"  {name:28} one turn {one:6.2f} s/MB, ten turns {full:6.2f} s/MB",
            flush=True,
        )
    print(f"  {'worst':28} one turn {worst[0]:6.2f} s/MB, ten turns {worst[1]:6.2f} s/MB")


def _seconds(turns, finder):
    start = time.process_time()
    mask_conversations([turns], finder=finder, replacer=PresidioReplacer())
    return time.process_time() - start
