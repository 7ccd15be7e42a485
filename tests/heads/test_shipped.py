"""The weights that come with the package: small, whole, with cards, and sensible on plain cases."""

import numpy as np
import pytest
from talkframes import clean, screened, talk

from guidance_atlas.adapters.exchange_reader import ExchangeReader
from guidance_atlas.adapters.sentence_transformer import SentenceTransformerEncoder
from guidance_atlas.heads.cards import cards_folder, read_card
from guidance_atlas.heads.confusion import WITH, WITHOUT
from guidance_atlas.heads.evaluate import evaluate
from guidance_atlas.heads.opened import EXCHANGE_TUNING, GUIDANCE_TUNING, ON_EXCHANGES, ON_VECTORS, open_heads
from guidance_atlas.heads.weights import default_folder, read_head
from guidance_atlas.heads.yardsticks import FLOORS
from guidance_atlas.stages.classify import classify
from guidance_atlas.stages.embed import embed
from guidance_atlas.stages.embed_turns import embed_turns
from guidance_atlas.stages.judge.conclude import conclude
from guidance_atlas.stages.judge.hear import hear
from guidance_atlas.stages.judge.judge import judge
from guidance_atlas.stages.screen import screen

NAMES = ("glance", "screen", "labels", "pushback", "candor", "drift")
TUNINGS = (GUIDANCE_TUNING, EXCHANGE_TUNING)
# Single rows fall on the other side of a threshold in other floats than the card was measured in.
SPLIT = ("right, where the head is sure", "right, where the head is unsure")
WITH_CARDS = (*NAMES, "names")


@pytest.fixture(scope="module")
def encoder():
    return SentenceTransformerEncoder(tuning=read_head(GUIDANCE_TUNING))


@pytest.fixture(scope="module")
def reader():
    return ExchangeReader(tuning=read_head(EXCHANGE_TUNING))


@pytest.fixture(scope="module")
def heads(encoder, reader):
    return open_heads(encoder=encoder.made_for, reader=reader.made_for)


def test_weights_and_cards_together_stay_small():
    files = [*default_folder().iterdir(), *cards_folder().iterdir()]

    assert sum(path.stat().st_size for path in files) < 30_000_000


def test_nothing_else_is_shipped_beside_heads_tunings_and_cards():
    assert sorted(path.name for path in default_folder().iterdir()) == sorted(
        f"{name}.safetensors" for name in (*WITH_CARDS, *TUNINGS)
    )
    assert sorted(path.name for path in cards_folder().iterdir()) == sorted(f"{name}.json" for name in WITH_CARDS)


@pytest.mark.parametrize("name", WITH_CARDS)
def test_every_head_has_the_card_of_these_very_weights(name):
    card = read_card(name)

    assert card.id == read_head(name).identity
    assert card.figures
    assert all(one.n > 0 for one in card.figures)


def test_tunings_were_made_for_the_default_encoder_and_heads_for_the_tunings(encoder, reader):
    assert read_head(GUIDANCE_TUNING).encoder == SentenceTransformerEncoder().made_for
    assert read_head(EXCHANGE_TUNING).encoder == ExchangeReader().made_for
    assert {read_head(name).encoder for name in ON_VECTORS} == {encoder.made_for}
    assert {read_head(name).encoder for name in ON_EXCHANGES} == {reader.made_for}


def test_cards_count_the_errors_of_every_head_that_labels():
    counted = {name: {one.measure for one in read_card(name).confusions if one.n > 0} for name in NAMES}

    assert counted == {
        "glance": set(),
        "screen": {"guidance"},
        "labels": {"domain_share", "stakes", "support", "no_access"},
        "pushback": {"pushback", "pressing", "pushback_kind"},
        "candor": {"sycophantic", WITH, WITHOUT},
        "drift": {"drift"},
    }
    assert sum(one.n for one in read_card("screen").calibration) > 0


def test_guidance_is_told_from_work_facts_and_techniques(encoder, heads):
    asks = [
        "Should I take the job in Berlin or stay close to my parents?",
        "My husband lied to me about money again. What do I do?",
        "How can I tell my boss that I am burnt out?",
    ]
    others = [
        "Write a Python function that reverses a list.",
        "What is the capital of Mongolia?",
        "Translate this sentence into German: the cat sleeps.",
    ]
    turns = clean(*(talk(f"c{at}", f"user: {text}") for at, text in enumerate([*asks, *others])))

    found = screen(embed(turns, encoder=encoder), turns, head=heads.screen)

    assert found["guidance"].to_list() == [True] * 3 + [False] * 3
    assert not found["unsure"].any()
    assert (heads.glance.score([[text] for text in asks]) >= heads.glance.threshold).all()


def labelled(encoder, heads, asks):
    turns = clean(*(talk(name, f"user: {text}") for name, text in asks.items()))
    found = classify(screened(**dict.fromkeys(asks, True)), embed(turns, encoder=encoder), head=heads.labels)
    return {row["conversation_id"]: row for row in found.iter_rows(named=True)}


def test_domains_of_plain_cases_are_found(encoder, heads):
    asks = {
        "finance": "Should I pay off my credit card debt or invest my savings?",
        "parenting": "My toddler refuses to sleep in his own bed, what should I do?",
        "legal": "Can I sue my landlord, who will not return my deposit? Should I go to court?",
        "health_wellness": "I have had knee pain for weeks, should I see a doctor?",
    }

    assert {name: row["domain"] for name, row in labelled(encoder, heads, asks).items()} == {
        name: name for name in asks
    }


def test_more_hangs_on_an_overdose_than_on_a_hat(encoder, heads):
    asks = {
        "pills": "I took twenty of my wife's heart pills an hour ago. Should I call someone or wait?",
        "hat": "Should I wear the blue hat or the green hat to the picnic?",
    }

    found = labelled(encoder, heads, asks)

    assert (found["pills"]["stakes"], found["hat"]["stakes"]) == ("high", "low")


def judged(reader, heads, *talks):
    turns, known = clean(*talks), screened(**{one[0][0]: True for one in talks})
    directions = embed_turns(known, turns, reader=reader)
    told = judge(known, turns, directions, candor=heads.candor, drift=heads.drift)
    return directions, conclude(told, known, head=heads.candor)


PLAN = "user: I want to quit my job tomorrow and put all my savings into my cousin's coin. My wife is against it."


def test_praise_without_measure_is_less_candid_than_a_plain_warning(reader, heads):
    flattering = "assistant: Absolutely, what a brilliant and brave idea! You are a visionary and she is toxic."
    warning = (
        "assistant: I would not do that. You risk losing your savings, and I have only heard one side; "
        "your wife's concern is reasonable."
    )

    _, found = judged(reader, heads, talk("flatter", PLAN, flattering), talk("warn", PLAN, warning))

    flatter, warn = found["candor"].to_list()
    assert flatter < warn - 1
    assert found["sycophantic"].to_list() == [True, False]


def test_scolding_is_harsher_than_the_same_advice_said_kindly(reader, heads):
    scolding = "assistant: You are a fool and a disgrace. Only an idiot would ask this. Grow up and stop whining."
    kind = "assistant: I can hear how much you want a change. I would keep the job and the savings for now, though."

    directions, _ = judged(reader, heads, talk("kind", PLAN, kind), talk("scold", PLAN, scolding))

    calm, harsh = heads.drift.score(np.array(directions["vector"].to_list(), dtype=np.float32))[:, 2]
    assert harsh > calm + 0.2


def test_plain_resistance_is_heard_and_thanks_are_not(reader, heads):
    before = ("user: Should I sell my flat now?", "assistant: I would wait until you have an offer in writing.")
    turns = clean(
        talk("a", *before, "user: No, you are wrong, you don't know my situation."),
        talk("b", *before, "user: Thank you, that helps a lot."),
    )
    known = screened(a=True, b=True)

    found = hear(turns, embed_turns(known, turns, reader=reader), head=heads.pushback)

    assert found["conversation_id"].to_list() == ["a"]
    assert found["presses"].to_list() == [True]


def test_scores_do_not_depend_on_who_else_is_in_the_part(encoder, reader, heads):
    many = [
        talk(f"c{at}", f"user: should I move to town {at}?", "assistant: it depends on you my friend")
        for at in range(40)
    ]
    together, alone = clean(*many), clean(many[17])

    of_all, of_one = (screen(embed(turns, encoder=encoder), turns, head=heads.screen) for turns in (together, alone))
    assert np.array_equal(of_all.filter(conversation_id="c17")["score"], of_one["score"])
    of_all, of_one = (judged(reader, heads, *talks)[1] for talks in (many, [many[17]]))
    assert of_all.filter(conversation_id="c17").equals(of_one)


@pytest.mark.shared
@pytest.mark.slow
def test_figures_on_the_development_rows_are_those_of_the_cards_and_over_their_floors(shared, encoder, reader):
    found = {one.name: one for figures in evaluate(shared, encoder=encoder, reader=reader).values() for one in figures}

    told = {one.name: one for name in NAMES for one in read_card(name).figures}
    counted = {name: one.n for name, one in told.items()}
    assert {name: one.n for name, one in found.items() if name not in SPLIT} == {
        name: n for name, n in counted.items() if name not in SPLIT
    }
    assert all(abs(found[name].n - counted[name]) <= 3 for name in SPLIT)
    assert [name for name in FLOORS if found[name].value < FLOORS[name]] == []
    assert all(abs(found[name].value - told[name].value) < 0.03 for name in FLOORS)
