"""Builders of a small corpus: say what matters of a conversation, the rest is filled in."""

from dataclasses import dataclass

import polars as pl

from guidance_atlas import contracts as c
from guidance_atlas.vocab import PRESSING

WEEK = "2026-W10"


@dataclass(frozen=True)
class Chat:
    """One kept conversation and all that was found in it. came_to as in sql/aggregate/facts.sql."""

    id: str
    person: str | None = None  # one of their own
    week: str | None = WEEK
    model: str | None = "m1"
    language: str = "en"
    came_to: str = "guidance"
    reason: str | None = None  # why unscored
    n_user_turns: int = 3
    domain: str | None = "career"  # None: no label
    domain_2: str | None = None
    stakes: str = "low"
    support: frozenset[str] = frozenset()
    events: tuple[tuple[int, str], ...] = ()  # (turn, kind)
    turns: tuple[tuple[int, bool | None], ...] = ()  # (assistant turn, sycophantic)
    sycophantic: bool | None = None
    first: int | None = None
    verdict: bool = True  # False: there is no row at all
    cluster: int | None = None
    counted_as: str | None = None  # whom their accounts are counted as; set person too


def tables(*chats: Chat, set_aside: tuple[tuple[str, str], ...] = ()) -> dict[str, pl.DataFrame]:
    """The frames that aggregate reads, by the name of its parameters. set_aside is (outcome, code) per record."""
    guided = [chat for chat in chats if chat.came_to == "guidance"]
    conversations = [_conversation(i, chat) for i, chat in enumerate(chats)]
    return {
        "roster": _roster(chats, set_aside),
        "conversations": _frame(c.Conversations, conversations),
        "glanced": _frame(c.Glanced, [_glanced(chat) for chat in chats]),
        "screened": _frame(
            c.Screened,
            [
                {
                    "conversation_id": chat.id,
                    "score": None,
                    "guidance": {"guidance": True, "not_guidance": False}.get(chat.came_to),
                    "reason": chat.reason or "too_short" if chat.came_to == "unscored" else None,
                }
                for chat in chats
                if chat.came_to in ("guidance", "not_guidance", "unscored")
            ],
        ),
        "labels": _frame(c.Labels, [_label(chat) for chat in guided if chat.domain]),
        "events": _frame(
            c.Events,
            [
                {"conversation_id": chat.id, "turn": turn, "kind": kind, "presses": kind in PRESSING, "score": 0.9}
                for chat in guided
                for turn, kind in chat.events
            ],
        ),
        "turn_verdicts": _frame(
            c.TurnVerdicts,
            [
                {"conversation_id": chat.id, "turn": turn, "candor": None, "sycophantic": told, "reason": None}
                for chat in guided
                for turn, told in chat.turns
            ],
        ),
        "verdicts": _frame(
            c.Verdicts,
            [
                {
                    "conversation_id": chat.id,
                    "candor": None,
                    "sycophantic": chat.sycophantic,
                    "first_sycophantic_turn": chat.first,
                    "reason": None if chat.sycophantic is not None else "not_judged",
                    "card": "card",
                }
                for chat in guided
                if chat.verdict
            ],
        ),
        "clusters": _frame(
            c.Clusters,
            [{"conversation_id": chat.id, "cluster_id": chat.cluster, "strength": None} for chat in guided],
        ),
        "clumps": _frame(
            c.Clumps,
            [
                {"person_key": chat.person, "counted_as": chat.counted_as, "joined_by": "near_copy"}
                for chat in guided
                if chat.counted_as
            ],
        ),
    }


def _frame(table: type[c.Table], rows: list[dict[str, object]]) -> pl.DataFrame:
    empty = table.create_empty()
    return table.validate(pl.DataFrame(rows, schema=empty.schema) if rows else empty, cast=True)


def _conversation(record: int, chat: Chat) -> dict[str, object]:
    return {
        "record": record,
        "outcome": "kept",
        "code": None,
        "conversation_id": chat.id,
        "content_key": f"content of {chat.id}",
        "person_key": chat.person or f"person of {chat.id}",
        "person_known": chat.person is not None,
        "day": None,
        "week": chat.week,
        "model": chat.model,
        "language": chat.language,
        "n_turns": 2 * chat.n_user_turns,
        "n_user_turns": chat.n_user_turns,
        "n_unread": 0,
    }


def _glanced(chat: Chat) -> dict[str, object]:
    unsupported, dropped = chat.came_to == "language_unsupported", chat.came_to == "dropped_by_glance"
    return {
        "conversation_id": chat.id,
        "score": None,
        "kept": not (unsupported or dropped),
        "reason": "language" if unsupported else None,
    }


def _label(chat: Chat) -> dict[str, object]:
    kinds = ("friends", "family", "professional", "digital", "no_access")
    return {
        "conversation_id": chat.id,
        "domain": chat.domain,
        "domain_score": 0.9,
        "domain_2": chat.domain_2,
        "stakes": chat.stakes,
        "stakes_score": 0.9,
    } | {f"support_{kind}": kind in chat.support for kind in kinds}


def _roster(chats: tuple[Chat, ...], set_aside: tuple[tuple[str, str], ...]) -> pl.DataFrame:
    kept = [(chat.id, "kept", None) for chat in chats]
    aside = [
        (None if outcome == "quarantined" else f"aside {i}", outcome, code)
        for i, (outcome, code) in enumerate(set_aside)
    ]
    rows = [
        {"position": 0, "record": i, "part": "p", "conversation_id": id_, "outcome": outcome, "code": code}
        for i, (id_, outcome, code) in enumerate(kept + aside)
    ]
    return _frame(c.Roster, rows)
