"""Plain features of what a person said: how it asks, about whom, and whether it orders a piece of work."""

import re
from collections.abc import Sequence

import numpy as np

from guidance_atlas.heads.text import clip, soften
from guidance_atlas.ports import Matrix

_I = re.IGNORECASE
_CLOSE = (
    r"(?:wife|husband|boyfriend|girlfriend|bf|gf|partner|fianc[eé]e?|ex|mom|mum|mother|dad|father|parents?|son|"
    r"daughter|kids?|child(?:ren)?|baby|toddler|brother|sister|friends?|roommates?|neighbou?rs?|boss|manager|coworkers?|"
    r"colleagues?|landlord|family|teacher|in-?laws?|cat|dog)"
)
_LIFE = (
    r"(?:job|career|life|marriage|relationship|salary|house|home|rent|debt|money|savings|health|body|weight|anxiety|"
    r"depression|school|degree|faith|resume|cv|credit|car|visa|divorce|interview|business)"
)
PATTERNS: dict[str, str] = {
    "should_i": r"\b(?:should|shall|must|ought) (?:i|we)\b",
    "what_do_i_do": r"\bwhat (?:do|can|would|could|should|shall|am|are) (?:i|we)\b",
    "how_do_i": r"\bhow (?:do|can|would|could|should|shall|much (?:do|can|should)) (?:i|we)\b",
    "how_to": r"\bhow to\b",
    "can_i": r"\b(?:can|could|may|do|am|will|would) i\b",
    "is_it": r"\b(?:is|was|would) (?:it|this|that) (?:be )?(?:ok(?:ay)?|alright|all right|worth|normal|wrong|right|bad|"
    r"good|better|possible|safe|legal|too|fair|rude)\b",
    "which": r"\b(?:which|what|who|where) (?:is|are|one|would|should|track|job|way)\b",
    "advice": r"\badvi[cs]e\b|\bsuggest|\brecommend|\btips?\b|\bopinions?\b|\bthoughts\b",
    "help_me": r"\b(?:help me|need (?:some )?help|please help|any (?:help|ideas?))\b",
    "want_to": r"\bi (?:really )?(?:want|need|would like|'?d like|wish|plan|am trying|'?m trying|hope) to\b",
    "cannot": r"\bi (?:can'?t|cannot|don'?t know|am not sure|'?m not sure|am afraid|'?m afraid|struggle|am worried)\b",
    "feel": r"\bi(?:'m| am| feel| felt|'ve been)\b",
    "my_close": rf"\bmy (?:\w+ )?{_CLOSE}\b",
    "my_life": rf"\bmy (?:\w+ )?{_LIFE}\b",
    "order": r"^\W*(?:please |pls |can you |could you |kindly )*(?:re-?write|write|generate|create|make|draft|give|"
    r"list|summari[sz]e|translate|paraphrase|explain|describe|define|compare|analy[sz]e|act|imagine|continue|tell|show|"
    r"provide|find|solve|calculate|convert|design|build|fix|edit|improve|proofread|compose|develop|discuss|"
    r"name|answer)\b",
    "product": r"\b(?:essay|article|paragraph|poem|story|script|e-?mails?|letter|code|function|python|javascript|"
    r"sql|excel|title|caption|prompt|song|lyrics|screenplay|chapter|scene|dialogue|tweet|blog|keywords?|slides?|"
    r"summary|outline|report|thesis|table|json|html|css|api|regex)\b",
    "role_play": r"\b(?:act as|you are (?:a|an|the|now)|pretend|role-?play|in the style of|character|fictional|"
    r"from now on)\b",
    "fact": r"^\W*(?:what (?:is|are|was|were|does|did)|who|when|where|why|how (?:many|does|did|is|are|old|far|long))\b",
    "you": r"\b(?:do you|are you|have you|your (?:opinion|favou?rite|name))\b",
    "harm": r"\b(?:kill|bomb|steal|hack|weapon|cocaine|meth|murder|poison|rob|torture|nigg\w*|rape)\b",
}
_COMPILED = {name: re.compile(pattern, _I) for name, pattern in PATTERNS.items()}
_WORD = re.compile(r"[A-Za-z']+")
_FIRST = frozenset({"i", "i'm", "im", "i've", "i'd", "i'll", "me", "my", "mine", "myself", "we", "our", "us"})
_SECOND = frozenset({"you", "your", "you're", "u"})
_THIRD = frozenset({"he", "she", "they", "him", "her", "his", "them", "their"})
SHAPE = (
    "question_marks",
    "ends_in_question",
    "first_person",
    "second_person",
    "third_person",
    "log_words",
    "few_words",
    "log_turns",
    "lines",
    "digits",
    "symbols",
    "foreign",
)
NAMES = tuple(_COMPILED) + SHAPE


def cues(conversations: Sequence[Sequence[str]]) -> Matrix:
    """Features of each person's turns, shape (conversations, len(NAMES)): shares, flags, logarithms, roughly 0 to 1."""
    rows = np.array([_cues_of(turns) for turns in conversations], dtype=np.float32)
    return rows.reshape(len(conversations), len(NAMES))


def _cues_of(turns: Sequence[str]) -> list[float]:
    said = soften("\n".join(clip(turn, length=4_000) for turn in turns))
    said = clip(said.replace("’", "'"))
    words = [word.lower() for word in _WORD.findall(said)]
    n_words = max(len(words), 1)
    n_characters = max(len(said), 1)
    found = [min(len(pattern.findall(said)), 3) / 3 for pattern in _COMPILED.values()]
    shape = [
        min(said.count("?"), 4) / 4,
        float(said.rstrip().endswith("?")),
        sum(word in _FIRST for word in words) / n_words * 5,
        sum(word in _SECOND for word in words) / n_words * 5,
        sum(word in _THIRD for word in words) / n_words * 5,
        float(np.log1p(len(words))) / 6,
        float(len(words) < 8),
        float(np.log1p(len(turns))) / 2,
        min(said.count("\n") / n_words * 10, 1.0),
        sum(map(said.count, "0123456789")) / n_characters * 5,
        sum(map(said.count, "{}[]<>=;_#*|\\/")) / n_characters * 10,
        sum(ord(letter) > 591 for letter in said[:2_000]) / min(n_characters, 2_000),
    ]
    return found + shape
