"""Writes a world of invented people: their chat logs in four formats, and beside them the truth about each."""

import gzip
import io
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import IO

import orjson

from guidance_atlas.sample.formats import MALFORMED_ITEMS, MALFORMED_LINES, SOURCES, Source
from guidance_atlas.sample.rates import SYCOPHANCY, Rates, planted
from guidance_atlas.sample.script import Plan, Urns, plan_one
from guidance_atlas.sample.talker import Written, write_talk
from guidance_atlas.sample.wording import wording

REMEMBERED = 40


@dataclass(frozen=True)
class World:
    """Where a world lies and what was put in it.

    n_conversations counts distinct conversations; n_duplicates exact repeats of them; n_malformed unusable records.
    logs holds n_conversations + n_duplicates + n_malformed records in all. n_sycophantic and n_pushback count guidance
    conversations. planted are the rates asked for; planted_sycophancy is that of the older model when nobody presses.
    """

    folder: Path
    logs: Path
    truth: Path
    seed: int
    n_conversations: int
    n_duplicates: int
    n_malformed: int
    n_people: int
    n_guidance: int
    n_sycophantic: int
    n_pushback: int
    n_private: int
    records: Mapping[str, int]
    malformed: Mapping[str, int]
    domains: Mapping[str, int]
    planted: Mapping[str, float]
    planted_sycophancy: Mapping[str, float]


@dataclass(slots=True)
class _Tally:
    people: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    malformed: Counter[str] = field(default_factory=Counter)
    domains: Counter[str] = field(default_factory=Counter)


def write_world(
    folder: Path, *, conversations: int, seed: int, guidance_rate: float | None = None, rates: Rates | None = None
) -> World:
    """Write conversations to folder/logs and the truth to folder/truth/truth.jsonl, one line per usable record.

    The same numbers give the same bytes. A line of truth carries ids, labels, and the exact private strings that were
    planted; it has no other words. guidance_rate stands for the share of guidance in rates. Memory does not grow with
    the world, but for the set of people.
    """
    rates = rates or (Rates() if guidance_rate is None else Rates(guidance=guidance_rate))
    logs, truth = folder / "logs", folder / "truth"
    logs.mkdir(parents=True, exist_ok=True)
    truth.mkdir(parents=True, exist_ok=True)
    rng = Random(f"{seed}/{conversations}")  # noqa: S311  invented people, no secrets
    tally = _Tally()
    with ExitStack() as stack:
        told = stack.enter_context((truth / "truth.jsonl").open("wb"))
        outs = [stack.enter_context(_opened(logs, source)) for source in SOURCES]
        _write_all(outs, told, tally, conversations=conversations, seed=seed, rates=rates, rng=rng)
    world = World(
        folder=folder,
        logs=logs,
        truth=truth / "truth.jsonl",
        seed=seed,
        n_conversations=conversations,
        n_duplicates=tally.counts["duplicates"],
        n_malformed=tally.malformed.total(),
        n_people=len(tally.people),
        n_guidance=tally.counts["guidance"],
        n_sycophantic=tally.counts["sycophantic"],
        n_pushback=tally.counts["pushback"],
        n_private=tally.counts["private"],
        records=dict(tally.records),
        malformed=dict(tally.malformed),
        domains=dict(tally.domains),
        planted=planted(rates),
        planted_sycophancy=dict(SYCOPHANCY),
    )
    (truth / "world.json").write_bytes(orjson.dumps(_told(world), option=orjson.OPT_INDENT_2))
    return world


def _write_all(
    outs: list["_Out"], told: IO[bytes], tally: _Tally, *, conversations: int, seed: int, rates: Rates, rng: Random
) -> None:
    words = wording()
    urns, n_people = Urns(words, rates=rates), max(1, int(conversations * rates.people_per_conversation))
    bad_at = Counter(int(rng.random() * conversations) for _ in range(rates.n_malformed))
    for number in range(conversations):
        plan = plan_one(rng, urns=urns, rates=rates, n_people=n_people, seed=seed)
        written = write_talk(plan, words, urns=urns, rates=rates, rng=rng)
        out = outs[int(rng.random() * len(outs))]
        talk_id = f"{rng.getrandbits(64):016x}"
        record = orjson.dumps(out.source.record(talk_id, plan.person, plan.start, plan.model, written.turns))
        line = truth_of(talk_id, out.source.file, plan, written)
        out.put(record)
        told.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        _count(tally, plan, written)
        out.past.append((record, line))
        if rng.random() < rates.duplicates:
            record, line = out.past[int(rng.random() * len(out.past))]
            out.put(record)
            told.write(orjson.dumps(line | {"is_duplicate": True}, option=orjson.OPT_APPEND_NEWLINE))
            tally.counts["duplicates"] += 1
        for _ in range(bad_at[number]):
            out = outs[int(rng.random() * len(outs))]
            bad = MALFORMED_LINES if out.source.lines else MALFORMED_ITEMS
            kind = list(bad)[int(rng.random() * len(bad))]
            out.put(bad[kind])
            tally.malformed[kind] += 1
    tally.records.update({out.source.file: out.n for out in outs})


def truth_of(talk_id: str, file: str, plan: Plan, written: Written) -> dict[str, object]:
    """What is true of one conversation. Turns count user and assistant together, from 0."""
    year, week, _ = plan.start.isocalendar()
    guidance = plan.domain is not None
    return {
        "id": talk_id,
        "file": file,
        "person": plan.person,
        "day": plan.start.date().isoformat(),
        "week": f"{year}-W{week:02d}",
        "model": plan.model,
        "language": plan.language,
        "situation": written.situation,
        "n_user_turns": len(written.turns) // 2,
        "guidance": guidance,
        "domain": plan.domain,
        "stakes": written.stakes,
        "support": list(written.support),
        "pushback": [{"turn": turn, "kind": kind} for turn, kind in written.pushback],
        "sycophantic": bool(written.sycophantic_turns) if guidance else None,
        "sycophantic_turns": written.sycophantic_turns,
        "pii": written.pii,
        "is_duplicate": False,
    }


def _count(tally: _Tally, plan: Plan, written: Written) -> None:
    tally.people.add(plan.person)
    tally.counts["private"] += bool(written.pii)
    if plan.domain is not None:
        tally.domains[plan.domain] += 1
        tally.counts.update(guidance=1, sycophantic=bool(written.sycophantic_turns), pushback=bool(written.pushback))


def _told(world: World) -> dict[str, object]:
    places = ("folder", "logs", "truth")
    return {name: value for name, value in vars(world).items() if name not in places}


@dataclass(slots=True)
class _Out:
    """One open file of logs, and the last conversations put in it."""

    source: Source
    stream: IO[bytes]
    n: int = 0
    past: deque[tuple[bytes, dict[str, object]]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def put(self, record: bytes) -> None:
        if not self.source.lines:
            self.stream.write(b",\n" if self.n else b"[\n")
        self.stream.write(record + b"\n" if self.source.lines else record)
        self.n += 1


@contextmanager
def _opened(logs: Path, source: Source) -> Iterator[_Out]:
    with (logs / source.file).open("wb") as raw, _packed(raw, source) as stream:
        out = _Out(source, stream)
        yield out
        if not source.lines:
            stream.write(b"\n]\n" if out.n else b"[]\n")


@contextmanager
def _packed(raw: IO[bytes], source: Source) -> Iterator[IO[bytes]]:
    if not source.file.endswith(".gz"):
        yield raw
        return
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=raw, mtime=0) as packed,
        io.BufferedWriter(packed) as stream,
    ):
        yield stream
