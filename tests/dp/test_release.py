"""Charge, then draw, then write; nothing is drawn that was not paid for, and nothing is paid for twice."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from functools import partial

import polars as pl
import pytest
from planted import ASK, NoNoise, Said, counted

from guidance_atlas.dp import public
from guidance_atlas.dp.public import draw, export_public
from guidance_atlas.dp.release import Budget, charge, find, settle, spent, unknown
from guidance_atlas.errors import BudgetError, SettingsError, StoreError
from guidance_atlas.ledger import Ledger
from guidance_atlas.settings import PrivacySettings
from guidance_atlas.tombstones import add_tombstones

BUDGET = Budget(2.0, 1e-5)
COUNTS = counted(*[Said(f"p{i}", sycophantic=i % 4 == 0) for i in range(200)])
RACER = """
import sys
import time
from datetime import date
from pathlib import Path
from guidance_atlas.dp import release
from guidance_atlas.dp.ask import Ask
from guidance_atlas.dp.release import Budget, charge, settle
from guidance_atlas.dp.tables import Draw
from guidance_atlas.errors import BudgetError
from guidance_atlas.ledger import Ledger

root, fresh, number, die = Path(sys.argv[1]), sys.argv[2] == "fresh", int(sys.argv[3]), sys.argv[4] == "die"
own = number if sys.argv[2] == "own" else 0  # a request of its own
ask = Ask(0.5, 1e-6, date(2026, 3, 2), date(2026, 3, 20 + own))
affordable = release._affordable

def slowly(*given):
    affordable(*given)
    time.sleep(0.3)  # whoever else looks now would find the same left

if sys.argv[2] == "own":
    release._affordable = slowly

def draw():
    if die:
        print("drawing", flush=True)
        sys.stdin.read()
    return Draw({("week", "all", "2026-W10", "x"): number}, {}, 4.0, 50, "none")

print("ready", flush=True)
sys.stdin.readline()
ledger = Ledger(root)
while True:
    try:
        key = charge(ledger, ask, Budget(2.0, 1e-5), fresh=fresh)
    except BudgetError:
        print("spent", flush=True)
        break
    charged, drawn = settle(ledger, key, draw)
    print(key, *drawn.dense.values(), flush=True)
    if not fresh:
        break
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(public, "_counts", lambda _root, _ask: COUNTS)
    return tmp_path


def export(root, ask=ASK, *, noise=None, fresh=False, **privacy):
    privacy = PrivacySettings(epsilon=2.0, delta=1e-5, **privacy)
    return export_public(root, ask, privacy=privacy, fresh=fresh, noise_for=lambda _ask: noise or NoNoise())


def kinds(root):
    return [(entry.kind, entry.key) for entry in Ledger(root).entries()]


def content(path):
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def test_the_same_request_gives_the_same_files_and_costs_once(root):
    noise, other = NoNoise(), NoNoise(add=1)
    first = export(root, noise=noise)
    before = content(root / "releases" / first["release"].rpartition("/")[2])
    again = export(root, noise=other)

    assert (first["new"], again["new"]) == (True, False)
    assert first["release"] == again["release"]
    assert content(root / "releases" / again["release"].rpartition("/")[2]) == before
    assert (noise.drawn, other.drawn) == (1, 0)
    assert kinds(root) == [("charge", f"{ASK.key}-1"), ("draw", f"{ASK.key}-1")]
    assert again["epsilon_left"] == "1.0"


def test_a_folder_that_was_lost_or_damaged_comes_back_byte_for_byte(root):
    folder = root / "releases" / f"dp-{ASK.key}-1"
    export(root)
    before = content(folder)
    (folder / "noisy_cells.csv").write_text("cut\n")
    (folder / "README.txt").unlink()

    assert export(root, noise=NoNoise(add=3))["new"]
    assert content(folder) == before


def test_fresh_draws_anew_and_pays_again(root):
    export(root)
    second = export(root, noise=NoNoise(add=7), fresh=True)

    assert second["release"].endswith(f"dp-{ASK.key}-2")
    assert second["epsilon_spent"] == "2.0"
    assert export(root)["release"] == second["release"]
    with pytest.raises(BudgetError, match=r"epsilon 1.0 is asked, 0.0 of 2 is left"):
        export(root, fresh=True)


def test_nothing_is_drawn_when_the_budget_does_not_allow_it(root):
    noise = NoNoise()
    for ask, name in ((replace(ASK, epsilon=2.1), "epsilon"), (replace(ASK, delta=1e-4), "delta")):
        with pytest.raises(BudgetError, match=f"{name} .* is asked"):
            export(root, ask, noise=noise)

    assert noise.drawn == 0
    assert kinds(root) == []
    assert not (root / "releases").exists()


def test_tenths_add_up_exactly(tmp_path):
    ledger = Ledger(tmp_path)
    for day in range(10):
        ask = replace(ASK, epsilon=0.1, delta=1e-7, until=ASK.until.replace(day=10 + day))
        charge(ledger, ask, Budget(1.0, 1e-6), fresh=False)

    assert spent(ledger.entries()) == (Decimal(1), Decimal("1e-6"))
    with pytest.raises(BudgetError):
        charge(ledger, ASK, Budget(1.0, 1e-6), fresh=False)


def test_a_draw_that_fails_leaves_the_charge_and_the_next_request_draws_for_it(root):
    class Breaks(NoNoise):
        def draw(self, dense, sparse):
            assert kinds(root) == [("charge", f"{ASK.key}-1")], "paid before anything is drawn"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(root, noise=Breaks())
    assert not (root / "releases").exists()
    assert export(root)["epsilon_spent"] == "1.0"
    assert kinds(root) == [("charge", f"{ASK.key}-1"), ("draw", f"{ASK.key}-1")]


def test_a_charge_pays_for_one_draw_even_where_two_are_made_at_once(tmp_path):
    ledger = Ledger(tmp_path)
    key = charge(ledger, ASK, BUDGET, fresh=False)
    inner = []

    def slow():
        inner.append(settle(ledger, key, partial(draw, COUNTS, NoNoise(add=1))))  # another one comes first
        return draw(COUNTS, NoNoise(add=2))

    assert settle(ledger, key, slow) == inner[0] == find(ledger, ASK)
    assert [kind for kind, _ in kinds(tmp_path)] == ["charge", "draw"]


def test_a_damaged_ledger_stops_every_public_export(root):
    export(root)
    raw = (root / "ledger.sqlite").read_bytes()
    (root / "ledger.sqlite").write_bytes(raw.replace(b'"epsilon":"1.0"', b'"epsilon":"0.1"'))

    for again in (False, True):
        with pytest.raises(StoreError, match="damaged"):
            export(root, fresh=again)


def test_nothing_is_spent_by_an_old_ledger_while_a_release_tells_of_a_newer_one(root):
    export(root)
    old = (root / "ledger.sqlite").read_bytes()
    other = replace(ASK, epsilon=0.5)
    export(root, other)
    (root / "ledger.sqlite").write_bytes(old)
    noise = NoNoise()

    assert unknown(root, Ledger(root)) == [f"dp-{other.key}-1"]
    for ask in (other, replace(ASK, epsilon=0.25)):
        with pytest.raises(StoreError, match="bring back its newest copy"):
            export(root, ask, noise=noise)
    assert noise.drawn == 0
    assert not export(root)["new"], "what the old one knows is told again and costs nothing"


def test_an_old_ledger_beside_no_newer_release_is_not_noticed(root):
    """What cannot be known from the root: whoever takes releases away too spends twice. The docs say so."""
    export(root)
    old = (root / "ledger.sqlite").read_bytes()
    second = export(root, fresh=True)["release"]
    (root / "ledger.sqlite").write_bytes(old)
    shutil.rmtree(second)

    assert export(root, fresh=True)["epsilon_left"] == "0.0"


def test_the_manifest_says_what_was_promised_spent_and_left_out(root):
    folder = root / "releases" / export(root)["release"].rpartition("/")[2]
    manifest = pl.read_json(folder / "manifest.json").to_dicts()[0]

    assert (manifest["epsilon"], manifest["delta"], manifest["threshold"], manifest["noise_scale"]) == (1, 1e-6, 50, 4)
    assert manifest["budget"]["epsilon_left"] == "1.0"
    assert (manifest["conversations_of_a_person"], manifest["cells_of_a_person"]) == (1, 1)
    said = " ".join(manifest["outside"])
    assert all(word in said for word in ("vocabulary", "labels", "cluster names", "other releases"))
    assert set(manifest["files"]) == {path.name for path in folder.iterdir()} - {"manifest.json"}
    assert "exp(1)" in (folder / "README.txt").read_text()
    assert pl.read_csv(folder / "noisy_cells.csv").height == manifest["rows"]["NoisyCells"]


def test_what_is_missing_is_found_before_anything_is_charged(tmp_path, monkeypatch):
    with pytest.raises(StoreError, match="no finished run"):
        export(tmp_path)
    monkeypatch.setitem(sys.modules, "opendp", None)
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    with pytest.raises(SettingsError, match=r"pip install 'guidance-atlas\[dp\]'"):
        export_public(tmp_path, ASK, privacy=PrivacySettings())

    assert kinds(tmp_path) == []


def test_nothing_leaves_while_somebody_is_still_to_be_forgotten(root):
    export(root)
    add_tombstones(root, b"s" * 16, frozenset({"0" * 32}))

    for fresh in (False, True):
        with pytest.raises(StoreError, match="was to be forgotten"):
            export(root, fresh=fresh)
    assert len(kinds(root)) == 2


def racer(root, mode, number, die="live"):
    started = subprocess.Popen(
        [sys.executable, "-c", RACER, str(root), mode, str(number), die],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout.readline() == "ready\n"
    return started


def go(*racers):
    for one in racers:
        one.stdin.write("\n")
        one.stdin.flush()


def test_racing_requests_pay_once_and_tell_the_same(tmp_path):
    racers = [racer(tmp_path, "same", number) for number in range(3)]
    go(*racers)
    told = {one.communicate(timeout=60)[0] for one in racers}

    assert len(told) == 1
    assert [kind for kind, _ in kinds(tmp_path)] == ["charge", "draw"]


def test_of_two_that_race_for_the_last_of_the_budget_exactly_one_wins(tmp_path):
    for spent_before in (1, 2, 3):
        charge(Ledger(tmp_path), replace(ASK, epsilon=0.5, delta=1e-6 * spent_before), BUDGET, fresh=False)
    racers = [racer(tmp_path, "own", number) for number in (1, 2)]
    go(*racers)
    told = [one.communicate(timeout=60)[0].split() for one in racers]

    assert sorted(len(each) for each in told) == [1, 2], "one is told that all is spent, the other its draw"
    assert [kind for kind, _ in kinds(tmp_path)] == ["charge"] * 4 + ["draw"]
    assert spent(Ledger(tmp_path).entries())[0] == Decimal(2)


def test_racing_fresh_draws_never_spend_more_than_the_budget(tmp_path):
    racers = [racer(tmp_path, "fresh", number) for number in range(3)]
    go(*racers)
    told = [line for one in racers for line in one.communicate(timeout=60)[0].splitlines()]

    assert told.count("spent") == 3
    assert len(told) - 3 == len(set(told)) - 1 == 4  # draws told, each under a charge of its own
    assert spent(Ledger(tmp_path).entries())[0] == Decimal(2)


def test_a_process_killed_between_charge_and_draw_costs_what_it_was_charged_and_no_more(tmp_path):
    victim = racer(tmp_path, "same", 1, "die")
    go(victim)
    assert victim.stdout.readline() == "drawing\n"
    os.kill(victim.pid, signal.SIGKILL)
    victim.communicate()
    assert [kind for kind, _ in kinds(tmp_path)] == ["charge"]

    for number in (2, 3):
        survivor = racer(tmp_path, "same", number)
        go(survivor)
        assert survivor.communicate(timeout=60)[0].split()[1] == "2", "drawn once, and told again"
    assert [kind for kind, _ in kinds(tmp_path)] == ["charge", "draw"]
    assert spent(Ledger(tmp_path).entries())[0] == Decimal("0.5")
