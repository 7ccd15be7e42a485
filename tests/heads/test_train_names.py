"""From a folder of data to weights, an operating point and a card; the same seed gives the same bytes."""

from datetime import date

import pytest
from namedata import small_world, write_names_data

from guidance_atlas.heads import train_names as training
from guidance_atlas.heads.cards import cards_folder, read_card
from guidance_atlas.heads.name_measure import masked
from guidance_atlas.heads.weights import read_head
from guidance_atlas.stages.scrub.names import find_names
from guidance_atlas.stages.scrub.net import NAMES, open_names


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_names_data(tmp_path_factory.mktemp("data"), **small_world())


def train(data, out):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "N_WRITTEN", 150)
        patch.setattr(training, "EPOCHS", 5)
        return training.train_names(data, out, seed=3, made_on=date(2026, 1, 2))


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "weights"
    return out, train(data, out)


def test_the_card_names_these_very_weights_and_what_they_were_made_from(trained):
    out, card = trained

    assert read_card(NAMES, folder=cards_folder(out)) == card
    assert read_head(NAMES, folder=out).identity == card.id
    assert {source.file for source in card.trained_on} == {"chats", "pii_btc_tweets", "pii_wnut17", "written"}
    assert card.figures[0].n > 0


def test_the_same_seed_gives_the_same_bytes(trained, data, tmp_path):
    out, card = trained

    assert train(data, tmp_path / "weights") == card
    assert (tmp_path / "weights" / "names.safetensors").read_bytes() == (out / "names.safetensors").read_bytes()


def test_what_was_shown_is_learnt(trained):
    net = open_names(trained[0])
    text = "we said ahoy trukavel at noon"

    assert [text[span.start : span.end] for span in find_names(text, judge=net)] == ["trukavel"]
    assert find_names(text) == []


def test_the_threshold_keeps_to_the_share_of_words_that_may_be_masked(trained, data):
    net = open_names(trained[0])
    chats = [text for turns in training.chats(data, "check") for text in turns]

    assert masked(chats, net).part <= training.MOST_MASKED * masked(chats, net).whole


def test_a_folder_without_a_net_of_its_own_is_served_by_the_one_that_ships(tmp_path):
    assert open_names(tmp_path).identity == open_names().identity
