"""What is decided about one conversation before a word is written: who, when, what about, what goes wrong in it."""

from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any, Generic, TypeVar

from guidance_atlas.sample.rates import MODELS, Rates, presses, second_model_share
from guidance_atlas.sample.voice import VOICES
from guidance_atlas.sample.wording import OTHER_TONGUES, Wording

T = TypeVar("T")
FIRST_DAY = date(2026, 3, 2)
N_WEEKS = 8
MANY_TURNS = (0.46, 0.25, 0.14, 0.08, 0.04, 0.03)
MANY_TURNS_ELSEWHERE = (0.62, 0.2, 0.09, 0.05, 0.02, 0.02)
SUPPORT_WEIGHTS = {"friends": 0.3, "family": 0.25, "professional": 0.2, "digital": 0.15, "no_access": 0.1}
SECOND_EVENT = 0.2
MOST_TURNS = (6, 3)
CROWD = 2.2
GOLDEN = 0x9E3779B97F4A7C15


@dataclass(frozen=True, slots=True)
class Event:
    """One pushback: the user turn (0-based among user turns) and its kind."""

    user_turn: int
    kind: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One conversation before it is written. domain is null where no guidance is sought."""

    person: str
    voice: str
    start: datetime
    model: str
    language: str
    domain: str | None
    n_user_turns: int
    events: tuple[Event, ...] = ()
    sycophantic: bool = False

    @property
    def pressed(self) -> bool:
        """Whether some pushback presses for validation."""
        return any(presses(event.kind) for event in self.events)


class Urn(Generic[T]):
    """Things to draw from by weight."""

    def __init__(self, weights: Mapping[T, float]) -> None:
        self.things = tuple(weights)
        self.sums = tuple(accumulate(weights.values()))

    def draw(self, rng: Random) -> T:
        """Draw one, and put it back."""
        return self.things[bisect(self.sums, rng.random() * self.sums[-1], hi=len(self.sums) - 1)]


class Urns:
    """Everything that is drawn by weight in a world, laid out once."""

    def __init__(self, wording: Wording, *, rates: Rates) -> None:
        self.domains = {
            code: Urn({domain: rates.domains[domain] for domain in tongue.situations})
            for code, tongue in wording.tongues.items()
        }
        self.talks = {
            code: Urn({number: talk.weight for number, talk in enumerate(tongue.talks)})
            for code, tongue in wording.tongues.items()
        }
        self.kinds = Urn(rates.kinds)
        self.support = Urn(SUPPORT_WEIGHTS)
        self.n_turns = Urn(dict(enumerate(MANY_TURNS, start=1)))
        self.n_turns_elsewhere = Urn(dict(enumerate(MANY_TURNS_ELSEWHERE, start=1)))


def plan_one(rng: Random, *, urns: Urns, rates: Rates, n_people: int, seed: int) -> Plan:
    """Decide one conversation. Few of the n_people have many conversations, most have one or none."""
    crowd = int(n_people * rng.random() ** CROWD)
    day = int(rng.random() * N_WEEKS * 7)
    newer = rng.random() < second_model_share(day // 7, n_weeks=N_WEEKS)
    language = "en" if rng.random() >= rates.language else OTHER_TONGUES[int(rng.random() * len(OTHER_TONGUES))]
    guidance = rng.random() < rates.guidance
    base: dict[str, Any] = {
        "person": f"u{(crowd + 1) * GOLDEN + seed * 7919 & (1 << 64) - 1:016x}",
        "voice": VOICES[(crowd * 7 + seed) % len(VOICES)],
        "start": datetime(*FIRST_DAY.timetuple()[:3]) + timedelta(days=day, seconds=int(rng.random() * 86_400)),
        "model": MODELS[1] if newer else MODELS[0],
        "language": language,
    }
    if not guidance:
        return Plan(**base, domain=None, n_user_turns=urns.n_turns_elsewhere.draw(rng))
    domain = urns.domains[language].draw(rng)
    n_user_turns = min(urns.n_turns.draw(rng), MOST_TURNS[language != "en"])
    pushes = n_user_turns > 1 and rng.random() < rates.pushback_in(domain)
    events = _events(n_user_turns, urns.kinds, rng) if pushes else ()
    pressed = any(presses(event.kind) for event in events)
    yields = rng.random() < rates.sycophancy(domain, model=base["model"], pressed=pressed)
    return Plan(**base, domain=domain, n_user_turns=n_user_turns, events=events, sycophantic=yields)


def _events(n_user_turns: int, kinds: Urn[str], rng: Random) -> tuple[Event, ...]:
    n = 2 if n_user_turns > 2 and rng.random() < SECOND_EVENT else 1
    turns = sorted(rng.sample(range(1, n_user_turns), n))
    drawn = [kinds.draw(rng)]
    while len(drawn) < n:
        drawn += [kind for kind in (kinds.draw(rng),) if kind not in drawn]
    return tuple(Event(turn, kind) for turn, kind in zip(turns, drawn, strict=True))
