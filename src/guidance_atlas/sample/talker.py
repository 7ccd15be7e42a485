"""Writes the turns of one planned conversation, and the truth about them."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from guidance_atlas.sample.advice import THANKS, Adviser
from guidance_atlas.sample.grammar import Line, Teller
from guidance_atlas.sample.private import draw_kind, particulars
from guidance_atlas.sample.rates import Rates
from guidance_atlas.sample.script import Plan, Urns
from guidance_atlas.sample.voice import spoken
from guidance_atlas.sample.wording import VERBATIM, Situation, Tongue, Wording

OPEN, LIFE, CLOSE, BRIEF, LONG = 0.42, 0.3, 0.25, 0.36, 0.1
OPEN_BRIEF, THANKED = 0.62, 0.3
LEAN, SURE, PLAIN_ASK = 0.85, 0.5, 0.75
ORDERS = (0.45, 0.7, 0.88)

REQUEST = 0.14
OPEN_ELSEWHERE, LIFE_ELSEWHERE, CLOSE_ELSEWHERE = 0.16, 0.05, 0.14
PLANS = (
    "I'd ",
    "I would ",
    "I'll ",
    "I'm going to ",
    "I want to ",
    "I think I'll ",
    "My plan is to ",
    "I might ",
    "I'm tempted to ",
    "I was going to ",
)
NO_INFINITIVE = ("rather", "like", "sooner", "say sorry")
ENDINGS = ".!?:,;)\n"
LOWER_NAMES = ("lower", "slang")


@dataclass(slots=True)
class Written:
    """One conversation's words (user and assistant in turn), and what is true of them."""

    turns: list[str]
    stakes: str | None = None
    support: tuple[str, ...] = ()
    pushback: list[tuple[int, str]] = field(default_factory=list)
    sycophantic_turns: list[int] = field(default_factory=list)
    pii: list[str] = field(default_factory=list)
    situation: str = ""


def write_talk(plan: Plan, wording: Wording, *, urns: Urns, rates: Rates, rng: Random) -> Written:
    """Write one conversation: each user turn is followed by the assistant's."""
    tongue = wording.tongues[plan.language]
    teller = Teller(rng, wording.words, VERBATIM)
    if plan.domain is None:
        written = _other(plan, tongue, teller, urns)
    else:
        written = _Guided(plan, tongue, teller, urns, rates).write()
    if rng.random() < rates.private:
        _plant(written, plan, wording, teller)
    english = plan.language == "en"
    for number, text in enumerate(written.turns):
        said = spoken(text, voice=plan.voice, rng=rng, english=english) if number % 2 == 0 else text
        written.turns[number] = teller.release(said)
    return written


class _Guided:
    """A conversation in which a person asks what they themselves should do."""

    def __init__(self, plan: Plan, tongue: Tongue, teller: Teller, urns: Urns, rates: Rates) -> None:
        self.plan, self.tongue, self.teller, self.urns, self.rates = plan, tongue, teller, urns, rates
        self.situation: Situation = teller.pick(tongue.situations[plan.domain or ""])
        self.written = Written([], stakes=self.situation.stakes, situation=self.situation.id)
        self.unsaid = list(self.situation.more)
        teller.rng.shuffle(self.unsaid)
        self.followups = list(tongue.frames.get("followup", tongue.frames["ask"]))
        teller.rng.shuffle(self.followups)
        self.nexts = list(self.situation.next)
        self.leans = bool(plan.events) or plan.sycophantic or teller.rng.random() < LEAN
        self.adviser = Adviser(self.situation, tongue.frames, teller)

    def write(self) -> Written:
        """Write all turns."""
        kinds = {event.user_turn: event.kind for event in self.plan.events}
        self.written.turns += [self._first(), ""]
        self._answer(0, None)
        for turn in range(1, self.plan.n_user_turns):
            kind = kinds.get(turn)
            if kind:
                self.written.pushback.append((2 * turn, kind))
            elif turn == self.plan.n_user_turns - 1 and "thanks" in self.tongue.frames:
                kind = THANKS if self.teller.rng.random() < THANKED else None
            self.written.turns += [self._said(kind), ""]
            self._answer(turn, kind)
        return self.written

    def _answer(self, turn: int, kind: str | None) -> None:
        yields = self.plan.sycophantic and (turn > 0 or not self.plan.pressed)
        text, flattered = self.adviser.answer(
            turn, kind, sycophantic=yields, leans=self.leans, pressed=self.plan.pressed
        )
        self.written.turns[-1] = text
        if flattered:
            self.written.sycophantic_turns.append(2 * turn + 1)

    def _first(self) -> str:
        teller, frames, chance = self.teller, self.tongue.frames, self.teller.rng.random
        draw = chance()
        parts = self._brief() if draw < BRIEF else self._told(long=draw > 1 - LONG)
        parts += self._support()
        if chance() < (OPEN_BRIEF if draw < BRIEF else OPEN):
            parts.insert(0, teller.any(frames["open"]))
        if draw >= BRIEF and chance() < CLOSE:
            parts.append(teller.any(frames["close"]))
        return _joined(parts, teller.rng)

    def _brief(self) -> list[str]:
        asked, lean = self.teller.any(self.situation.brief), self._leaning()
        if not lean:
            lean = [self.teller.any(self.situation.ask)] if self.teller.rng.random() < 0.5 else []
            return [asked, *lean]
        return [*lean, asked] if len(lean) == 1 and self.teller.rng.random() < 0.3 else [asked, *lean]

    def _leaning(self) -> list[str]:
        """What the person is inclined to do, if told, often with a question whether that is right."""
        if not self.leans:
            return []
        lean = [self._lean()]
        sure = self.tongue.frames.get("sure")
        return [*lean, self.teller.any(sure)] if sure and self.teller.rng.random() < SURE else lean

    def _lean(self) -> str:
        """The plan in one of many beginnings, so that none of them is a mark of leaning."""
        text = self.teller.any(self.situation.lean)
        rest = text.removeprefix("I'd ")
        if rest == text or rest.startswith(NO_INFINITIVE):
            return text
        return self.teller.pick(PLANS) + rest

    def _told(self, *, long: bool) -> list[str]:
        """The situation at length; long ones bring a history of up to some hundred words."""
        teller, frames, chance = self.teller, self.tongue.frames, self.teller.rng.random
        told = teller.any(self.situation.say)
        ask = teller.any(self.situation.ask if chance() < PLAIN_ASK else frames["ask"])
        lean = " ".join(self._leaning())
        n_details = len(self.unsaid) if long else min(len(self.unsaid), int(chance() * (len(self.unsaid) + 1.6)))
        details = [teller.say(self.unsaid.pop()) for _ in range(n_details)]
        around = self._around(long=long)
        orders = (
            [told, *around, *details, lean, ask],
            [told, *details, *around, lean, ask],
            [*around, told, lean, *details, ask],
            [ask, told, *around, *details, lean],
        )
        return list(orders[bisect(ORDERS, chance())])

    def _around(self, *, long: bool) -> list[str]:
        """Sentences about the person's life that belong to no situation; none where the language has none."""
        teller, chance = self.teller, self.teller.rng.random
        life, history = (list(self.tongue.frames.get(name, ())) for name in ("life", "history"))
        if not life or not (long or chance() < LIFE):
            return []
        n_life, n_history = (2 + int(chance() * 3), 1 + int(chance() * 8)) if long else (1 + int(chance() * 3), 0)
        return [teller.say(line) for line in teller.rng.sample(life, n_life) + teller.rng.sample(history, n_history)]

    def _support(self) -> list[str]:
        kinds = set(self.situation.support)
        said = []
        if not kinds and "friends" in self.tongue.frames and self.teller.rng.random() < self.rates.support:
            kind = self.urns.support.draw(self.teller.rng)
            kinds.add(kind)
            said.append(self.teller.any(self.tongue.frames[kind]))
        self.written.support = tuple(sorted(kinds))
        return said

    def _said(self, kind: str | None) -> str:
        if kind == THANKS:
            return self.teller.any(self.tongue.frames["thanks"])
        return self._push(kind) if kind else self._go_on()

    def _push(self, kind: str) -> str:
        teller = self.teller
        sides = [self.unsaid.pop() for _ in range(min(2, len(self.unsaid)))] or [teller.pick(self.situation.more)]
        teller.memo["side"] = " ".join(teller.say(line) for line in sides) if kind == "one_sided" else ""
        teller.memo["lean"] = self._lean()
        teller.memo["fact"] = teller.any(self.situation.fact)
        return teller.any(self.tongue.pushback[kind])

    def _go_on(self) -> str:
        teller, chance = self.teller, self.teller.rng.random
        asked = teller.say(self.followups[0])
        self.followups.append(self.followups.pop(0))
        if self.unsaid and chance() < 0.3:
            return _joined([teller.say(self.unsaid.pop()), asked], teller.rng)
        if self.nexts and chance() < 0.5:
            return teller.say(self.nexts.pop())
        return asked


def _other(plan: Plan, tongue: Tongue, teller: Teller, urns: Urns) -> Written:
    """A conversation in which nobody asks what to do in their own life."""
    talk = tongue.talks[urns.talks[plan.language].draw(teller.rng)]
    frames, chance = tongue.frames, teller.rng.random
    parts = [teller.any(talk.ask)]
    if "request" in frames and chance() < REQUEST:
        parts.insert(0, teller.any(frames["request"]))
    if chance() < OPEN_ELSEWHERE:
        parts.insert(0, teller.any(frames["open"]))
    if "life" in frames and chance() < LIFE_ELSEWHERE:
        parts.append(teller.any(frames["life"]))
    if chance() < CLOSE_ELSEWHERE:
        parts.append(teller.any(frames["close"]))
    written = Written([_joined(parts, teller.rng), teller.any(talk.reply)], situation=talk.id)
    unsaid = list(talk.next)
    for turn in range(1, min(plan.n_user_turns, 1 + len(unsaid))):
        kind, line = unsaid.pop(int(chance() * len(unsaid)))
        if kind:
            written.pushback.append((2 * turn, kind))
        written.turns += [teller.say(line), teller.any(talk.reply)]
    return written


def _plant(written: Written, plan: Plan, wording: Wording, teller: Teller) -> None:
    """Say something private in one of the person's turns, and note the exact words."""
    rng = teller.rng
    kind = draw_kind(plan.domain, rng=rng)
    lower = plan.voice in LOWER_NAMES and rng.random() < 0.5
    found = particulars(kind, wording.private, rng=rng, lower=lower)
    line: Line = teller.pick(wording.private_lines[kind])
    teller.memo.update({name: teller.hold(value) for name, value in found.items()})
    sentence = teller.say(line)
    turn = 0 if rng.random() < 0.7 else 2 * int(rng.random() * (len(written.turns) // 2))
    written.turns[turn] = _joined([written.turns[turn], sentence], rng)
    written.pii += [value for name, value in found.items() if teller.memo[name] in sentence]


def _joined(parts: Sequence[str], rng: Random) -> str:
    """Put sentences behind one another; what ends in the air gets a mark."""
    mark = "\n\n" if rng.random() < 0.1 else " "
    said = [part for part in parts if part]
    closed = [part if part[-1] in ENDINGS else part + ("." if rng.random() < 0.7 else ",") for part in said[:-1]]
    return mark.join([*closed, *said[-1:]])
