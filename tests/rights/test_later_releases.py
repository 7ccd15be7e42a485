"""What a later run releases, through the whole pipeline: nothing that tells of one more person or one fewer."""

import json
import shutil

import polars as pl
from rightsworld import VICTIM, read, talk

from guidance_atlas.forget import forget
from guidance_atlas.publish import check_root

ASKED = (
    "My landlord wants to keep the deposit over a scratch on the floor. Should I argue or let it go?",
    "I was offered a place at two universities and cannot decide between physics and law. What would you weigh?",
    "My sister has not spoken to me since the wedding. How do I make the first step without making it worse?",
    "The doctor suggests an operation on my knee, and I am afraid. Should I ask for a second opinion first?",
    "We want to buy a flat but our savings would be gone. Is it wiser to rent for another year?",
    "My boss promised a raise and now avoids me. Should I bring it up in writing?",
    "Our son is being teased at school. Do I talk to the teacher or to the other parents?",
    "I keep lending money to an old friend who never pays it back. How can I stop without losing him?",
)


def with_more(world, tmp_path, n):
    """The logs, and a file in which n new people ask."""
    logs = shutil.copytree(world.logs, tmp_path / "logs")
    new = [talk(f"n-{i}", f"u-new-{i}", text) for i, text in enumerate(ASKED[:n])]
    (logs / "more.jsonl").write_text("\n".join(map(json.dumps, new)) + "\n")
    return logs


def releases(root):
    return {path.name: pl.read_parquet(path / "cells.parquet") for path in (root / "releases").iterdir()}


def but_for_clusters(root):
    """What the releases tell of anything but clusters, which every run finds anew: each version once."""
    versions = []
    for cells in releases(root).values():
        rest = cells.filter(pl.col("cut") != "cluster")
        if not any(rest.equals(other) for other in versions):
            versions.append(rest)
    return versions


def records_read(cells):
    return cells.filter(cut="funnel", measure="read").row(0, named=True)


def test_one_more_person_leaves_what_is_released_as_it_was(world, copy, tmp_path):
    ran = read(with_more(world, tmp_path, 1), copy)

    assert (ran.n_parts_worked, ran.refused) == (1, None)
    assert len(but_for_clusters(copy)) == 1
    assert check_root(copy) == []


def test_many_more_are_told_anew_beside_what_stands_still(world, copy, tmp_path):
    ((before, old),) = releases(copy).items()

    read(with_more(world, tmp_path, len(ASKED)), copy)

    (told,) = (cells for name, cells in releases(copy).items() if name != before)
    assert records_read(told)["numerator"] - records_read(old)["numerator"] == len(ASKED)
    assert (records_read(told)["renewed"], set(told["renewed"])) == (2, {1, 2})
    assert check_root(copy) == []


def test_a_person_who_is_forgotten_leaves_no_gap_in_the_next_release(world, copy):
    forget(copy, people=[VICTIM])

    ran = read(world.logs, copy)

    assert ran.refused is None
    assert len(but_for_clusters(copy)) == 1
