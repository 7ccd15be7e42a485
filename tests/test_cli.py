"""The command line answers at once, fails in one line with a documented code, and says the same thing to machines."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from guidance_atlas import errors
from guidance_atlas.cli import app

HEAVY = {
    "polars",
    "torch",
    "duckdb",
    "sklearn",
    "umap",
    "hdbscan",
    "presidio_analyzer",
    "spacy",
    "sentence_transformers",
}
CALL = """
import sys
sys.argv = ["guidance-atlas", *{arguments!r}]
from guidance_atlas.cli import main
try:
    main()
except SystemExit:
    pass
print(sorted(set(sys.modules) & set({heavy!r})), file=sys.stderr)
"""
TALK = {"id": "t", "messages": [{"role": "user", "content": "hello there, how are you today?"}]}


def call(*arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "guidance_atlas", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        **more,
    )


@pytest.fixture
def logs(tmp_path):
    path = tmp_path / "logs.jsonl"
    path.write_text("\n".join(json.dumps(TALK | {"id": str(i)}) for i in range(20)))
    return path


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["nonsense"]])
def test_help_imports_nothing_heavy(arguments):
    done = subprocess.run(
        [sys.executable, "-c", CALL.format(arguments=arguments, heavy=HEAVY)], capture_output=True, text=True
    )

    assert done.stderr.strip().splitlines()[-1] == "[]"


def test_every_exit_code_is_in_the_help():
    codes = {kind.code for kind in errors.AtlasError.__subclasses__()}
    told = {int(code) for code in re.findall(r"\b(\d+) \w", app.info.help)}

    assert codes <= told
    assert len(codes) == len(errors.AtlasError.__subclasses__())


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["run", "nowhere.jsonl"], 3, "nowhere.jsonl does not exist"),
        (["run", "logs.jsonl", "--settings", "none.toml"], 2, "there is no settings file none.toml"),
        (["run", "logs.jsonl", "--workers", "0"], 2, "setting run.workers: input should be greater than or equal to 1"),
        (["run", "logs.jsonl", "--since", "yesterday"], 2, "setting ingest.since: "),
        (["run", "logs.jsonl", "--root", "logs.jsonl"], 5, "a file stands where a folder should be"),
        (["sql", "from domains", "--root", "empty"], 5, "nothing is published in empty yet"),
        (["check", "--root", "empty"], 5, "there is no finished run in empty"),
        (["status", "--root", "empty"], 5, "empty is no run root"),
        (["export", "--root", "empty"], 5, "there is no finished run in empty"),
    ],
)
def test_a_mistake_is_one_clear_line_and_a_documented_code(logs, arguments, code, complaint):
    done = call(*arguments, cwd=logs.parent)

    assert done.returncode == code
    assert complaint in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_an_error_of_the_program_s_own_tells_kind_and_place_but_no_words(tmp_path):
    script = (
        "import sys; sys.argv = ['guidance-atlas', 'status']\n"
        "import guidance_atlas.show as show\n"
        "def fail(*a, **k): raise ValueError('my sister tanya is ill')\n"
        "show.show_status = fail\n"
        "from guidance_atlas.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)

    assert done.returncode == 70
    assert "ValueError at cli.py" in done.stderr
    assert "tanya" not in done.stdout + done.stderr


@pytest.mark.slow
def test_a_run_answers_people_and_machines_alike_and_a_second_one_changes_nothing(logs):
    root = logs.parent / "atlas"
    first = call("run", logs, "--root", root, "--workers", "1")
    assert first.returncode == 0, first.stderr
    assert "What became of 20 records" in first.stdout
    assert first.stderr == ""

    before = {path: path.stat().st_mtime_ns for path in root.rglob("*.parquet")}
    again = call("run", logs, "--root", root, "--workers", "1", "--json")
    answer = json.loads(again.stdout)
    assert (answer["n_records"], answer["n_parts_worked"], answer["changed"]) == (20, 0, False)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*.parquet")} == before

    whole = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    told = json.loads(call("run", logs, "--root", root, "--estimate", "--json").stdout)
    assert (told["n_records"], told["n_to_do"], told["stage_seconds"]) == (20, 0, {})
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == whole

    assert answer["records"] == [{"outcome": "kept", "code": None, "records": 20, "next_step": None}]
    asked = call("sql", "select count(*) as n from funnel", "--root", root, "--json")
    assert json.loads(asked.stdout)[0]["n"] > 5
    assert json.loads(call("status", "--root", root, "--json").stdout)["run_at_work"] is False
    assert call("check", "--root", root).returncode == 0
    assert call("sql", "drop table cells", "--root", root).returncode != 0
    assert call("sql", "select * from read_csv('/etc/passwd')", "--root", root).returncode != 0


@pytest.mark.slow
def test_standard_input_is_a_source_and_quarantine_tells_where(tmp_path):
    lines = "\n".join([json.dumps(TALK), "{broken", json.dumps({"id": "x", "messages": []})])
    done = call("run", "-", "--root", tmp_path / "atlas", "--workers", "1", "--json", input=lines)

    assert done.returncode == 0, done.stderr
    records = {(row["outcome"], row["code"]): row["records"] for row in json.loads(done.stdout)["records"]}
    assert "not JSON" in {row["code"]: row["next_step"] for row in json.loads(done.stdout)["records"]}["bad_json"]
    assert records == {("kept", None): 1, ("quarantined", "bad_json"): 1, ("quarantined", "no_turns"): 1}


@pytest.mark.slow
def test_ctrl_c_leaves_a_state_that_the_next_run_goes_on_from(tmp_path):
    """Each conversation is a part. They are too few to cluster, which would compile for 20 seconds."""
    n, logs = 18, tmp_path / "logs.jsonl"
    text = "I feel lost since the move and I do not know whether I should ask my old boss for the job back, number {}"
    talks = [{"id": str(i), "messages": [{"role": "user", "content": text.format(i)}]} for i in range(n)]
    logs.write_text("\n".join(map(json.dumps, talks)))
    parts = os.environ | {"GUIDANCE_ATLAS_INGEST__PART_RECORDS": "1"}
    command = [sys.executable, "-m", "guidance_atlas", "run", logs, "--root", tmp_path / "atlas", "--workers"]
    run = subprocess.Popen([*command, "2"], env=parts, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    vault = tmp_path / "atlas" / "vault" / "Verdicts"
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and run.poll() is None and not any(vault.glob("*.parquet")):
        time.sleep(0.1)
    run.send_signal(signal.SIGINT)
    _out, told = run.communicate(timeout=120)

    assert run.returncode == 130
    assert told.strip().splitlines()[-1].endswith("run the same command to go on")
    assert "Traceback" not in told
    again = subprocess.run([*command, "1", "--json"], env=parts, capture_output=True, text=True, timeout=300)
    answer = json.loads(again.stdout)
    assert answer["n_records"] == n
    assert answer["n_parts_worked"] < answer["n_parts"] == n


@pytest.mark.slow
def test_analysts_can_reach_the_atlas_and_nothing_else(logs):
    root = logs.parent / "atlas"
    assert call("run", logs, "--root", root, "--workers", "1").returncode == 0

    modes = {path.name: path.stat().st_mode & 0o777 for path in root.iterdir()}
    others = {name for name, mode in modes.items() if mode & 0o007}
    assert root.stat().st_mode & 0o005 == 0o005
    assert {name for name in others if not name.startswith("atlas")} <= {"releases", "last_run.json", "lock"}
    assert modes["vault"] == 0o700
    assert modes["internal.duckdb"] == modes["secret"] == modes["run.log.jsonl"] == 0o600
