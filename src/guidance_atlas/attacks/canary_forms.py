"""What is planted as a canary: names of several tongues, numbers with right check digits, phrases nobody says."""

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random

from guidance_atlas.sample.private import iban

GIVEN = (
    "Marguerite", "Thandiwe", "Oluwaseun", "Nguyet", "Svetlana", "Siobhan", "Priyanka", "Xiomara", "Ferran",
    "Aleksandra", "Yusuf", "Hyun-woo", "Kenji", "Beatriz", "Gwendolyn", "Abdulrahman",
)  # fmt: skip
# Family names of nobody's, put together by the manner of a tongue: each beginning with each ending is another name.
FAMILY = (
    (("Qzarn", "Wisn", "Jablk"), ("iewskowa", "ecki", "owiczek")),
    (("Vander", "Zwaan", "Oosterk"), ("hoeveld", "brinck")),
    (("Ogunl", "Adeb", "Chukw"), ("eyeba", "ayomide", "uemekam")),
    (("Bykov", "Smird", "Zhuravl"), ("skayeva", "enkova")),
    (("MacGiolla", "Uiceal", "Taoisg"), ("ruadh", "achain")),
    (("Venkata", "Subra", "Krishnap"), ("subban", "nathanam")),
    (("Etxe", "Goiko", "Puigdom"), ("berriza", "enecqua")),
    (("Demirt", "Yildizb", "Kocak"), ("aslarim", "ogullari")),
)  # fmt: skip
FAMILIES = tuple(firsts[number] + last for number in range(3) for firsts, lasts in FAMILY for last in lasts)
NAMED = ("my name is {}", "i told {} everything", "my sister {} says i should", "{} from work keeps texting me",
         "Dr. {} sent me home", "my ex, {}, wants the keys back")  # fmt: skip
ILL = ("Zellweger spectrum disorder", "Ehlers-Danlos type six", "Rasmussen encephalitis",
       "Gorham vanishing bone disease", "Erdheim-Chester disease", "stiff person syndrome",
       "Alice in Wonderland syndrome", "Moebius sequence")  # fmt: skip
PHRASES = ("quizzaciously zwitterjonnik", "blorptastic umbrellaphant", "snarklewhistle porridgeometry",
           "moonwrangled teaspoonery", "vexillomantic turniphood", "grumblethwack cardiganism")  # fmt: skip
ENDINGS = "aeiouln"
LOCAL = "abcdefghjkmnpqrstuvwxyz"
KEYED = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789abcdefghijkmnopqrstuvwxyz"


def pick(letters: str, n: int, rng: Random) -> str:
    """n letters, each drawn from these."""
    return "".join(rng.choices(letters, k=n))


def digits(n: int, rng: Random) -> str:
    """n digits."""
    return pick("0123456789", n, rng)


def card(rng: Random) -> str:
    """A card number of a test range with the check digit of ISO/IEC 7812 (Luhn), in groups of four."""
    drawn = [int(digit) for digit in "424242" + digits(9, rng)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in drawn[::-2])
    whole = "".join(map(str, drawn)) + str(-(sum(doubled) + sum(drawn[-2::-2])) % 10)
    return rng.choice((" ", "-", "")).join(re.findall("....", whole))


# Telephone numbers are of ranges kept for stories (FCC 555-01xx, Ofcom, ACMA, ARCEP, BNetzA).
FORMS: Mapping[str, tuple[Sequence[Callable[[Random], str]], Sequence[str]]] = {
    "phone": (
        (
            lambda r: f"+1 415 555 01{digits(2, r)}", lambda r: f"(646) 555-01{digits(2, r)}",
            lambda r: f"07700 900{digits(3, r)}", lambda r: f"+44 20 7946 0{digits(3, r)}",
            lambda r: f"+33 1 99 00 {digits(2, r)} {digits(2, r)}", lambda r: f"+49 30 23125 {digits(3, r)}",
            lambda r: f"+61 491 57{digits(1, r)} {digits(3, r)}",
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
            lambda r: f"{pick(LOCAL, 7, r)}.{pick(LOCAL, 5, r)}@mailbox-{pick(LOCAL, 4, r)}.example.org",
            lambda r: f"{pick(LOCAL, 9, r)}{digits(2, r)}@{pick(LOCAL, 6, r)}.co.uk",
            lambda r: f"{pick(LOCAL, 6, r)}+{pick(LOCAL, 4, r)}@{pick(LOCAL, 6, r)}.example.com",
        ),
        ("You can write to me at {}.", "{}"),
    ),
    "handle": (
        (lambda r: f"@{pick(LOCAL, 6, r)}_{pick(LOCAL, 5, r)}{digits(2, r)}",),
        ("I am {} on instagram.", "follow {} there"),
    ),
    "order number": (
        (lambda r: f"ORD-{digits(6, r)}-{pick('ABCDEFGH', 1, r)}", lambda r: f"#{digits(8, r)}"),
        ("My order number is {}.", "It is about order {}."),
    ),
    "key or password": (
        (
            lambda r: f"sk-{pick(KEYED, 40, r)}", lambda r: f"ghp_{pick(KEYED, 36, r)}",
            lambda r: f"AKIA{pick('ABCDEFGHIJKLMNOP234567', 16, r)}",
            lambda r: f"{pick(KEYED, 9, r)}!{digits(2, r)}",
        ),
        ("my password is {}", "pw: {}", "my api key is {}"),
    ),
}  # fmt: skip
