"""The words that people may write into a sheet, as docs/codebook.md has them, and what is made of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from guidance_atlas.heads.answers import Answered, Asked
from guidance_atlas.vocab import DOMAINS, DRIFT, PUSHBACK, STAKES, SUPPORT

NONE = "none"
YES, NO = "yes", "no"
WHOLE = ("1", "2", "3", "4", "5")

WORDS: Mapping[str, tuple[str, ...]] = {
    "guidance": (YES, NO),
    "domain": DOMAINS,
    "domain_2": (*DOMAINS, NONE),
    "stakes": STAKES,
    "support": (*SUPPORT, NONE),
    "pushback": (*PUSHBACK, NONE),
    "candor": (*WHOLE, NONE),
    "drift": (*DRIFT, NONE),
}
SETS = ("support", "pushback", "drift")  # several words, separated by ;
OF_GUIDANCE = ("domain", "domain_2", "stakes", "support", "drift")  # asked only where there is guidance
MAY_STAY_EMPTY = ("domain_2",)

Answer = frozenset[str]


@dataclass(frozen=True)
class Given:
    """What a person answered of one conversation: words by column; a column without an answer is not there."""

    words: Mapping[str, Answer]

    def knows(self, column: str) -> bool:
        """Whether there is an answer. 'none' is one, an empty cell is not."""
        return column in self.words

    @property
    def guidance(self) -> bool:
        """Whether the person says that it is guidance."""
        return YES in self.words.get("guidance", ())

    @property
    def finished(self) -> bool:
        """Whether nothing is left to answer: what is no guidance needs no more than that."""
        if not self.guidance:
            return self.knows("guidance")
        return all(self.knows(column) for column in WORDS if column not in MAY_STAY_EMPTY)

    @property
    def asked(self) -> Asked:
        """What was asked, for the counters."""
        return Asked(
            self.guidance,
            self._one("domain"),
            self._one("domain_2"),
            self._one("stakes"),
            self._all("support"),
        )

    @property
    def answered(self) -> Answered:
        """What went on, for the counters."""
        candor = self._one("candor")
        return Answered(self._all("pushback"), None if candor is None else float(candor), self._all("drift"))

    def _all(self, column: str) -> frozenset[str]:
        return self.words.get(column, frozenset()) - {NONE}

    def _one(self, column: str) -> str | None:
        return next(iter(self._all(column)), None)


def read_answer(column: str, cell: str) -> Answer | None:
    """The words of one cell; None where one of them is not allowed there, or where there is not exactly one.

    Capitals, spaces and the number 3.0 for 3 are forgiven, since spreadsheets and people bring them in.
    """
    parts = re.split(r"[;,]", cell) if column in SETS else [cell]
    said = [re.sub(r"[\s-]+", "_", part.strip().lower()).removesuffix(".0") for part in parts if part.strip()]
    words = frozenset(said)
    allowed = words <= set(WORDS[column])
    return words if words and allowed and (NONE not in words or len(words) == 1) else None


def contradiction(words: Mapping[str, Answer]) -> str | None:
    """The column that cannot be beside the others, where there is one."""
    if words and "guidance" not in words:
        return "guidance"
    if NO in words.get("guidance", ()):
        return next((column for column in OF_GUIDANCE if words.get(column, {NONE}) != {NONE}), None)
    return "domain_2" if "domain" in words and words["domain"] == words.get("domain_2") else None
