"""From a run root to a sheet, and from a sheet filled in to cards that correct the run's rates."""

import json
import re
import stat
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from ownchats import NO, YES, Chat, fill, frames, stored, world

from guidance_atlas import cli
from guidance_atlas.correction import corrected_share
from guidance_atlas.errors import SettingsError, SourceError, StoreError
from guidance_atlas.heads.cards import Card, cards_folder, read_card, write_card
from guidance_atlas.heads.errors_in_use import errors_in_use
from guidance_atlas.heads.weights import HeadFile, write_head
from guidance_atlas.labelling import measure
from guidance_atlas.labelling.compare import told_of
from guidance_atlas.labelling.draw import Draw
from guidance_atlas.labelling.sheet import read_rows, save
from guidance_atlas.settings import load_settings
from guidance_atlas.store import Store, only_run

HEADS = ("screen", "labels", "pushback", "candor", "drift", "glance")


@pytest.fixture
def heads(tmp_path, monkeypatch):
    """Settings whose heads are bare: a threshold, and a card for each without any count."""
    monkeypatch.setattr("guidance_atlas.heads.measure.BOOTSTRAPS", 100)
    folder = tmp_path / "heads" / "weights"
    write_head(HeadFile("screen", None, {"bias": np.zeros(1)}, {"threshold": 0.5}), folder=folder)
    for head in HEADS:
        card = Card(f"{head}-1", head, None, "0", None, 7, (), "development rows", (), {})
        write_card(card, folder=cards_folder(folder))
    return {"folder": folder}


@pytest.fixture
def root(tmp_path, monkeypatch, heads):
    """A run root of 500 chats of which glance let 250 go; returns it, and its chats."""
    folder = tmp_path / "atlas"
    folder.mkdir()
    chats = world(500, let_go=250)
    stages = stored(folder, chats)
    monkeypatch.setattr("guidance_atlas.plan.plan", lambda _settings, _secret: stages)
    return folder, chats


@pytest.fixture
def call(monkeypatch, capsys, heads, tmp_path):
    """The command line; returns standard output."""
    settings = tmp_path / "settings.toml"
    settings.write_text(f"[heads]\nfolder = {json.dumps(str(heads['folder']))}\n")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["guidance-atlas", *map(str, arguments), "--settings", str(settings)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        assert ended.value.code == 0, told.err
        return told.out

    return run


def evaluate(root, heads, sheet, **more):
    return measure.evaluate_labels(root, load_settings(heads=heads), sheet, **more)


def make(root, heads, n=120, how="random", **more):
    return measure.make_sheet(root, load_settings(heads=heads), Draw(how, n, 7), **more)


def counts(folder, head, name):
    (found,) = [one for one in read_card(head, folder=folder / "cards").confusions if one.measure == name]
    return found.table.tolist()


@pytest.mark.parametrize("how", ["random", "unsure"])
def test_an_organisation_labels_evaluates_and_corrects(root, call, heads, how):
    folder, chats = root
    said = call("label", "--root", folder, "--conversations", 200, "--draw", how)
    sheet = folder / "labelling" / f"{how}-200-7.csv"
    assert str(sheet) in said
    assert f"100 of {sum(chat.told for chat in chats)} that the screen calls guidance, 100 of " in said
    assert "250 that glance let go" in said
    fill(sheet, chats)
    said = call("evaluate", "--labels", sheet, "--root", folder)

    assert "200 of 200 rows used, 0 set aside, 0 not answered yet" in said
    assert f'[heads]\ncards = "{(folder / "cards").resolve()}"' in said
    errors = errors_in_use(load_settings(heads=heads | {"cards": folder / "cards"}))
    card, confusion = errors.of("guidance")
    assert card == "screen-1"
    told = np.array([sum(chat.told for chat in chats)])
    answer = corrected_share(told, np.array([len(chats)]), confusion.table)
    true = np.mean([chat.truth["guidance"] == "yes" for chat in chats])
    assert answer.low[0] <= true <= answer.high[0]
    assert answer.high[0] - answer.low[0] < 0.12


def test_the_card_says_on_what_it_was_measured(root, heads):
    folder, chats = root
    sheet = make(folder, heads).path
    fill(sheet, chats)
    evaluate(folder, heads, sheet)
    card = read_card("screen", folder=folder / "cards")

    assert card.measured_on == "own labels, 120 conversations, draw random-120-7"
    assert {one.name for one in card.figures} >= {"guidance F1", "guidance rate found minus true"}
    assert all(one.low <= one.value <= one.high for one in card.figures)
    assert not (folder / "cards" / "glance.json").exists()
    assert stat.S_IMODE((folder / "cards").stat().st_mode) == 0o700


def test_the_sheet_holds_the_stored_words_of_kept_conversations_alone(root, heads):
    folder, chats = root
    rows = read_rows(make(folder, heads).path)

    assert {one["conversation_id"] for one in rows} <= {chat.id for chat in chats if chat.kept}
    assert rows[0]["text"].startswith("[0] USER: should I leave?\n[1] ASSISTANT: You are right")
    assert stat.S_IMODE((folder / "labelling").stat().st_mode) == 0o700


def test_labels_of_everybody_give_the_confusion_of_everybody(root, heads):
    """With everyone drawn nothing is weighted: the counts are those of the run, glance's among them."""
    folder, chats = root
    sheet = make(folder, heads, n=10_000).path
    fill(sheet, chats)
    evaluate(folder, heads, sheet)
    yes = [chat.told for chat in chats if chat.truth["guidance"] == "yes"]
    no = [chat.told for chat in chats if chat.truth["guidance"] == "no"]

    assert counts(folder, "screen", "guidance") == [[len(no) - sum(no), sum(no)], [len(yes) - sum(yes), sum(yes)]]
    assert sum(no) > 0
    assert np.sum(counts(folder, "candor", "sycophantic")) == sum(yes)


def test_what_glance_let_go_is_counted_as_rightly_let_go_in_proportion(root, heads):
    folder, chats = root
    sheet = make(folder, heads, n=200).path
    fill(sheet, chats)
    evaluate(folder, heads, sheet)
    right, wrong = counts(folder, "screen", "guidance")[0]
    no = [chat.told for chat in chats if chat.truth["guidance"] == "no"]

    assert wrong / (wrong + right) == pytest.approx(np.mean(no), abs=0.03)


def test_a_measure_with_too_few_labels_is_left_to_the_shipped_card(root, heads):
    folder, chats = root
    sheet = make(folder, heads, n=200).path
    fill(sheet, chats)
    done = evaluate(folder, heads, sheet)

    assert _used(done, "guidance")
    assert not _used(done, "pushback")  # nobody pushes back in this world
    assert not read_card("pushback", folder=folder / "cards").confusions


@pytest.mark.parametrize(
    ("answered", "measures"), [("stakes", {"stakes"}), ("support", {"support", "no_access"}), ("drift", {"drift"})]
)
def test_what_was_asked_for_alone_is_counted_alone(root, heads, answered, measures):
    folder, chats = root
    sheet = make(folder, heads).path
    fill(sheet, chats, only=("guidance", answered))
    done = evaluate(folder, heads, sheet)

    assert {name for _, name, n, _ in done.measures if n} == {"guidance", "domain_share", *measures}


def test_the_text_is_not_needed_to_evaluate(root, heads):
    folder, chats = root
    sheet = make(folder, heads).path
    rows = fill(sheet, chats)
    save(sheet, [{column: cell for column, cell in row.items() if column != "text"} for row in rows])

    assert evaluate(folder, heads, sheet).n_used == 120


def test_a_head_without_a_label_gets_no_card(root, heads):
    folder, chats = root
    sheet = make(folder, heads).path
    fill(sheet, chats, only=("guidance",))
    done = evaluate(folder, heads, sheet)

    assert list(done.heads) == ["screen"]
    assert [path.name for path in (folder / "cards").iterdir()] == ["screen.json"]


def test_figures_of_everybody_are_those_of_the_run(root, heads):
    folder, chats = root
    sheet = make(folder, heads, n=10_000).path
    fill(sheet, chats)
    found = {one.name: one.value for one in evaluate(folder, heads, sheet).figures["screen"]}
    both = sum(chat.told for chat in chats if chat.truth["guidance"] == "yes")
    told, true = sum(chat.told for chat in chats), sum(chat.truth["guidance"] == "yes" for chat in chats)

    assert found["guidance precision"] == pytest.approx(both / told, abs=0.001)
    assert found["guidance recall"] == pytest.approx(both / true, abs=0.001)
    assert found["guidance rate found minus true"] == pytest.approx((told - true) / (len(chats) - 250), abs=0.001)


def test_pushback_is_counted_of_those_who_spoke_twice_as_the_run_does(tmp_path, monkeypatch, heads):
    pushed = [Chat(f"p{at}", pushback="insists", truth=YES | {"pushback": "insists"}) for at in range(12)]
    calm = [Chat(f"c{at}", truth=YES) for at in range(15)]
    once = [Chat(f"o{at}", turns=(("user", "should I?"), ("assistant", "Yes.")), truth=YES) for at in range(20)]
    stages = stored(tmp_path, [*pushed, *calm, *once])
    monkeypatch.setattr("guidance_atlas.plan.plan", lambda _settings, _secret: stages)
    sheet = make(tmp_path, heads).path
    fill(sheet, [*pushed, *calm, *once])
    evaluate(tmp_path, heads, sheet)

    assert counts(tmp_path, "pushback", "pushback") == [[15, 0], [0, 12]]


def test_what_the_run_says_is_held_against_what_people_say():
    told = _compared(Chat("c", domain="legal", stakes="high", support="family", pushback="insists", candor=1.5))

    assert (told.asked.guidance, told.asked.domain, told.asked.stakes) == (True, "legal", "high")
    assert told.asked.support == {"family"}
    assert told.answered.pushback == {"insists"}
    assert told.answered.sycophantic
    assert told.could_push


def test_who_spoke_once_could_not_push_and_who_was_not_judged_has_no_candor():
    told = _compared(Chat("c", candor=None, turns=(("user", "should I?"),)))

    assert (told.could_push, told.judged, told.answered.candor) == (False, False, None)


def test_rows_set_aside_are_counted_with_their_numbers_and_their_words_are_not_told(root, call, heads):
    folder, chats = root
    sheet = make(folder, heads).path
    rows = fill(sheet, chats)
    rows[0]["guidance"] = "tanya is ill"
    rows[1]["conversation_id"] = "tanya"
    rows[2] |= dict.fromkeys(YES, "")
    save(sheet, rows[:-1])
    said = call("evaluate", "--labels", sheet, "--root", folder)

    assert "116 of 119 rows used, 2 set aside, 1 not answered yet, 1 drawn but no more in the sheet" in said
    assert re.search(r"other_word\W+guidance\W+1\W+2\W", said)
    assert re.search(r"not_in_run\W+conversation_id\W+1\W+3\W", said)
    assert "tanya" not in said


def test_machines_get_one_object(root, call, heads):
    folder, chats = root
    sheet = make(folder, heads).path
    fill(sheet, chats)
    answer = json.loads(call("evaluate", "--labels", sheet, "--root", folder, "--json", "--out", folder / "mine"))

    assert answer["used"] == 120
    assert answer["setting"].splitlines()[1] == f'cards = "{folder / "mine"}"'
    assert (folder / "mine" / "screen.json").exists()


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda row: row.update(dict.fromkeys(YES, "")), "nothing is answered in"),
        (lambda row: row.update(guidance="who knows"), r"no row of .* the first is row 2, guidance: use the words"),
        (lambda row: row.update(conversation_id="other " + row["conversation_id"]), "no conversation of .* is in the"),
        (lambda row: row.update(draw="random-9-9") if row["weight"] > "5" else None, "holds rows of 2 draws"),
    ],
)
def test_a_sheet_of_no_use_is_one_clear_line(root, heads, spoil, complaint):
    folder, chats = root
    sheet = make(folder, heads).path
    rows = fill(sheet, chats)
    for row in rows:
        spoil(row)
    save(sheet, rows)

    with pytest.raises(SourceError, match=complaint):
        evaluate(folder, heads, sheet)


def test_a_sheet_is_not_drawn_over_another(root, heads):
    make(root[0], heads)
    with pytest.raises(StoreError, match="is there already"):
        make(root[0], heads)


@pytest.mark.parametrize("changed", [slice(0, -1), slice(-1, None)])  # stages of parts; the roster
def test_other_settings_than_the_run_s_are_told(root, heads, monkeypatch, changed):
    from guidance_atlas.plan import plan

    others = list(plan(None, None))
    others[changed] = [replace(step, fixed={**step.fixed, "one_per_person": True}) for step in others[changed]]
    monkeypatch.setattr("guidance_atlas.plan.plan", lambda _settings, _secret: others)

    with pytest.raises(StoreError, match="give the --settings it ran with"):
        make(root[0], heads)


def test_a_table_that_is_not_there_is_told(root, heads):
    next((root[0] / "vault" / "Labels").glob("*.parquet")).unlink()

    with pytest.raises(StoreError, match="give the --settings it ran with"):
        make(root[0], heads)


def test_the_next_run_s_sweeping_leaves_the_sheet(root, heads):
    sheet = make(root[0], heads).path
    Store(root[0] / "vault").sweep(set())

    assert read_rows(sheet)


def test_the_tables_of_a_run_are_not_read_while_another_is_at_work(root, heads):
    with only_run(root[0]), pytest.raises(StoreError, match="another run is at work"):
        make(root[0], heads)


def test_without_the_run_s_secret_no_new_one_is_made(root, heads):
    (root[0] / "secret").unlink()
    with pytest.raises(SettingsError, match="the secret of the last run is missing"):
        make(root[0], heads)
    assert not (root[0] / "secret").exists()


def test_a_run_without_a_scored_conversation_has_nothing_to_label(tmp_path, monkeypatch, heads):
    stages = stored(tmp_path, [Chat("gone", kept=False, truth=NO)])
    monkeypatch.setattr("guidance_atlas.plan.plan", lambda _settings, _secret: stages)

    with pytest.raises(StoreError, match="there is none to label"):
        make(tmp_path, heads)
    assert not (tmp_path / "labelling").exists()


def test_own_cards_never_replace_the_shipped_ones(root, heads):
    folder, _ = root
    sheet = make(folder, heads).path
    with pytest.raises(SettingsError, match="may not replace"):
        evaluate(folder, heads, sheet, out=cards_folder(heads["folder"]))


def test_a_terminal_goes_on_with_the_sheet_that_is_there(root, call, monkeypatch):
    folder, _ = root
    lines = iter(["no", "stop", "no", "stop"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(lines))

    assert "1 of 20 finished" in call("label", "--root", folder, "--conversations", 20, "--terminal")
    assert "2 of 20 finished" in call("label", "--root", folder, "--conversations", 20, "--terminal")


def _used(done, name):
    return any(measure_ == name and own for _, measure_, _, own in done.measures)


def _compared(chat):
    made = frames([chat])
    return told_of([chat.id], SimpleNamespace(table=lambda table, _ids: made[table]))[chat.id]
