"""How people type: formal, plain, hasty. A voice changes a person's words, never a text that is held."""

from random import Random

VOICES = ("formal", "plain", "plain", "plain", "lower", "lower", "slang", "typos", "typos")
LONG_FORMS = (
    ("I'm ", "I am "),
    ("I've ", "I have "),
    ("I'd ", "I would "),
    ("don't", "do not"),
    ("can't", "cannot"),
    ("won't", "will not"),
    ("it's ", "it is "),
    ("isn't", "is not"),
)
SHORT_FORMS = (
    (" you ", " u "),
    (" because ", " cos "),
    (" please", " pls"),
    (" though", " tho"),
    (" going to ", " gonna "),
    (" people ", " ppl "),
    (" something ", " smth "),
    (" tomorrow", " tmrw"),
    (" really ", " rly "),
    (" and ", " n "),
    (" with ", " w "),
    ("i dont know", "idk"),
    (" right now", " rn"),
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def spoken(text: str, *, voice: str, rng: Random, english: bool) -> str:
    """Give the text as this voice would type it."""
    if voice == "plain" or not text:
        return text
    if voice == "formal":
        return _replaced(text, LONG_FORMS) if english else text
    if voice == "typos":
        return _with_typos(text, rng)
    text = text.lower().replace("'", "")
    if voice == "slang" and english:
        text = _replaced(text, SHORT_FORMS)
        text = text.replace(". ", rng.choice((" ", "... ", ", ", "\n")))
    return text.rstrip(".")


def _replaced(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text


def _with_typos(text: str, rng: Random) -> str:
    letters = list(text)
    for _ in range(1 + len(text) // 120):
        at = int(rng.random() * (len(letters) - 1))
        here, after = letters[at], letters[at + 1 : at + 2]
        if not here or here.lower() not in LETTERS or not after or not after[0] or after[0].lower() not in LETTERS:
            continue
        kind = rng.random()
        if kind < 0.5:
            letters[at], letters[at + 1] = letters[at + 1], here
        elif kind < 0.8:
            letters[at] = ""
        else:
            letters[at] = here * 2
    return "".join(letters)
