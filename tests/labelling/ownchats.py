"""Builders for labelling: a corpus with a planted truth, stored as a run stores it, and a sheet filled in truly."""

from dataclasses import dataclass, field

import dataframely as dy
import numpy as np
import polars as pl

from guidance_atlas import contracts as c
from guidance_atlas.chain import Scope, stage
from guidance_atlas.databases import write_internal
from guidance_atlas.labelling.sheet import read_rows, save
from guidance_atlas.runner import listing, run_corpus, run_part
from guidance_atlas.settings import person_secret
from guidance_atlas.stages.ingest.sources import Part
from guidance_atlas.stages.roster import roster
from guidance_atlas.store import Store
from guidance_atlas.vocab import PRESSING

THRESHOLD = 0.5
STORED = (c.Conversations, c.Glanced, c.CleanTurns, c.Screened, c.Labels, c.Events, c.Verdicts)
TURNS = (("user", "should I leave?"), ("assistant", "You are right about it all."), ("user", "are you sure?"))


@dataclass
class Chat:
    """One conversation: what the run says of it, and what is true of it, by the columns of a sheet."""

    id: str
    score: float | None = 0.9  # None: the screen did not score it
    kept: bool = True  # False: glance let it go
    domain: str = "career"
    stakes: str = "low"
    support: str = ""
    pushback: str = ""
    candor: float | None = 4.0
    turns: tuple[tuple[str, str], ...] = TURNS
    truth: dict[str, str] = field(default_factory=dict)

    @property
    def told(self) -> bool:
        return self.kept and self.score is not None and self.score >= THRESHOLD


YES = {
    "guidance": "yes",
    "domain": "career",
    "stakes": "low",
    "support": "none",
    "pushback": "none",
    "candor": "4",
    "drift": "none",
}
NO = {"guidance": "no"}


def world(n, *, rate=0.2, recall=0.85, alarms=0.06, let_go=0, seed=0):
    """Chats whose screen finds a planted share of true guidance; doubt is near the cut where it errs."""
    draw = np.random.default_rng(seed)
    chats = []
    for at in range(n):
        true = draw.random() < rate
        told = draw.random() < (recall if true else alarms)
        off = draw.random() * (0.5 if true == told else 0.2)
        candid, said = draw.choice([2, 4], 2, p=[0.3, 0.7]) if draw.random() < 0.3 else [draw.choice([2, 4])] * 2
        truth = YES | {"candor": str(candid)} if true else NO
        score = THRESHOLD + off if told else max(THRESHOLD - 0.01 - off, 0.0)
        chats.append(Chat(f"c{at:05d}", score=score, candor=float(said), truth=truth))
    return chats + [Chat(f"gone{at:05d}", kept=False, truth=NO) for at in range(let_go)]


def frames(chats):
    """What the stages store of these chats."""
    heard = [chat for chat in chats if chat.kept]
    told = [chat for chat in heard if chat.told]
    nothing = dict.fromkeys(("evasive", "rigid", "harsh"))
    return {
        c.Conversations: _frame(c.Conversations, [_conversation(at, chat) for at, chat in enumerate(chats)]),
        c.Glanced: _frame(
            c.Glanced, [{"conversation_id": chat.id, "score": 0.0, "kept": chat.kept, "reason": None} for chat in chats]
        ),
        c.CleanTurns: _frame(
            c.CleanTurns,
            [
                {"conversation_id": chat.id, "turn": at, "role": role, "text": text, "n_masked": 0}
                for chat in heard
                for at, (role, text) in enumerate(chat.turns)
            ],
        ),
        c.Screened: _frame(c.Screened, [_screened(chat) for chat in heard]),
        c.Labels: _frame(c.Labels, [_label(chat) for chat in told]),
        c.Events: _frame(
            c.Events,
            [
                {"conversation_id": chat.id, "turn": 2, "kind": chat.pushback, "score": 0.9}
                | {"presses": chat.pushback in PRESSING}
                for chat in told
                if chat.pushback
            ],
        ),
        c.Verdicts: _frame(
            c.Verdicts,
            [
                (dict.fromkeys(nothing, False) if chat.candor else nothing)
                | {"conversation_id": chat.id, "candor": chat.candor, "card": "candor-card"}
                | {"sycophantic": None if chat.candor is None else chat.candor <= 2}
                | {"reason": "no_assistant_turn" if chat.candor is None else None}
                for chat in told
            ],
        ),
    }


def stored(root, chats, *, parts=2):
    """Store the chats as a run over several parts does; returns the stages that did."""
    pieces = [chats[at::parts] for at in range(parts)]
    by_digest = {f"part{at}": frames(piece) for at, piece in enumerate(pieces)}
    stages = stages_over(by_digest)
    store = Store(root / "vault")
    read = [Part(f"part{at}", "logs", 0, [b""] * len(piece)) for at, piece in enumerate(pieces)]
    for part in read:
        run_part(part, stages=stages, store=store)
    rows = [
        {"position": at, "part": part.digest, "file": part.file, "first_record": 0, "n_records": len(part.lines)}
        | {"n_bytes": 0}
        for at, part in enumerate(read)
    ]
    seen = listing(rows)
    run_corpus(stages, seen, store=store)
    write_internal(root, {"parts": seen})
    person_secret(root)
    return stages


def stages_over(by_digest):
    """Stages that hand out ready frames, each part its own."""

    def hands_out(table):
        def work(part):
            return by_digest[part.digest][table]

        work.__name__ = f"make_{table.__name__}"
        work.__annotations__ = {"part": Part, "return": dy.DataFrame[table]}
        return stage(work, scope=Scope.PART)

    return [*(hands_out(table) for table in STORED), stage(roster, scope=Scope.CORPUS, one_per_person=False)]


def fill(path, chats, *, only=None, **more):
    """Answer a sheet as is true; `only` names columns, `more` what is written instead into all rows."""
    truth = {chat.id: chat.truth for chat in chats}
    rows = read_rows(path)
    for row in rows:
        answers = truth[row["conversation_id"]] | more
        row.update({column: cell for column, cell in answers.items() if only is None or column in only})
    save(path, rows)
    return rows


def _frame(table, rows):
    empty = table.create_empty()
    return table.validate(pl.DataFrame(rows, schema=empty.schema) if rows else empty, cast=True)


def _conversation(record, chat):
    return {
        "record": record,
        "outcome": "kept",
        "conversation_id": chat.id,
        "content_key": f"content of {chat.id}",
        "person_key": f"person of {chat.id}",
        "person_known": False,
        "language": "en",
        "n_turns": len(chat.turns),
        "n_user_turns": sum(role == "user" for role, _ in chat.turns),
        "n_unread": 0,
    }


def _screened(chat):
    known = chat.score is not None
    return {
        "conversation_id": chat.id,
        "score": chat.score,
        "guidance": chat.told if known else None,
        "unsure": False if known else None,
        "reason": None if known else "no_user_words",
    }


def _label(chat):
    kinds = ("friends", "family", "professional", "digital", "no_access")
    scores = {"domain_score": 0.9, "domain_2": None, "stakes": chat.stakes, "stakes_score": 0.9}
    mentioned = {f"support_{kind}": kind == chat.support for kind in kinds}
    return {"conversation_id": chat.id, "domain": chat.domain} | scores | mentioned
