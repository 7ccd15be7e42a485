"""One plain shape for every text before anything is looked for, in time that grows no faster than the text."""

import re
import unicodedata

MOST_CHARACTERS = 100_000
MOST_MARKS = 4

# Unicode's own composition is quadratic in a run of combining marks, so runs are cut before it sees them.
_SURROGATES = re.compile("[\ud800-\udfff]")
# What cannot be seen, and marks laid over or around another character: strokes, circles, keycaps.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff\u0334-\u0338\u20d0-\u20f0]"
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PLAIN = (
    dict.fromkeys("‐‑‒–—―⁃−", "-")
    | dict.fromkeys("‘’‚‛ʼ′´", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("․。｡", ".")
    | {"\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\r": "\n", "\u2044": "/", "\u2215": "/"}
)
_FANCY = re.compile(f"[{''.join(_PLAIN)}]")
# Beyond these, a text takes the long way; the marks of ordinary typing need only the table above.
_RARE = re.compile("[^\x00-\x7f\u2010-\u2015\u2018-\u201f\u2022\u2026\xab\xbb\xe0-\xf6\xf8-\xfc\xdf\xc9\xd6\xdc\xc4]")
# The two signs that stand for whole sentences, eighteen letters and eight, stay as they are: no text may grow so much.
# Meanwhile two code points that no text may hold (Unicode 16.0, section 23.7) stand for them.
_HIDE = {0xFDD0: None, 0xFDD1: None, 0xFDFA: "\ufdd0", 0xFDFB: "\ufdd1"}
_HIDDEN = re.compile("[\ufdd0\ufdd1\ufdfa\ufdfb]")
_SHOW = {0xFDD0: "\ufdfa", 0xFDD1: "\ufdfb"}
# Letters that pass for Latin ones; folded only in words that mix alphabets.
_SIMILAR = (
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421"
    "\u0422\u0425\u03bf\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7"
    "\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d0f\u1d18\u0280\ua731\u1d1b\u1d1c"
    "\u1d20\u1d21\u028f\u1d22"
)
_LOOKALIKES = str.maketrans(_SIMILAR, "aeopcyxijsABEKMHOPCTXoABEZHIKMNOPTX" + "abcdefghijklmnoprstuvwyz")
_ANY_LOOKALIKE = re.compile(f"[{_SIMILAR}]")
# No combining mark stands below U+0300.
_HIGH = re.compile(f"[^\x00-\u02ff]{{{MOST_MARKS + 1},}}")
_DIGIT = re.compile(r"(?![0-9])\d|[\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792]")
_MARKED = re.compile("(?<=[0-9@._-])[\u0300-\u036f]+")
_BLANKS = re.compile(r"(\s+)")
_LATIN = re.compile("[a-zA-Z0-9@]")
_SPACES = re.compile("[^\\S\n]")


def normalise(text: str) -> str:
    """The text as the finders read it, and as it is kept.

    Compatibility forms, look-alike letters and digits, dashes, quotes and spaces become their plain selves; what cannot
    be seen, or stored, goes. At most MOST_CHARACTERS stay. Applying it twice changes nothing more.
    """
    if text.isascii():
        plain = text[: 2 * MOST_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n")
        return _CONTROLS.sub("", plain)[:MOST_CHARACTERS]
    if not _RARE.search(text):
        plain = _plain(text[: 2 * MOST_CHARACTERS].replace("\r\n", "\n")).replace("\u2026", "...")
        return _CONTROLS.sub("", plain)[:MOST_CHARACTERS]
    shown = _INVISIBLE.sub("", _SURROGATES.sub("", text[: 2 * MOST_CHARACTERS]))
    shown = shown[: MOST_CHARACTERS + MOST_MARKS]
    hidden = _HIDDEN.search(shown) is not None
    shown = shown.translate(_HIDE) if hidden else shown
    composed = unicodedata.normalize("NFKC", _cap_marks(shown))
    plain = _plain(_cap_marks(_INVISIBLE.sub("", composed)).replace("\r\n", "\n"))
    digits = _MARKED.sub("", _DIGIT.sub(lambda digit: str(unicodedata.digit(digit.group())), plain))
    plain = _SPACES.sub(" ", _CONTROLS.sub("", digits)[:MOST_CHARACTERS])
    plain = _plain(unicodedata.normalize("NFKC", _fold_mixed(plain))[:MOST_CHARACTERS])
    return plain.translate(_SHOW) if hidden else plain


def _plain(text: str) -> str:
    return _FANCY.sub(lambda fancy: _PLAIN[fancy.group()], text)


def _cap_marks(text: str) -> str:
    return _HIGH.sub(_cap_run, text)


def _cap_run(match: re.Match[str]) -> str:
    if not any(map(unicodedata.combining, match.group())):
        return match.group()
    kept: list[str] = []
    run = 0
    for character in match.group():
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _fold_mixed(text: str) -> str:
    if not _ANY_LOOKALIKE.search(text):
        return text
    # A word within one alphabet is somebody's language; a word across two is dressed up.
    parts = _BLANKS.split(text)
    folded = {part: part.translate(_LOOKALIKES) for part in set(parts) if not part.isascii() and _LATIN.search(part)}
    return "".join([folded.get(part, part) for part in parts]) if folded else text
