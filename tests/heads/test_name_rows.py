"""What the finder of names may learn from and what it is measured on never meet."""

import pytest
from namedata import marked, small_world, talk, write_names_data

from guidance_atlas.errors import HeadError
from guidance_atlas.heads import name_rows
from guidance_atlas.heads.name_rows import NEITHER, PERSON, PLACE, UNTOLD
from guidance_atlas.stages.scrub.page import Page
from guidance_atlas.stages.scrub.words import lexicon


def test_tweets_are_split_as_their_corpus_recommends(tmp_path):
    rows = [marked(f"pii_btc_tweets:{section}_{n}", "x", section=section) for section in "abefgh" for n in (7, 1_500)]
    data = write_names_data(tmp_path, pii_btc_tweets=rows)

    uses = {row["id"]: told.use for row, told in zip(rows, name_rows.tweets(data), strict=True)}

    assert {ident for ident, use in uses.items() if use == "test"} == {"pii_btc_tweets:f_7", "pii_btc_tweets:f_1500"}
    assert {ident for ident, use in uses.items() if use == "dev"} == {"pii_btc_tweets:h_1500"}


def test_forum_texts_keep_the_split_they_came_with(tmp_path):
    parts = {"wnut17train.conll": {"fit", "check"}, "emerging.dev.conll": {"dev"}, "emerging.test.annotated": {"test"}}
    for part, uses in parts.items():
        rows = [marked(f"pii_wnut17:{part}_{n}", "x") for n in range(60)]
        assert {told.use for told in name_rows.forum_texts(write_names_data(tmp_path, pii_wnut17=rows))} == uses


def test_a_chat_is_read_for_one_use_alone_and_the_same_one_every_time(tmp_path):
    data = write_names_data(tmp_path, chats=[talk(f"c{n}", f"text {n}") for n in range(200)])

    read = {use: [turns[0] for turns in name_rows.chats(data, use)] for use in ("fit", "check", "test")}

    assert all(read.values())
    assert sorted(text for texts in read.values() for text in texts) == sorted(f"text {n}" for n in range(200))
    assert read["test"] == [f"text {n}" for n in range(200) if not name_rows.for_training(f"c{n}")]


def test_chats_in_other_languages_are_left_out(tmp_path):
    data = write_names_data(tmp_path, chats=[talk(f"c{n}", "да", language="Russian") for n in range(20)])

    assert not [turns for use in ("fit", "check", "test") for turns in name_rows.chats(data, use)]


def test_each_word_is_told_what_it_is_and_handles_are_left_to_the_rules(tmp_path):
    row = {
        **marked("a", "Zorb met @ pelu in Vik", "Zorb", "pelu", section="a"),
        "id": "pii_btc_tweets:a_1",
    }
    row["spans"] += [{"start": 19, "end": 22, "label": "LOC"}]
    told = next(name_rows.tweets(write_names_data(tmp_path, pii_btc_tweets=[row])))

    assert name_rows.truth_of(Page(told.text, lexicon()), told) == [PERSON, NEITHER, UNTOLD, NEITHER, PLACE]


def test_what_is_public_or_of_a_tale_is_set_apart(tmp_path):
    row = marked("c", "Zorb met Pelu", "Zorb", "Pelu", label="PERSON")
    row["spans"][0]["fiction"] = True
    told = next(name_rows.private_chats(write_names_data(tmp_path, pii_chat_dev=[row])))

    assert [told.text[start:end] for start, end, _ in told.spans] == ["Pelu"]


def test_lower_case_never_moves_a_span():
    told = name_rows.Told("İpek met Zorb", ((9, 13, PERSON),), "fit", "f")

    assert name_rows.in_lower_case(told) == told
    assert name_rows.in_lower_case(name_rows.Told("Ann", (), "fit", "f")).text == "ann"


def test_a_missing_or_damaged_file_says_what_to_do(tmp_path):
    with pytest.raises(HeadError, match="point --data"):
        list(name_rows.tweets(tmp_path))
    path = write_names_data(tmp_path, **small_world(4)) / "pii_wnut17.jsonl.gz"
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(HeadError, match="pii_wnut17"):
        list(name_rows.forum_texts(tmp_path))
