"""A text as a row of words, and the questions that name rules ask about a word's place in it."""

import re
from bisect import bisect_right

from guidance_atlas.stages.scrub.words import Kind, Lexicon, Word

FOREIGN_SHARE = 0.3
FOREIGN_LEAST = 15
TITLE_SHARE = 0.65
TITLE_LEAST = 4

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
# The same on texts of plain letters, in half the time.
_PLAIN_WORD = re.compile("[A-Za-z]+(?:'[A-Za-z]+)*")
_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_ENDS = frozenset('.!?:;\n"([{*#>|-/')


class Page:
    """Words of one text with their positions. Reading it is linear in the text."""

    __slots__ = ("ends", "fences", "foreign", "lexicon", "spellings", "starts", "text", "titles", "words")

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.text, self.lexicon = text, lexicon
        places = [match.span() for match in (_PLAIN_WORD if text.isascii() else _WORD).finditer(text)]
        self.starts = [start for start, _ in places]
        self.ends = [end for _, end in places]
        self.spellings = [text[start:end] for start, end in places]
        self.words: list[Word] = lexicon.read(self.spellings)
        self.foreign = self._reads_foreign()
        self.fences = [match.span() for match in _FENCE.finditer(text)] if "```" in text else []
        self.titles: dict[int, bool] = {}

    def _reads_foreign(self) -> bool:
        lower = [word.kind for word in self.words if not word.capital]
        strange = sum(kind >= Kind.UNKNOWN for kind in lower)
        return len(lower) >= FOREIGN_LEAST and strange > FOREIGN_SHARE * len(lower)

    def gap(self, i: int) -> str:
        """What stands between word i and the next; a newline before the first and after the last."""
        if i < 0 or i + 1 >= len(self.words):
            return "\n"
        return self.text[self.ends[i] : min(self.starts[i + 1], self.ends[i] + 4)]

    def lower(self, i: int) -> str:
        """Word i in lower case, without possessive; empty outside the text."""
        return self.words[i].lower if 0 <= i < len(self.words) else ""

    def opens(self, i: int) -> bool:
        """Whether word i starts a sentence, a line, a quotation or a list item."""
        if self.after_initial(i):
            return False
        before = self.text[max(0, self.starts[i] - 4) : self.starts[i]].rstrip(" \t'")
        return not before.strip() or before[-1] in _ENDS or i == 0

    def after_initial(self, i: int) -> bool:
        """Whether word i follows an initial, as in "J. Smith"."""
        return len(self.lower(i - 1)) == 1 and self.words[i - 1].capital and self.gap(i - 1) == ". "

    def closes(self, i: int) -> bool:
        """Whether a clause ends right after word i."""
        after = self.text[self.ends[i] : self.ends[i] + 2].lstrip(" ")
        return not after or after[0] in ",.!?;:\n-)\"'("

    def possessive(self, i: int) -> bool:
        """Whether word i owns something."""
        return self.text[self.ends[i] - 2 : self.ends[i]].lower() in ("'s", "s'")

    def fenced(self, i: int) -> bool:
        """Whether word i stands in a code block."""
        at = bisect_right(self.fences, (self.starts[i], len(self.text))) - 1
        return at >= 0 and self.starts[i] < self.fences[at][1]

    def in_title(self, i: int) -> bool:
        """Whether word i stands in a line that capitalises most of its words, so that a capital says nothing."""
        start = self.text.rfind("\n", max(0, self.starts[i] - 400), self.starts[i])
        if start not in self.titles:
            capitals = total = 0
            for j in range(max(0, i - 12), min(len(self.words), i + 13)):
                if self.starts[j] > start and "\n" not in self.text[self.starts[min(i, j)] : self.starts[max(i, j)]]:
                    inside = j > 0 and "\n" not in self.gap(j - 1) and self.lower(j) != "i"
                    total += inside
                    capitals += inside and self.words[j].capital
            self.titles[start] = total >= TITLE_LEAST and capitals >= TITLE_SHARE * total
        return self.titles[start]
