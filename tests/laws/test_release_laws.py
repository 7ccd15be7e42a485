"""What must hold of any two or three releases, tried by a reader of our own who is told nothing of how they were held.

The reader knows conversations with guidance, judged ones, sycophantic ones and those of each level of stakes, by
domain, week and model; takes it that a number which did not change is the same; subtracts, and fills single gaps
in the sums of each release and of their differences. Who stands behind a change is counted from the chats.
"""

import random
from dataclasses import replace
from functools import cache
from itertools import product

import polars as pl
import pytest
from corpus import Chat, tables

from guidance_atlas import contracts as c
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.stages.aggregate import aggregate
from guidance_atlas.stages.carry_forward import carry_forward
from guidance_atlas.stages.hold_back import hold_back
from guidance_atlas.stages.protect import protect

ALL, NONE = "all", c.ClusterNames.create_empty()
DOMAINS, WEEKS, MODELS = ("career", "legal"), ("2026-W01", "2026-W02", "2026-W03"), ("m1", "m2")
SEEDS = (
    5,
    35,
    40,
    6,
    16,
    21,
    7,
    17,
    22,
    3,
    23,
    28,
    4,
    19,
    34,
)  # three of each step; all but the last tell without the rule
STEPS = ("more weeks", "some late", "one forgotten", "other labels", "other rules")


def corpus(draw, n):
    return [
        Chat(
            f"c{i}",
            person=f"p{draw.randrange(1 + 3 * n // 4)}",
            week=draw.choice(WEEKS),
            model=draw.choices(MODELS, [3, 1])[0],
            domain=draw.choices(DOMAINS, [3, 1])[0],
            stakes=draw.choices(["low", "medium", "high"], [6, 3, 1])[0],
            sycophantic=draw.choices([True, False, None], [3, 5, 1])[0],
        )
        for i in range(n)
    ]


def history(seed):
    """Conversations and minimum of each release, one after the other."""
    draw = random.Random(seed)
    whole, least, step = corpus(draw, 20 + 7 * (seed % 6)), 3 + seed % 3, STEPS[seed % len(STEPS)]
    before, first = whole, least
    if step == "more weeks":
        before = [chat for chat in whole if chat.week != WEEKS[2]]
    elif step == "some late":
        before = [chat for chat in whole if chat.week != WEEKS[2] and draw.random() > 0.1]
    elif step == "one forgotten":
        whole = [chat for chat in before if chat.person != before[0].person]
    elif step == "other labels":
        whole = [replace(chat, sycophantic=not chat.sycophantic) if draw.random() < 0.1 else chat for chat in before]
    else:
        first = 2 * least
    return [(before, first), (whole, least), (before, least)][: 2 + seed % 2]


@cache
def protected(seed):
    """Conversations, minimum, cells and what could be told of them alone, of each release."""
    counted, made = {}, []
    for chats, least in history(seed):
        if id(chats) not in counted:
            counted[id(chats)] = aggregate(**tables(*chats), book=SqlBook())
        cells = counted[id(chats)]
        made.append((chats, least, cells, protect(cells, NONE, least_people=least, round_to=1)))
    return made


@cache
def released(seed, *, held=True):
    """Each release with its conversations."""
    told, earlier = [], []
    for chats, least, cells, public in protected(seed):
        if held:
            public = hold_back(cells, NONE, public, earlier=earlier, least_people=least)
        earlier.append(carry_forward(cells, NONE, public, earlier=earlier, least_people=least)[1])
        told.append((chats, least, numbers(public)))
    return told


def numbers(public):
    """What the reader sees: (kind, domain, week, model) -> conversations."""
    seen = {}
    for row in public.filter(pl.col("status") == "shown", ~pl.col("cut").is_in(["language", "cluster"])).to_dicts():
        group, measure = (row["domain"], row["week"], row["model"]), row["measure"]
        if measure in ("guidance_conversations", "domain_share"):
            seen["guidance", *group] = row["numerator"]
        if measure == "domain_share":
            seen["guidance", ALL, *group[1:]] = row["denominator"]
        if measure == "sycophantic" and row["facet"] == ALL:
            seen["sycophantic", *group], seen["judged", *group] = row["numerator"], row["denominator"]
        if measure == "stakes":
            seen["stakes " + row["facet"], *group], seen["guidance", *group] = row["numerator"], row["denominator"]
    return {key: value for key, value in seen.items() if key[1] in (*DOMAINS, ALL)}


def behind(chats, key):
    """The conversations that a number counts, with their people."""
    kind, domain, week, model = key
    return {
        (chat.id, chat.person)
        for chat in chats
        if domain in (ALL, chat.domain) and week in (ALL, chat.week) and model in (ALL, chat.model)
        if kind == "guidance"
        or (kind == "judged" and chat.sycophantic is not None)
        or (kind == "candid" and chat.sycophantic is False)
        or (kind == "sycophantic" and chat.sycophantic is True)
        or kind == f"stakes {chat.stakes}"
    }


def sums():
    kinds = ("guidance", "judged", "sycophantic", "candid", "stakes low", "stakes medium", "stakes high")
    for kind, domain, week, model in product(kinds, (ALL, *DOMAINS), (ALL, *WEEKS), (ALL, *MODELS)):
        here = (kind, domain, week, model)
        for axis, parts in ((1, DOMAINS), (2, WEEKS), (3, MODELS)):
            if here[axis] == ALL:
                yield here, [(*here[:axis], part, *here[axis + 1 :]) for part in parts]
        if kind == "judged":
            yield here, [("sycophantic", *here[1:]), ("candid", *here[1:])]
        if kind == "guidance":
            yield here, [(f"stakes {level}", *here[1:]) for level in ("low", "medium", "high")]


SUMS = list(sums())
KEYS = {key for whole, parts in SUMS for key in (whole, *parts)}


def filled(known):
    known = set(known)
    while True:
        gaps = [[key for key in (whole, *parts) if key not in known] for whole, parts in SUMS]
        fresh = {gap[0] for gap in gaps if len(gap) == 1}
        if not fresh:
            return known
        known |= fresh


def read(old, new, changes, absent):
    """Counts of the new release and changes that the reader of both comes to know."""
    known_old, known_new = filled(old | absent), filled(new)
    known_change = filled({key for key in KEYS if not changes[key]})
    while True:
        size = len(known_old) + len(known_new) + len(known_change)
        known_change = filled(known_change | (known_old & known_new))
        known_new, known_old = (
            filled(known_new | (known_old & known_change)),
            filled(known_old | (known_new & known_change)),
        )
        if size == len(known_old) + len(known_new) + len(known_change):
            return known_new, known_change


def leaks(told):
    """(count, what was told) of everything about few people that the reader learns only through the new release."""
    found = []
    for at, (chats, least, seen) in enumerate(told):
        for before, _, seen_before in told[:at]:
            changes = {key: len(behind(chats, key)) - len(behind(before, key)) for key in KEYS}
            absent = {key for key in KEYS if key[2] != ALL and not any(chat.week == key[2] for chat in before)}
            alone = read(set(seen_before), set(), changes, absent)
            both = read(set(seen_before), set(seen), changes, absent)
            for key in both[0] - alone[0] - filled(set(seen)):
                if 0 < len({person for _, person in behind(chats, key)}) < least:
                    found.append((key, "count"))
            for key in both[1] - alone[1]:
                if changes[key] and len({p for _, p in behind(chats, key) ^ behind(before, key)}) < least:
                    found.append((key, "change"))
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_no_reader_of_all_releases_learns_about_few_people(seed):
    assert leaks(released(seed)) == []


@pytest.mark.parametrize("step", range(len(STEPS) - 1))
def test_without_the_rule_the_reader_does(step):
    """Else the reader above would prove nothing."""
    assert any(leaks(released(seed, held=False)) for seed in SEEDS if seed % len(STEPS) == step)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_told_anew_is_what_one_release_would_tell_and_less(seed):
    for (_, _, alone), (_, _, held) in zip(released(seed, held=False), released(seed), strict=True):
        assert held.items() <= alone.items()
