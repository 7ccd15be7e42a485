"""Part of bench/scrub.py: seconds a megabyte of hostile text takes: as one turn, as ten, as short ones."""

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


FORMS = {"one turn": MEGABYTE, "ten turns": MOST_CHARACTERS, "short turns": 2_000}
# Opens every list and model, so that none is opened on the clock.
WARM = "My sister Tanya of Lagos: 4111 1111 1111 1111, a@b.com, +1 212 555 0142. The Big Thing, qwzxkv. "


def report(finder):
    """Print seconds for a megabyte in one conversation, in three forms; a turn is read to its 100,000th character."""
    worst = dict.fromkeys(FORMS, 0.0)
    finder.find([WARM])
    for name, shape in SHAPES.items():
        text = (shape * (MEGABYTE // len(shape) + 1))[:MEGABYTE]
        told = []
        for form, size in FORMS.items():
            # Different turns, so that none is answered from memory.
            turns = [f"{n} {text[at : at + size - 8]}" for n, at in enumerate(range(0, MEGABYTE, size))]
            took = _seconds(turns, finder)
            worst[form] = max(worst[form], took)
            told.append(f"{form} {took:6.2f}")
        print(f"  {name:28} {', '.join(told)} s/MB", flush=True)
    print(f"  {'worst':28} {', '.join(f'{form} {took:6.2f}' for form, took in worst.items())} s/MB")


def _seconds(turns, finder):
    start = time.process_time()
    mask_conversations([turns], finder=finder, replacer=PresidioReplacer())
    return time.process_time() - start
