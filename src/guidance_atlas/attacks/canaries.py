"""Strings of nobody's, planted in conversations, that are looked for afterwards in every byte a run leaves.

Every kind has many forms, and every string stands once in the world and nowhere else. What is looked for is the string as
planted, and its letters and digits alone, without regard to capitals.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from guidance_atlas.attacks.outcome import IDENTIFIERS_LEFT, NAMES_LEFT, Outcome
from guidance_atlas.attacks.places import VAULT, Place
from guidance_atlas.sample.private import iban

GIVEN = (
    "Marguerite", "Thandiwe", "Oluwaseun", "Nguyet", "Svetlana", "Siobhan", "Priyanka", "Xiomara", "Ferran", "Aleksandra",
    "Yusuf", "Hyun-woo", "Kenji", "Beatriz", "Gwendolyn", "Abdulrahman",
)  # fmt: skip
# Family names of nobody's, put together by the manner of a tongue: each beginning with each ending is another name.
FAMILY = (
    (("Qzarn", "Wisn", "Jablk"), ("iewskowa", "ecki", "owiczek")), (("Vander", "Zwaan", "Oosterk"), ("hoeveld", "brinck")),
    (("Ogunl", "Adeb", "Chukw"), ("eyeba", "ayomide", "uemekam")), (("Bykov", "Smird", "Zhuravl"), ("skayeva", "enkova")),
    (("MacGiolla", "Uiceal", "Taoisg"), ("ruadh", "achain")), (("Venkata", "Subra", "Krishnap"), ("subban", "nathanam")),
    (("Etxe", "Goiko", "Puigdom"), ("berriza", "enecqua")), (("Demirt", "Yildizb", "Kocak"), ("aslarim", "ogullari")),
)  # fmt: skip
FAMILIES = tuple(first + last for number in range(3) for firsts, lasts in FAMILY for first in firsts[number : number + 1]
                 for last in lasts)  # fmt: skip
NAMED = ("my name is {}", "i told {} everything", "my sister {} says i should", "{} from work keeps texting me",
         "Dr. {} sent me home", "my ex, {}, wants the keys back")  # fmt: skip
ILL = ("Zellweger spectrum disorder", "Ehlers-Danlos type six", "Rasmussen encephalitis", "Gorham vanishing bone disease",
       "Erdheim-Chester disease", "stiff person syndrome", "Alice in Wonderland syndrome", "Moebius sequence")  # fmt: skip
PHRASES = ("quizzaciously zwitterjonnik", "blorptastic umbrellaphant", "snarklewhistle porridgeometry",
           "moonwrangled teaspoonery", "vexillomantic turniphood", "grumblethwack cardiganism")  # fmt: skip
WORRY = (
    "I don't know what to do about my job. My manager keeps giving me the night shifts and I'm exhausted. Should I hand in "
    "my notice before I've found something else, or wait until spring? {}"
)
TRIVIAL = "Translate into French, number {}: the {} is on the table."
ENDINGS = "aeiouln"
LOCAL = "abcdefghjkmnpqrstuvwxyz"
KEYED = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789abcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True)
class Canary:
    """A planted string: its kind, the sentence it stands in, and what may be left of it in masked words."""

    kind: str
    text: str
    sentence: str
    left_in_vault: float | None  # share of its kind; None: masked words may hold it, nothing else may


def identifiers(n: int, rng: Random) -> list[Canary]:
    """n canaries of each kind of identifier and secret, and n names of people."""
    made = []
    for number in range(n):
        for kind, (forms, say) in _FORMS.items():
            text = forms[number % len(forms)](rng)
            made.append(Canary(kind, text, say[number % len(say)].format(text), IDENTIFIERS_LEFT))
        family = FAMILIES[number % len(FAMILIES)] + (_pick(ENDINGS, 3, rng) if number >= len(FAMILIES) else "")
        name = f"{GIVEN[number % len(GIVEN)]} {family}"
        said = NAMED[number % len(NAMED)].format(name.lower() if number % 3 == 2 else name)
        made.append(Canary("name", family, f"And {said}.", NAMES_LEFT))
        ill = f"{ILL[number % len(ILL)]} since {1950 + number}"
        made.append(Canary("diagnosis", ill, f"I have had {ill}.", None))
        phrase = f"{PHRASES[number % len(PHRASES)]} {_pick(LOCAL, 8, rng)}"
        made.append(Canary("rare phrase", phrase, f"They call it {phrase} here.", None))
    return made


def write(path: Path, canaries: Sequence[Canary], *, n_unread: int, rng: Random) -> list[Canary]:
    """Write conversations that hold the canaries, guidance and not, and records that hold some where none is read.

    Returns all canaries, with those in unread places.
    """
    records: list[object] = []
    for number, canary in enumerate(canaries):
        said, answer = WORRY.format(canary.sentence), "That sounds tiring. What does the contract say about notice?"
        turns = [("user", said), ("assistant", answer)]
        if number % 4 == 1:
            turns = [("user", WORRY.format("Please.")), ("assistant", f"You told me: {canary.sentence} {answer}")]
        if number % 4 == 2:
            turns = [("user", WORRY.format("Please.")), ("assistant", answer), ("user", canary.sentence + " What now?")]
        records.append(_talk(f"canary-{number}", turns))
    unread = [
        Canary("in unread places", f"{PHRASES[number % len(PHRASES)]} {_pick(LOCAL, 8, rng)}", "", 0.0)
        for number in range(n_unread)
    ]
    records += [record for number, canary in enumerate(unread) if (record := _unread(number, canary.text)) is not None]
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    lines += [f'{{"messages": "{canary.text}' for canary in unread[::8]]  # broken JSON
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [*canaries, *unread]


def find(canaries: Sequence[Canary], places: Sequence[Place]) -> list[Outcome]:
    """One row per kind and kind of place: how many of those planted are found there."""
    outcomes = []
    for where in dict.fromkeys(place.where for place in places):
        texts = [(place.text, _bare(place.text)) for place in places if place.where == where]
        for kind in dict.fromkeys(canary.kind for canary in canaries):
            planted = [canary for canary in canaries if canary.kind == kind]
            bound = planted[0].left_in_vault if where == VAULT else 0.0
            found = sum(any(canary.text.lower() in text or _bare(canary.text) in bare for text, bare in texts)
                        for canary in planted)  # fmt: skip
            outcomes.append(Outcome("canaries", f"{kind}, {where}", len(planted), found, 0.0, bound))
    return outcomes


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def _talk(name: str, turns: Sequence[tuple[str, str]], **more: object) -> dict[str, object]:
    return {"id": name, "messages": [{"role": role, "content": text} for role, text in turns]} | more


def _unread(number: int, text: str) -> dict[str, object] | None:
    """A record that holds the text where no words are kept: by turns in seven places, None for broken ones."""
    worry, told = ("user", WORRY.format("Please.")), ("assistant", "I see.")
    return (
        None,
        _talk(f"system-{number}", [("system", text), worry, told]),
        _talk(f"id {text}", [worry, told]),
        _talk(f"user-{number}", [worry, told], user=text),
        _talk(f"model-{number}", [worry, told], model=f"<script>{text}</script>"),
        _talk(f"role-{number}", [(text, "hello")]),
        {"id": f"shape-{number}", text: text},
        _talk(f"trivial-{number}", [("user", TRIVIAL.format(number, text)), told]),
    )[number % 8]


def _pick(letters: str, n: int, rng: Random) -> str:
    return "".join(rng.choices(letters, k=n))


def _digits(n: int, rng: Random) -> str:
    return _pick("0123456789", n, rng)


def card(rng: Random) -> str:
    """A card number of a test range with the check digit of ISO/IEC 7812 (Luhn), in groups of four."""
    digits = [int(digit) for digit in "424242" + _digits(9, rng)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[::-2])
    whole = "".join(map(str, digits)) + str(-(sum(doubled) + sum(digits[-2::-2])) % 10)
    return rng.choice((" ", "-", "")).join(re.findall("....", whole))


# Telephone numbers are of ranges kept for stories (FCC 555-01xx, Ofcom, ACMA, ARCEP, BNetzA).
_FORMS: Mapping[str, tuple[Sequence[Callable[[Random], str]], Sequence[str]]] = {
    "phone": (
        (
            lambda r: f"+1 415 555 01{_digits(2, r)}", lambda r: f"(646) 555-01{_digits(2, r)}",
            lambda r: f"07700 900{_digits(3, r)}", lambda r: f"+44 20 7946 0{_digits(3, r)}",
            lambda r: f"+33 1 99 00 {_digits(2, r)} {_digits(2, r)}", lambda r: f"+49 30 23125 {_digits(3, r)}",
            lambda r: f"+61 491 57{_digits(1, r)} {_digits(3, r)}",
        ),
        ("Call me on {} if that helps.", "Text {} and say hi.", "{}"),
    ),
    "card": ((card,), ("I paid with {} already.", "the card is {}", "{}")),
    "IBAN": ((iban, lambda r: " ".join(re.findall("..?.?.?", iban(r)))), ("My IBAN is {}.", "send it to {} please")),
    "SSN": (
        (lambda r: f"{r.randrange(100, 665)}-{r.randrange(10, 99)}-{r.randrange(1000, 9999)}",),
        ("My social security number is {}.", "ssn {}"),
    ),
    "e-mail": (
        (
            lambda r: f"{_pick(LOCAL, 7, r)}.{_pick(LOCAL, 5, r)}@mailbox-{_pick(LOCAL, 4, r)}.example.org",
            lambda r: f"{_pick(LOCAL, 9, r)}{_digits(2, r)}@{_pick(LOCAL, 6, r)}.co.uk",
            lambda r: f"{_pick(LOCAL, 6, r)}+{_pick(LOCAL, 4, r)}@{_pick(LOCAL, 6, r)}.example.com",
        ),
        ("You can write to me at {}.", "{}"),
    ),
    "handle": ((lambda r: f"@{_pick(LOCAL, 6, r)}_{_pick(LOCAL, 5, r)}{_digits(2, r)}",), ("I am {} on instagram.", "follow {} there")),
    "order number": (
        (lambda r: f"ORD-{_digits(6, r)}-{_pick('ABCDEFGH', 1, r)}", lambda r: f"#{_digits(8, r)}"),
        ("My order number is {}.", "It is about order {}."),
    ),
    "key or password": (
        (
            lambda r: f"sk-{_pick(KEYED, 40, r)}", lambda r: f"ghp_{_pick(KEYED, 36, r)}",
            lambda r: f"AKIA{_pick('ABCDEFGHIJKLMNOP234567', 16, r)}", lambda r: f"{_pick(KEYED, 9, r)}!{_digits(2, r)}",
        ),
        ("my password is {}", "pw: {}", "my api key is {}"),
    ),
}  # fmt: skip
