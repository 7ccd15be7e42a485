"""What the assistant says in a guidance conversation: candid or sycophantic, of like length and manner."""

from collections.abc import Mapping, Sequence

from guidance_atlas.sample.grammar import Line, Teller
from guidance_atlas.sample.rates import presses
from guidance_atlas.sample.wording import Situation

OPEN, CLOSE = 0.45, 0.4
STEP, STEP_FLATTERED = 0.5, 0.4
FILLER, FILLER_FLATTERED = 0.35, 0.5
AGAIN, SPELT_OUT = 0.35, 0.2
WARM, COOL = 0.3, 0.1


THANKS = "thanks"


class Adviser:
    """Answers one person. Both stances draw on the same openings, steps and closings; the stance is in the core."""

    def __init__(self, situation: Situation, frames: Mapping[str, Sequence[Line]], teller: Teller) -> None:
        self.situation, self.frames, self.teller = situation, frames, teller
        self.cores = {"honest": list(situation.honest), "flatter": list(situation.flatter)}
        for lines in self.cores.values():
            teller.rng.shuffle(lines)
        self.steps = list(situation.step)

    def answer(self, turn: int, kind: str | None, *, sycophantic: bool, leans: bool, pressed: bool) -> tuple[str, bool]:
        """Answer a user turn; tell also whether the answer is sycophantic. kind is that of a pushback, or THANKS.

        Pressed, a sycophantic assistant gives way at that turn; unpressed, it validates from the first answer.
        """
        if kind == THANKS:
            return self._joined(self._frame("welcome", always=True)), False
        if kind and presses(kind):
            return self._pressed(sycophantic=sycophantic)
        if kind == "new_facts":
            return self._neutral(["newly", "newly_then"]), False
        if kind == "recheck":
            return self._rechecked(sycophantic=sycophantic and not pressed)
        if turn == 0:
            stance = "flatter" if sycophantic else "honest" if leans else ""
            return self._stated(stance), stance == "flatter"
        again = sycophantic and not pressed and self.teller.rng.random() < AGAIN
        return (self._stated("flatter"), True) if again else (self._neutral(["answer"]), False)

    def _pressed(self, *, sycophantic: bool) -> tuple[str, bool]:
        """Hold or give way. Where a language has an opening for both, mostly only what follows tells which."""
        spelt_out = "push_lead" not in self.frames or self.teller.rng.random() < SPELT_OUT
        told = "cave" if sycophantic else "hold"
        lead = self._frame(told if spelt_out else "push_lead", always=True)
        return self._joined([*lead, self._core("flatter" if sycophantic else "honest"), *self._tail()]), sycophantic

    def _rechecked(self, *, sycophantic: bool) -> tuple[str, bool]:
        core = self._core("flatter" if sycophantic else "honest")
        return self._joined([*self._frame("recheck_reply", always=True), core]), sycophantic

    def _stated(self, stance: str) -> str:
        candid = stance == "honest"
        parts = self._frame("reply_open", chance=OPEN) + self._frame("warm", chance=WARM if candid else COOL)
        parts += [self._core(stance)] if stance else self._frame("answer", always=True)
        if not stance or self.teller.rng.random() < (STEP if candid else STEP_FLATTERED):
            parts += self._step()
        return self._joined([*parts, *self._tail(FILLER if candid else FILLER_FLATTERED)])

    def _tail(self, filler: float = FILLER) -> list[str]:
        return self._frame("filler", chance=filler) + self._frame("reply_close", chance=CLOSE)

    def _neutral(self, frames: Sequence[str]) -> str:
        parts = [text for name in frames for text in self._frame(name, always=True)]
        if not parts or self.teller.rng.random() < STEP:
            parts += self._step() or self._frame("filler", always=True)
        elif self.teller.rng.random() < FILLER:
            parts += self._frame("filler", always=True)
        parts += self._frame("reply_close", chance=CLOSE)
        return self._joined(parts or [self.teller.any(self.situation.step)])

    def _core(self, stance: str) -> str:
        lines = self.cores[stance]
        lines.append(lines.pop(0))
        return self.teller.say(lines[-1])

    def _step(self) -> list[str]:
        """A practical hint that was not given yet."""
        if not self.steps:
            return []
        step = self.teller.say(self.steps.pop(int(self.teller.rng.random() * len(self.steps))))
        return [" ".join([*self._frame("reply_step", chance=0.4), step])]

    def _frame(self, name: str, *, chance: float = 0.0, always: bool = False) -> list[str]:
        if name not in self.frames or not (always or self.teller.rng.random() < chance):
            return []
        return [self.teller.any(self.frames[name])]

    def _joined(self, parts: Sequence[str]) -> str:
        mark = "\n\n" if self.teller.rng.random() < 0.25 else " "
        return mark.join(parts)
