"""All attacks in a row, on worlds of their own or on the files of a finished run."""

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from guidance_atlas.attacks import canaries, differencing, linear, membership, poisoning, seams
from guidance_atlas.attacks.outcome import EXPOSED, Outcome
from guidance_atlas.attacks.places import PUBLIC, Place, places
from guidance_atlas.attacks.worlds import ALONE, Population, population, tables_of
from guidance_atlas.databases import read_internal
from guidance_atlas.errors import StageError
from guidance_atlas.publish import check_root
from guidance_atlas.sample.world import write_world
from guidance_atlas.settings import ProtectSettings, Settings
from guidance_atlas.stages.scrub.leaks import find_leaks

N_KINDS = 20  # of people in the worlds without words
DELTA = 1e-6  # of public exports
PER_CANARY = 20  # conversations of the world for each canary of a kind


def attack(settings: Settings, *, conversations: int, trials: int, seed: int, found: bool = True) -> Iterator[Outcome]:
    """Run every attack; rows come as they are done. found: also try poisoning with the clusters the pipeline finds.

    conversations is the size of the world that goes through the whole pipeline, trials how often a guess is made.
    """
    yield from plant_canaries(conversations, seed)
    yield from poison(settings, trials, seed, found=found)
    counted = population(N_KINDS, seed=seed)
    yield from compare_releases(counted, settings, trials, seed)
    yield from tell_members(counted, settings, trials, seed)
    if find_spec("opendp"):
        yield from tell_members_in_noise(counted, trials, seed)
    yield from solve_margins(counted, settings, seed)


def plant_canaries(conversations: int, seed: int) -> list[Outcome]:
    """Run the pipeline on a world with planted strings, and look for them in all it leaves."""
    with TemporaryDirectory(prefix="guidance-atlas-attack-") as folder:
        return canaries.find(*planted_run(Path(folder), conversations, seed))


def planted_run(folder: Path, conversations: int, seed: int) -> tuple[list[canaries.Canary], list[Place]]:
    """Write folder/world with canaries in it, run the pipeline over it into folder/root; returns all it left.

    Raises:
        StageError: the run fails.
    """
    rng = Random(seed)  # noqa: S311 - an attacker's dice
    n = max(2, conversations // PER_CANARY)
    logs = write_world(folder / "world", conversations=conversations, seed=seed).logs
    planted = canaries.write(logs / "canaries.jsonl", canaries.identifiers(n, rng), n_unread=8 * n, rng=rng)
    return planted, places(folder / "root", _run(logs, folder / "root"))


def _run(logs: Path, root: Path) -> str:
    """Run the pipeline as an operator does; returns what it printed."""
    command = [sys.executable, "-m", "guidance_atlas", "run", str(logs), "--root", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode:
        raise StageError(f"the run over a planted world ended with exit code {done.returncode}; run it by hand to see")
    return done.stdout + done.stderr


def without(settings: Settings) -> Settings:
    """The same settings, but one person is enough and nothing is rounded."""
    open_to_all = ProtectSettings(inside_people=1, release_people=1, release_round=1)
    return settings.model_copy(update={"protect": open_to_all})


def poison(settings: Settings, trials: int, seed: int, *, found: bool) -> Iterator[Outcome]:
    """Plant conversations round targets."""
    rules, n = settings.protect, min(trials, len(poisoning.TOPICS))
    many = rules.release_people + 5
    for view, least in ((poisoning.RELEASE, rules.release_people), (poisoning.ATLAS, rules.inside_people)):
        ways = [
            poisoning.Way("copies", view, least - 1, many),
            poisoning.Way("copies with an order", view, least - 1, many, injected=True),
            poisoning.Way("no two alike", view, least - 1, many, covered=True),
            poisoning.Way("no two alike, all terms told", view, 2 * least, 2 * least, covered=True),
            *([poisoning.Way("no two alike, clusters found", view, least - 1, many, covered=True, found=True)] * found),
        ]
        for way in ways:
            yield poisoning.poison(way, settings, n_targets=n, seed=seed)
        bare = poisoning.Way("one person is enough", view, 0, 0, covered=True)
        yield poisoning.poison(bare, without(settings), n_targets=n, seed=seed, defended=False)


def compare_releases(counted: Population, settings: Settings, trials: int, seed: int) -> Iterator[Outcome]:
    """Subtract releases."""
    from guidance_atlas.attacks.ledgered import in_one_ledger

    rules = settings.protect
    coarse = {"release_people": 2 * rules.release_people, "release_round": rules.release_round + 3}
    other = settings.model_copy(update={"protect": rules.model_copy(update=coarse)})

    def publish(later: Settings, first: Any, second: Any) -> dict[bool, differencing.Pair]:  # noqa: ANN401 - cells
        one, two = seams.released(first, settings), seams.released(second, later)
        return {False: (one, two), True: in_one_ledger((first, one), (second, two), settings, later)}

    for growing in (False, True):
        found = differencing.differ(counted, partial(publish, settings), trials=trials, seed=seed, growing=growing)
        # Without the ledger her domain hides in the rounding, and other rows differ too; numbers tell that she came.
        yield from (one for one in found if one.defended or one.guessed.startswith("is she in, by numbers"))
    yield from differencing.round_twice(
        counted, partial(publish, other), trials=max(8, trials // 4), seed=seed,
        steps=(rules.release_round, coarse["release_round"]),
    )  # fmt: skip


def tell_members(counted: Population, settings: Settings, trials: int, seed: int) -> Iterator[Outcome]:
    """Tell whether somebody is among the counted."""
    bare = without(settings)
    # That a group is empty is told, and that few are in it: who is alone in a domain is seen to be there.
    many, alone = ("one of many", counted.common), ("the only one of a domain", 0)
    for (who, target), rules, defended, bound in (
        (many, settings, True, EXPOSED), (alone, settings, True, None), (alone, bare, False, None),
    ):  # fmt: skip
        publish = partial(seams.released, settings=rules)
        right, n, area = membership.member_of(counted, target, publish, n_shadow=trials, n_worlds=trials, seed=seed)
        yield Outcome("membership", f"{who}, release", n, right, 0.5, bound, defended, f"AUC {area:.2f}")


def tell_members_in_noise(counted: Population, trials: int, seed: int) -> Iterator[Outcome]:
    """Tell from a public export whether somebody is among the counted, all others being known."""
    from guidance_atlas.attacks.noisy import with_noise

    rng = np.random.default_rng(seed)
    counts = counted.draw(membership.PEOPLE, rng)
    people = [kind for kind, n in zip(counted.kinds, counts, strict=True) for _ in range(n)]
    for epsilon, defended in ((1.0, True), (20.0, False)):
        worlds = (with_noise(tables_of(who), epsilon=epsilon, delta=DELTA) for who in (people, [*people, ALONE]))
        right, n, area = membership.member_in_noise(*worlds, n_shadow=5 * trials, n_worlds=5 * trials)
        bound = membership.most_right(epsilon, DELTA)
        guessed = f"all others known, public export, epsilon {epsilon:g}"
        yield Outcome("membership", guessed, n, right, 0.5, bound, defended, f"AUC {area:.2f}")


def solve_margins(counted: Population, settings: Settings, seed: int) -> Iterator[Outcome]:
    """Solve for withheld counts."""
    rng, rules = np.random.default_rng(seed), settings.protect
    cells = counted.cells_of(counted.draw(membership.PEOPLE, rng))
    public, inside = seams.released(cells, settings), seams.shown_inside(cells, settings)
    yield from linear.solve(
        "release", [(cells, public)], least_people=rules.release_people, round_to=rules.release_round
    )
    least = rules.inside_people
    yield from linear.solve("atlas.duckdb", [(cells, inside)], least_people=least, round_to=1)
    lone = linear.only_few_withheld(cells, seams.shown_inside(cells, without(settings)), least_people=least)
    yield from linear.solve(
        "few people withheld alone", [(cells, lone)], least_people=least, round_to=1, defended=False
    )


# Shares and digests are long rows of digits, as telephones are.
OUR_NUMBERS = re.compile(r"\b\d\.\d+(?:e-\d+)?\b|\b[0-9a-f]{16,}\b")


def examine(root: Path) -> Iterator[Outcome]:
    """Attack the files of a finished run: solve for what they withhold, and look for what looks private in them.

    Raises:
        StoreError: there is no finished run.
    """
    read = read_internal(root, "cells", "atlas_cells", "public_cells", "rules")
    rules = {name: int(value) for name, value in read["rules"].select("name", "value").rows()}
    tables = (
        ("release", "public_cells", rules["release_people"], rules["release_round"]),
        ("atlas.duckdb", "atlas_cells", rules["inside_people"], 1),
    )
    for view, table, least, step in tables:
        yield from linear.solve(view, [(read["cells"], read[table])], least_people=least, round_to=step)
    public = [place for place in places(root) if place.where == PUBLIC and place.decoded]
    leaking = sum(any(find_leaks(OUR_NUMBERS.sub("", place.text))) for place in public)
    yield Outcome("patterns", "texts that look private, release and atlas.duckdb", len(public), leaking, 0.0, 0.0)
    faults = {fault.name for fault in check_root(root)}
    yield Outcome("checks", "faults of sql/checks and the ledger", 1, int(bool(faults)), 0.0, 0.0)
