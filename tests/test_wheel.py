"""What is installed from the wheel works without the checkout: a forgotten data file fails here."""

import json
import os
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return next(out.glob("*.whl"))


def test_the_wheel_carries_its_data_and_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    for kind in (
        "sql/aggregate/",
        "sql/views/",
        "sql/checks/",
        "sql/privacy/",
        "wording/",
        "heads/weights/",
        "heads/cards/",
        "sample/data/",
    ):
        assert [name for name in names if name.startswith(f"guidance_atlas/{kind}")], kind
    assert not [name for name in names if "test" in name or name.endswith(".pyc")]


@pytest.mark.slow
def test_the_sample_runs_from_an_installed_wheel(wheel, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    inside = subprocess.run(
        [python, "-c", "import site; print(site.getsitepackages()[0])"], capture_output=True, text=True
    )
    # The dependencies come from here: a plain path in a .pth file does not bring the editable install along.
    (Path(inside.stdout.strip()) / "dependencies.pth").write_text(site.getsitepackages()[0] + "\n")
    tool = tmp_path / "venv" / "bin" / "guidance-atlas"
    quiet = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def call(*arguments):
        done = subprocess.run([tool, *arguments], capture_output=True, text=True, cwd=tmp_path, env=quiet)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    where = subprocess.run(
        [python, "-c", "import guidance_atlas; print(guidance_atlas.__file__)"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert str(tmp_path) in where.stdout
    call("sample", "world", "--conversations", "60", "--seed", "3")
    answer = json.loads(call("run", "world/logs", "--root", "atlas", "--workers", "1", "--json"))
    assert answer["n_records"] >= 60
    assert json.loads(call("check", "--root", "atlas", "--json")) == []
