"""Strings planted in the input are looked for in every byte the run leaves: files, decoded tables, log, output."""

import json
import subprocess
import sys

import duckdb
import polars as pl
import pytest

GUIDANCE = (
    "I don't know what to do about my job. My manager {name} keeps giving me the night shifts and I'm exhausted. "
    "Should I hand in my notice before I've found something else, or wait until spring? {private}"
)
IDENTIFIERS = {
    "an e-mail address": ("You can write to me at {}.", "qz.canary@mailbox-qz.example.org"),
    "a phone number": ("Call me on {} if that helps.", "+1 415 555 2671"),
    "a card number": ("I paid with {} already.", "4111 1111 1111 1111"),
    "a bank account": ("My IBAN is {}.", "GB82 WEST 1234 5698 7654 32"),
    "a token": ("The code on the letter was {}.", "QZCANARY7F3K9Q2X81"),
    "a key": ("my api key is {}", "sk-qzcanary8f7d6e5c4b3a2f1e0d9c8b7a"),
}
WORDS = "quizzaciously zwitterjonnik"  # in places whose words are never kept


def talk(number, text, **more):
    return {
        "id": f"talk-{number}",
        "messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "I see."}],
    } | more


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A run over conversations with planted strings: its root, and all it printed."""
    folder = tmp_path_factory.mktemp("canaries")
    texts = [
        GUIDANCE.format(name="Marguerite Qzcanary", private=form.format(value)) for form, value in IDENTIFIERS.values()
    ]
    records = [talk(i, text) for i, text in enumerate(texts)]
    records += [
        talk(f"plain-{i}", f"Translate into French: the {WORDS} is on the table, number {i}") for i in range(20)
    ]
    records += [
        talk("system", GUIDANCE.format(name="", private=""))
        | {"messages": [{"role": "system", "content": WORDS}, *records[0]["messages"]]},
        talk(f"id {WORDS}", GUIDANCE.format(name="", private="Please."), user=WORDS, model=f"<script>{WORDS}</script>"),
        {"id": "bad", "messages": [{"role": WORDS, "content": WORDS}]},
        {"id": "shape", WORDS: WORDS},
    ]
    lines = [json.dumps(record) for record in records] + [f'{{"messages": "{WORDS}', WORDS]
    (folder / "logs.jsonl").write_text("\n".join(lines))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "guidance_atlas",
            "run",
            str(folder / "logs.jsonl"),
            "--root",
            str(folder / "atlas"),
            "--workers",
            "1",
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder / "atlas", done.stdout + done.stderr


def everything(root, printed):
    """Every byte left behind, and every table decoded, by where it stands."""
    found = {"output": printed}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        name = str(path.relative_to(root))
        found[name] = path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            found[f"{name} decoded"] = str(pl.read_parquet(path).to_dicts())
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as con:
                for (table,) in con.sql("select table_name from duckdb_tables()").fetchall():
                    found[f"{name} {table}"] = str(con.table(table).fetchall())
    return found


def test_the_guidance_with_the_planted_strings_was_really_kept(ran):
    root, _printed = ran
    clean = pl.concat([pl.read_parquet(path) for path in (root / "vault" / "CleanTurns").glob("*.parquet")])

    assert clean.filter(pl.col("text").str.contains("hand in my notice"))["conversation_id"].n_unique() >= len(
        IDENTIFIERS
    )


@pytest.mark.parametrize("kind", IDENTIFIERS)
def test_an_identifier_is_found_nowhere(ran, kind):
    canary = IDENTIFIERS[kind][1]
    forms = {canary, canary.replace(" ", ""), canary.lower()}

    places = [place for place, text in everything(*ran).items() if any(form in text for form in forms)]
    assert places == []


@pytest.mark.parametrize("word", ["Marguerite", "marguerite", "Qzcanary", *WORDS.split()])
def test_names_ids_and_the_words_of_what_is_not_guidance_are_found_nowhere(ran, word):
    assert [place for place, text in everything(*ran).items() if word in text] == []
