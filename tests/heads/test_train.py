"""Training from end to end, on a small invented corpus and one block of the encoder: it learns, and repeats itself."""

import pickle
from concurrent.futures import Future
from datetime import date

import numpy as np
import pytest
from headdata import item, use_texts, write_data
from sentence_transformers import SentenceTransformer

from guidance_atlas.adapters.exchange_reader import ExchangeReader
from guidance_atlas.adapters.low_rank import keep_layers
from guidance_atlas.adapters.models import DEFAULT_MODEL, find_model
from guidance_atlas.adapters.sentence_transformer import SentenceTransformerEncoder
from guidance_atlas.adapters.tuner import Recipe
from guidance_atlas.errors import HeadError
from guidance_atlas.heads import train as training
from guidance_atlas.heads import tuning
from guidance_atlas.heads.cards import cards_folder, read_card
from guidance_atlas.heads.evaluate import evaluate
from guidance_atlas.heads.material import LICENCES, labelled_asks, labelled_talks
from guidance_atlas.heads.opened import EXCHANGE_TUNING, GUIDANCE_TUNING, open_heads
from guidance_atlas.heads.tuning import tune_guidance
from guidance_atlas.heads.weights import read_head

pytestmark = pytest.mark.slow

NAMES = ["glance", "screen", "labels", "pushback", "candor", "drift"]
ASKS = {
    "career": "should i quit my job at the office number {}",
    "relationships": "should i forgive my husband for lie {}",
    "finance": "should i pay debt or save dollar {}",
}
WORK = "write a python function about thing {}"
GENIUS, FRANK = "absolutely you are a genius and they are toxic", "i would not do that because it is a risk"
ASKS_RECIPE = Recipe(rank=2, epochs=4, pace=1e-3, eager=8.0, unit=True, scale=10.0, seed=3)
TURNS_RECIPE = Recipe(rank=2, epochs=6, pace=1e-3, eager=8.0, unit=False, scale=3.0, seed=3, layers=1)


def asked(name, at):
    """Every other conversation is guidance; the domain, stakes and support follow from the number."""
    domain, source = list(ASKS)[at % 3], "chats" if name in ("chat", "free") else "gold"
    if at % 2:
        return item(f"{name}:{at}", WORK.format(f"{name}{at}"), labels={"guidance": False}, source=source)
    labels = {"domain": domain, "domain_2": None, "stakes": ("low", "high")[at % 4 // 2], "support": []}
    return item(f"{name}:{at}", ASKS[domain].format(f"{name}{at}"), labels={"guidance": True, **labels}, source=source)


def answered(name, at):
    """Every other conversation is sycophantic, and in two of three the person pushes back."""
    low, pushed = at % 2 == 0, at % 3 > 0
    reply = GENIUS if low else FRANK
    labels = {
        "guidance": True,
        "candor": 1 if low else 4,
        "sycophantic_turns": [1, 3] if low else [],
        "pushback": [{"turn": 2, "kind": ("insists", "recheck")[low]}] if pushed else [],
        **dict.fromkeys(("pushes_back", "holds_position", "fair_praise", "frank"), 1 if low else 5),
        "harsh": at % 5 == 0,
    }
    return item(
        f"{name}:{at}", f"my plan {name}{at}", reply, "no you are wrong" if pushed else "thanks", reply, labels=labels
    )


def situation(at):
    replies = {"candid": FRANK, "middling": "that is up to you i think", "pleasing": GENIUS}
    return {
        "id": f"s{at}",
        "ask": f"should i buy house {at}",
        "domain": "finance",
        "domain_2": None,
        "stakes": "high",
        "support": [],
        **replies,
        "drift": {"kind": ("evasive", "rigid", "harsh")[at % 3], "text": "that is a stupid question to ask"},
        "pushback": {"kind": "insists", "text": "no you are wrong", "holds": FRANK, "caves": GENIUS},
        "follow": "thanks",
    }


TALK = [["user", "hm"], ["assistant", FRANK], ["user", "no you are wrong"], ["assistant", GENIUS]]
TEXTS = {
    "asks": [{"text": f"sort list {at}", "guidance": False} for at in range(6)],
    "exchanges": [situation(at) for at in range(20)],
    "talks": [{"id": f"p{at}", "turns": TALK, "pushback": {"2": "insists"}, "candor": {"1": 5}} for at in range(6)],
    "read_asks": [{"id": one.id, **one.labels} for one in (asked("chat", at) for at in range(180))],
    "read_replies": [],
}


@pytest.fixture(scope="module", autouse=True)
def texts():
    with pytest.MonkeyPatch.context() as patch:
        use_texts(patch, **TEXTS)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    chats = [asked("chat", at) for at in range(180)]
    gate_dev = [asked("dev", at) for at in range(36)]
    for at, one in enumerate(gate_dev):
        one.facts["stratum"] = ("natural", "forum", "enriched")[at // 12]
    posts = [
        item(f"post:{at}", ASKS["finance"].format(f"post{at}"), weak_domain="finance", has_question=True)
        for at in range(30)
    ]
    return write_data(
        tmp_path_factory.mktemp("data"),
        gate_train=[asked("gold", at) for at in range(60)],
        gate_dev=gate_dev,
        candor_train=[answered("gold", at) for at in range(90)],
        candor_dev=[answered("dev", at) for at in range(24)],
        chats=[*chats, *(asked("free", at) for at in range(30))],
        weak_domains=posts,
        weak_negatives=[item(f"fact:{at}", f"what is fact {at}") for at in range(30)],
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The first block of the default encoder as a model of its own."""
    folder = tmp_path_factory.mktemp("model") / "one-block"
    whole = SentenceTransformer(str(find_model(DEFAULT_MODEL)), device="cpu", local_files_only=True)
    keep_layers(whole[0].auto_model, 1)
    whole[0].auto_model.config.num_hidden_layers = 1
    whole.save(str(folder))
    return str(folder)


class Here:
    """Stands in for a pool of processes."""

    def __init__(self, *args, **options):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        pass

    def submit(self, work, *args, **options):
        done = Future()
        done.set_result(work(*args, **options))
        return done


def train(data, out, model):
    """Train with small recipes, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "ProcessPoolExecutor", Here)
        patch.setattr(tuning.Recipe, "for_asks", classmethod(lambda cls, seed: ASKS_RECIPE))
        patch.setattr(tuning.Recipe, "for_exchanges", classmethod(lambda cls, seed: TURNS_RECIPE))
        return training.train(data, out, seed=3, model=model, made_on=date(2026, 1, 2))


@pytest.fixture(scope="module")
def trained(data, model, tmp_path_factory):
    out = tmp_path_factory.mktemp("heads") / "weights"
    return out, train(data, out, model)


def readers(model, out):
    asks, turns = (read_head(name, folder=out) for name in (GUIDANCE_TUNING, EXCHANGE_TUNING))
    # As in training: 16-bit floats of another library may turn one of the few rows here.
    encoder = SentenceTransformerEncoder(model, tuning=asks, backend="float32")
    return encoder, ExchangeReader(model, tuning=turns, backend="torch")


def test_training_twice_gives_the_same_weights_and_cards(data, model, trained, tmp_path):
    out, cards = trained

    assert train(data, tmp_path / "weights", model) == cards
    for path in (*out.iterdir(), *cards_folder(out).iterdir()):
        assert (tmp_path / path.parent.name / path.name).read_bytes() == path.read_bytes()


def test_trained_heads_open_for_their_readers_and_their_cards_name_them(model, trained):
    out, cards = trained
    encoder, reader = readers(model, out)

    heads = open_heads(encoder=encoder.made_for, reader=reader.made_for, folder=out)

    assert [card.head for card in cards] == NAMES
    assert sorted(path.stem for path in out.iterdir()) == sorted([*NAMES, GUIDANCE_TUNING, EXCHANGE_TUNING])
    for card in cards:
        assert card.id == getattr(heads, card.head).identity
        assert read_card(card.head, folder=cards_folder(out)) == card
    with pytest.raises(HeadError, match="run: guidance-atlas train"):
        open_heads(encoder=SentenceTransformerEncoder(model).made_for, reader=reader.made_for, folder=out)


def test_trained_heads_tell_what_they_were_shown(data, model, trained):
    out, cards = trained
    encoder, reader = readers(model, out)

    figures = evaluate(data, encoder=encoder, reader=reader, folder=out)

    assert figures == {card.head: list(card.figures) for card in cards}
    found = {one.name: one.value for several in figures.values() for one in several}
    assert found["guidance F1"] > 0.9
    assert found["domain accuracy"] > 0.9
    assert found["pushback F1, user turns"] > 0.9
    assert found["sycophantic F1"] > 0.9
    assert found["candor Spearman"] > 0.8
    assert found["candid above pleasing, written pairs held out"] == 1


def test_cards_say_what_was_trained_on_under_which_licence(data, trained):
    _, cards = trained
    asks, talks = labelled_asks(data), labelled_talks(data)
    by_head = {card.head: {source.file: source.n for source in card.trained_on} for card in cards}

    fitted = [one.file for one in asks if one.use == "fit"]
    assert by_head["screen"] == by_head["labels"] == {file: fitted.count(file) for file in set(fitted)}
    assert by_head["glance"] == by_head["screen"] | {"chats": 30}
    spoken = sum(one.use == "fit" and one.file == "candor_train" for one in talks)
    assert by_head["candor"] == by_head["drift"] == by_head["pushback"]
    assert by_head["candor"]["candor_train"] == spoken
    assert all(source.licence == LICENCES[source.file] for card in cards for source in card.trained_on)


def test_errors_are_counted_on_rows_that_were_not_fitted(data, trained):
    _, cards = trained
    counted = {(one.measure, one.facet): one for card in cards for one in card.confusions}
    asks, talks = labelled_asks(data), labelled_talks(data)
    held = [one for one in asks if one.use != "fit"]
    natural = sum(one.use == "natural" for one in held)
    checked = sum(one.use == "check" and one.file != "talks" for one in talks)

    assert counted["guidance", "all"].n == natural + 12
    assert counted["stakes", "all"].n == sum(one.item.labels["guidance"] for one in held) + 18
    assert counted["sycophantic", "all"].n == counted["pushback", "all"].n == checked + 24
    assert {card.head for card in cards if card.counted_on} == set(NAMES) - {"glance"}


def test_the_reliability_of_the_screen_is_measured_on_development_rows(trained):
    _, cards = trained

    assert {card.head: sum(one.n for one in card.calibration) for card in cards} == {
        **dict.fromkeys(NAMES, 0),
        "screen": 36,
    }


def test_cards_carry_seed_date_and_the_tunings_they_stand_on(model, trained):
    out, cards = trained
    encoder, reader = readers(model, out)

    assert {(card.seed, card.made_on) for card in cards} == {(3, "2026-01-02")}
    assert [card.encoder for card in cards] == [None, *[encoder.made_for] * 2, *[reader.made_for] * 3]


def test_a_tuning_learns_on_fitted_rows_and_comes_back_from_another_process(data, model):
    found = tune_guidance(data, model=model, seed=3, recipe=ASKS_RECIPE)

    back = pickle.loads(pickle.dumps(found))
    assert back.head.identity == found.head.identity
    assert np.array_equal(back.layers["domain"].weight, found.layers["domain"].weight)
    assert found.head.facts["n"] == sum(one.use == "fit" for one in labelled_asks(data))
    assert found.head.facts["losses"][-1] < found.head.facts["losses"][0]
    assert {name: layer.weight.shape[1] for name, layer in found.layers.items()} == {
        "guidance": 1,
        "domain": 11,
        "stakes": 3,
        "support": 5,
    }


def test_a_tuning_of_exchanges_says_how_many_blocks_it_used(model, trained):
    head = read_head(EXCHANGE_TUNING, folder=trained[0])

    assert head.facts["layers"] == 1
    assert head.facts["losses"][-1] < head.facts["losses"][0]
    assert head.encoder == ExchangeReader(model).made_for


@pytest.mark.parametrize("name", ["gate_dev", "candor_dev", "chats"])
def test_a_data_folder_that_is_not_whole_is_refused_before_anything_is_written(data, model, tmp_path, name):
    for path in data.iterdir():
        if path.name != f"{name}.jsonl.gz":
            (tmp_path / path.name).write_bytes(path.read_bytes())

    with pytest.raises(HeadError, match=rf"{name}\.jsonl\.gz cannot be read"):
        train(tmp_path, tmp_path / "weights", model)
    assert not (tmp_path / "weights").exists()


def test_a_damaged_file_is_named_from_the_processes_that_tune(tmp_path):
    for name in ("gate_dev", "candor_dev", "gate_train", "candor_train", "chats", "weak_domains", "weak_negatives"):
        (tmp_path / f"{name}.jsonl.gz").write_bytes(b"not gzip")

    with pytest.raises(HeadError, match=r"gate_dev\.jsonl\.gz cannot be read"):
        training.train(tmp_path, tmp_path / "weights", seed=1)
    assert not (tmp_path / "weights").exists()
