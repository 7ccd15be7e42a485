"""Invented particulars: names, addresses, numbers with right check digits that belong to nobody."""

from collections.abc import Mapping, Sequence
from random import Random

KINDS = ("name", "email", "phone", "address", "order", "card", "iban")
USUAL = {"name": 6.0, "email": 2.0, "phone": 2.0, "address": 1.5, "order": 1.0, "card": 0.4, "iban": 0.5}
LIKELIER = {
    "legal": {"address": 4.0, "order": 3.0},
    "consumer": {"order": 6.0, "card": 2.0, "phone": 3.0},
    "finance": {"iban": 4.0, "card": 3.0},
}
TEST_CARDS = (
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
    "6011111111111117",
    "3530111333300000",
    "5105105105105100",
    "4242424242424242",
    "4012888888881881",
)
UNUSED_BANKS = (("GB", "TEST000000", 8), ("DE", "00000000", 10), ("NL", "TEST", 10), ("ES", "00000000", 12))
FAMILY_FIRST_SHARE = 0.2


def draw_kind(domain: str | None, *, rng: Random) -> str:
    """Choose a kind of particular; what a domain is rich in comes more often."""
    weights = USUAL | LIKELIER.get(domain or "", {})
    return rng.choices(KINDS, weights=[weights[kind] for kind in KINDS])[0]


def particulars(kind: str, words: Mapping[str, Sequence[str]], *, rng: Random, lower: bool) -> dict[str, str]:
    """Invent what the sentences of this kind speak of, by slot name. lower writes names as hasty people do."""
    given, family = rng.choice(words["given"]), rng.choice(words["family"])
    if kind == "name":
        full = f"{family} {given}" if rng.random() < FAMILY_FIRST_SHARE else f"{given} {family}"
        return {name: text.lower() if lower else text for name, text in (("full_name", full), ("first", given))}
    if kind == "email":
        return {"email": _email(given, family, rng.choice(words["domain"]), rng)}
    if kind == "phone":
        return {"phone": _phone(rng)}
    if kind == "address":
        return {"address": _address(words, rng)}
    if kind == "order":
        return {"order": _order(rng)}
    if kind == "card":
        return {"card": _grouped(rng.choice(TEST_CARDS), rng.choice(("", " ", "-")))}
    return {"iban": _grouped(iban(rng), rng.choice(("", " ")))}


def iban(rng: Random) -> str:
    """Make an IBAN of a bank code that no bank has, with the check digits of ISO 13616 (mod 97)."""
    country, bank, digits = rng.choice(UNUSED_BANKS)
    account = bank + "".join(rng.choices("0123456789", k=digits))
    as_number = "".join(str(int(character, 36)) for character in f"{account}{country}00")
    return f"{country}{98 - int(as_number) % 97:02d}{account}"


def _email(given: str, family: str, domain: str, rng: Random) -> str:
    plain = "".join(letter for letter in f"{given}.{family}".lower() if letter.isascii() and letter not in "' ")
    return f"{plain}{rng.choice(('', '', str(rng.randrange(60, 99))))}@{domain}"


def _phone(rng: Random) -> str:
    line = rng.randrange(100)
    return rng.choice(
        (
            f"({rng.choice((312, 415, 646, 202))}) 555-01{line:02d}",
            f"+1 {rng.choice((503, 713, 604))} 555 01{line:02d}",
            f"07700 900{rng.randrange(1000):03d}",
            f"01632 960{rng.randrange(1000):03d}",
            f"+44 20 7946 0{rng.randrange(1000):03d}",
            f"+61 491 570 {rng.choice((156, 157, 158, 159, 110))}",
        )
    )


def _address(words: Mapping[str, Sequence[str]], rng: Random) -> str:
    number, town = rng.randrange(1, 190), rng.choice(words["town"])
    if rng.random() < 0.2:
        return f"{rng.choice(words['street_de'])} {number}, {rng.randrange(1000, 99999):05d} {town}"
    return f"{number} {rng.choice(words['street'])}, {town}"


def _order(rng: Random) -> str:
    number = rng.randrange(100_000, 999_999)
    return rng.choice((f"#{number}", f"ORD-{number}-{rng.choice('ABCDEFGH')}", f"AZ{number}K", f"2026/{number}"))


def _grouped(text: str, mark: str) -> str:
    return mark.join(text[at : at + 4] for at in range(0, len(text), 4))
