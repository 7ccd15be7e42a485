import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas.errors import BudgetError, StoreError
from guidance_atlas.ledger import BEGINNING, LEDGER, Ledger, LedgerDamagedError, _hash, _text

SPENDER = """
import sys
from pathlib import Path
from guidance_atlas.errors import BudgetError
from guidance_atlas.ledger import Ledger

def at_most(entries):
    if len(entries) >= int(sys.argv[3]):
        raise BudgetError("spent")

ledger = Ledger(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
while True:
    try:
        entry = ledger.append("charge", sys.argv[2], {"epsilon": 1}, accept=at_most)
        print(entry.seq, flush=True)
    except BudgetError:
        break
"""


def filled(folder, n=4):
    ledger = Ledger(folder)
    for i in range(n):
        ledger.append("charge" if i % 2 else "release", f"key {i}", {"n": i, "share": 0.1})
    return ledger


def tampered(ledger, statement, *values):
    """Change the file as somebody would who can write it and does not care for its triggers."""
    with sqlite3.connect(ledger.path) as connection:
        connection.executescript("drop trigger no_update; drop trigger no_delete;")
        connection.execute(statement, values)
    connection.close()


def test_entries_come_back_in_order_and_by_kind(tmp_path):
    ledger = filled(tmp_path)

    assert [entry.key for entry in ledger.entries()] == ["key 0", "key 1", "key 2", "key 3"]
    assert [entry.body["n"] for entry in ledger.entries("charge")] == [1, 3]
    assert ledger.verify() == ledger.entries()[-1].hash


def test_a_root_without_ledger_has_no_entries_and_none_is_made_by_looking(tmp_path):
    ledger = Ledger(tmp_path)

    assert ledger.entries() == []
    assert ledger.verify() == BEGINNING
    assert not ledger.path.exists()


def test_only_its_owner_can_read_it_and_a_wider_one_is_refused(tmp_path):
    ledger = filled(tmp_path)
    assert ledger.path.stat().st_mode & 0o777 == 0o600

    ledger.path.chmod(0o640)
    with pytest.raises(StoreError, match="chmod 600"):
        ledger.entries()


def test_what_accept_raises_leaves_nothing_behind(tmp_path):
    ledger = filled(tmp_path)

    def refuse(entries):
        raise BudgetError(f"{len(entries)} is enough")

    with pytest.raises(BudgetError, match="4 is enough"):
        ledger.append("charge", "one more", {}, accept=refuse)
    assert len(ledger.entries()) == 4
    ledger.append("charge", "next", {})
    assert ledger.verify() == ledger.entries()[-1].hash


@pytest.mark.parametrize(
    "change",
    [
        ('update entries set body = \'{"n":9,"share":0.1}\' where seq = 2',),
        ("update entries set at = '2020-01-01T00:00:00+00:00' where seq = 1",),
        ("update entries set kind = 'release' where seq = 4",),
        ("delete from entries where seq = 2",),
        ("delete from entries where seq = 1",),
        ("update entries set seq = 40 where seq = 4",),
        ("update entries set seq = case seq when 2 then -3 when 3 then -2 else seq end",),
        ("insert into entries values (5, 'x', 'charge', 'k', '{}', 'p', 'h')",),
    ],
    ids=["body", "time", "kind", "middle gone", "first gone", "number", "order", "added"],
)
def test_a_changed_row_is_found_and_stops_everything(tmp_path, change):
    ledger = filled(tmp_path)
    tampered(ledger, *change)

    for use in (ledger.verify, ledger.entries, lambda: ledger.append("charge", "k", {})):
        with pytest.raises(LedgerDamagedError, match="damaged"):
            use()


def test_a_row_that_was_written_anew_with_its_own_hash_breaks_the_chain_behind_it(tmp_path):
    ledger = filled(tmp_path)
    row, forged = ledger.entries()[1], _text({"n": 1, "share": 0.2})
    hashed = _hash(row.seq, row.at, row.kind, row.key, forged, row.previous)
    tampered(ledger, "update entries set body = ?, hash = ? where seq = 2", forged, hashed)

    with pytest.raises(StoreError, match="entry 3 is not what was written"):
        ledger.verify()


@settings(max_examples=25)
@given(seq=st.integers(1, 4), column=st.sampled_from(("at", "kind", "key", "body", "previous", "hash")), data=st.data())
def test_no_single_character_can_be_changed_unseen(tmp_path_factory, seq, column, data):
    ledger = filled(tmp_path_factory.mktemp("root"))
    connection = sqlite3.connect(ledger.path)
    was = connection.execute(f"select {column} from entries where seq = ?", (seq,)).fetchone()[0]
    connection.close()
    place = data.draw(st.integers(0, len(was) - 1))
    other = data.draw(st.sampled_from([one for one in "0a {" if one != was[place]]))
    tampered(ledger, f"update entries set {column} = ? where seq = ?", was[:place] + other + was[place + 1 :], seq)

    with pytest.raises(StoreError, match="damaged"):
        ledger.verify()


def test_a_lost_tail_is_found_only_against_a_head_that_was_noted(tmp_path):
    ledger = filled(tmp_path)
    noted = ledger.verify()
    tampered(ledger, "delete from entries where seq = 4")

    assert ledger.verify() != noted
    with pytest.raises(StoreError, match="does not hold the entry that was noted"):
        ledger.verify(known=noted)


def test_an_older_copy_of_the_file_is_a_whole_chain_and_found_only_against_what_was_noted(tmp_path):
    ledger = filled(tmp_path, 2)
    old = ledger.path.read_bytes()
    filled(tmp_path, 2)
    noted = ledger.verify()
    ledger.path.write_bytes(old)

    assert len(ledger.entries()) == 2
    with pytest.raises(LedgerDamagedError, match="does not hold the entry that was noted"):
        ledger.verify(known=noted)
    assert ledger.append("charge", "after it", {}).seq == 3, "the file alone cannot tell"


def test_slips_are_stopped_by_the_file_itself(tmp_path):
    ledger = filled(tmp_path)
    connection = sqlite3.connect(ledger.path)
    for slip in ("delete from entries", "update entries set body = '{}'"):
        with pytest.raises(sqlite3.IntegrityError, match="append only"):
            connection.execute(slip)
    connection.close()


def test_a_file_that_is_no_ledger_is_said_to_be_damaged(tmp_path):
    (tmp_path / LEDGER).write_bytes(b"not a database at all" * 100)
    (tmp_path / LEDGER).chmod(0o600)

    with pytest.raises(LedgerDamagedError, match="damaged"):
        Ledger(tmp_path).entries()


def spender(root, name, most):
    return subprocess.Popen(
        [sys.executable, "-c", SPENDER, str(root), name, str(most)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def begin(*spenders):
    for one in spenders:
        assert one.stdout.readline() == "ready\n"
    for one in spenders:
        one.stdin.write("\n")
        one.stdin.flush()


def test_racing_processes_together_spend_exactly_the_budget(tmp_path):
    racers = [spender(tmp_path, f"racer {i}", 40) for i in range(4)]
    begin(*racers)
    told = [[int(line) for line in racer.communicate(timeout=120)[0].split()] for racer in racers]

    assert [racer.returncode for racer in racers] == [0] * 4, "whoever comes too late waits, and is not turned away"
    assert sorted(seq for each in told for seq in each) == list(range(1, 41))
    assert len(Ledger(tmp_path).entries()) == 40


def test_killed_processes_leave_a_whole_chain_and_no_charge_they_told_of_is_lost(tmp_path):
    survivor = spender(tmp_path, "survivor", 10**9)
    begin(survivor)
    told = set()
    for round_ in range(4):
        victim = spender(tmp_path, f"victim {round_}", 10**9)
        begin(victim)
        victim.stdout.readline()
        time.sleep(0.013 * round_)
        os.kill(victim.pid, signal.SIGKILL)
        lines = victim.communicate()[0].split("\n")[:-1]  # the last line may be cut
        told |= {(int(line), f"victim {round_}") for line in lines}
    os.kill(survivor.pid, signal.SIGKILL)
    told |= {(int(line), "survivor") for line in survivor.communicate()[0].split("\n")[:-1]}

    ledger = Ledger(tmp_path)
    assert told <= {(entry.seq, entry.key) for entry in ledger.entries()}
    assert ledger.append("charge", "afterwards", {}).seq == len(ledger.entries())
