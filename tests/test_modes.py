"""What is private in a run root is looked at before every command, and a wide mode is one order to run."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from guidance_atlas import cli
from guidance_atlas.errors import StoreError
from guidance_atlas.modes import check_modes

PRIVATE = {
    "vault": 0o700,
    "labelling": 0o700,
    "ledger": 0o700,
    "receipts": 0o700,
    "internal.duckdb": 0o600,
    "secret": 0o600,
    "ledger.sqlite": 0o600,
    "tombstones.json": 0o600,
    "labelling/random-4-7.csv": 0o600,
}


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "my atlas"
    for name, mode in PRIVATE.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.mkdir() if mode == 0o700 else path.write_text("")
    for name, mode in PRIVATE.items():
        (root / name).chmod(mode)
    return root


def test_private_modes_pass_and_so_does_a_root_that_is_not_there_yet(root, tmp_path):
    assert check_modes(root) == root
    assert check_modes(tmp_path / "none") == tmp_path / "none"


@pytest.mark.parametrize("name", PRIVATE)
@pytest.mark.parametrize("bit", [0o040, 0o004, 0o001])
def test_anything_wider_is_refused_with_the_order_that_cures_it(root, name, bit):
    path = root / name
    path.chmod(PRIVATE[name] | bit)

    with pytest.raises(StoreError) as told:
        check_modes(root)

    order = str(told.value).rpartition("run: ")[2]
    assert order == f"chmod {PRIVATE[name]:o} '{path}'"
    assert subprocess.run(order, shell=True).returncode == 0
    assert check_modes(root) == root


def test_several_are_told_at_once(root):
    (root / "vault").chmod(0o755)
    (root / "secret").chmod(0o644)

    with pytest.raises(StoreError, match=r"run: chmod 700 '.*vault' && chmod 600 '.*secret'$"):
        check_modes(root)


def test_every_command_with_a_root_looks_first():
    for command in cli.app.registered_commands:
        root = inspect.signature(command.callback).parameters.get("root")
        if root is not None:
            options = [one for one in root.annotation.__metadata__ if isinstance(one, typer.models.OptionInfo)]
            assert options[0].callback is cli._private, command.callback.__name__


def test_a_command_stops_with_the_order_and_a_documented_code(root):
    (root / "labelling" / "random-4-7.csv").chmod(0o664)
    done = subprocess.run(
        [sys.executable, "-m", "guidance_atlas", "status", "--root", str(root)], capture_output=True, text=True
    )

    assert (done.returncode, done.stdout) == (StoreError.code, "")
    assert "run: chmod 600" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("address", ["s3://bucket/atlas", "gs://bucket", "memory://x"])
def test_an_object_store_s_address_is_refused_and_no_folder_of_that_name_is_made(tmp_path, monkeypatch, address):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(StoreError, match="is an address and no path: neither modes nor forgetting can be kept"):
        check_modes(Path(address))

    assert list(tmp_path.iterdir()) == []


def test_a_path_with_a_colon_is_a_path(tmp_path):
    assert check_modes(tmp_path / "a:b") == tmp_path / "a:b"
