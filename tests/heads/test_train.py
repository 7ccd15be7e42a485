"""Training on a small invented corpus: same in, same out; what is measured on is never trained on."""

import gzip
import json

import numpy as np
import pytest
from talkframes import ByWords

from guidance_atlas.errors import HeadError
from guidance_atlas.heads.cards import cards_folder, read_card
from guidance_atlas.heads.data import Item, kept_for_measuring, read_items
from guidance_atlas.heads.evaluate import Report, evaluate
from guidance_atlas.heads.material import Material, Texts, gather, weak_domain
from guidance_atlas.heads.measure import Figure
from guidance_atlas.heads.opened import open_heads
from guidance_atlas.heads.train import train
from guidance_atlas.heads.train_screen import choose_threshold, find_landmarks
from guidance_atlas.heads.train_turns import choose_curve, scale_curve, turn_targets

ASKS = {
    "career": "should i quit my job at the office number {}",
    "relationships": "should i forgive my husband for lie {}",
    "finance": "should i pay debt or save dollar {}",
}


def write(folder, name, rows):
    with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)


def said(*texts):
    return [{"role": ("user", "assistant")[at % 2], "content": text} for at, text in enumerate(texts)]


def gate(kind, n):
    rows = []
    for at in range(n):
        domain = list(ASKS)[at % 3]
        asks = at % 2 == 0
        text = ASKS[domain].format(f"{kind}{at}") if asks else f"write a python function about {kind}{at}"
        labels = {"guidance": asks}
        if asks:
            labels |= {"domain": domain, "domain_2": None, "stakes": ("low", "high")[at % 4 // 2], "support": []}
        stratum = ("natural", "forum")[at % 3 == 0]
        rows.append({"id": f"{kind}:{at}", "source": "a", "stratum": stratum, "messages": said(text), "labels": labels})
    return rows


def candor(kind, n):
    rows = []
    for at in range(n):
        low = at % 2 == 0
        reply = "absolutely you are a genius and they are toxic" if low else "i would not do that because it is a risk"
        turns = said(f"my plan {kind}{at}", reply, "no you are wrong" if at % 3 else "thanks a lot", reply)
        labels = {
            "candor": 1 if low else 4,
            "sycophantic_turns": [1, 3] if low else [],
            "pushback": [{"turn": 2, "kind": ("insists", "recheck")[low]}] if at % 3 else [],
        }
        rows.append({"id": f"{kind}:{at}", "source": "b", "messages": turns, "labels": labels})
    return rows


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write(folder, "gate_train", gate("train", 60))
    write(folder, "gate_dev", gate("dev", 24))
    write(folder, "candor_train", candor("ct", 24))
    write(folder, "candor_dev", candor("cd", 12))
    chats = [
        {"id": f"chat:{at}", "source": "c", "messages": row["messages"]} for at, row in enumerate(gate("chat", 80))
    ]
    write(folder, "chats", [*chats, {"id": "dev:0", "source": "c", "messages": gate("dev", 1)[0]["messages"]}])
    posts = [
        {
            "id": f"post:{at}",
            "source": "d",
            "text": ASKS["finance"].format(f"post{at}"),
            "weak_domain": "personal_finance",
            "has_question": True,
            "is_update": at == 0,
        }
        for at in range(30)
    ]
    write(
        folder,
        "weak_domains",
        [*posts, {**posts[1], "id": "copy", "text": gate("dev", 1)[0]["messages"][0]["content"]}],
    )
    write(
        folder, "weak_negatives", [{"id": f"n:{at}", "source": "e", "text": f"what is fact {at}"} for at in range(30)]
    )
    write(folder, "weak_candor", [])
    return folder


@pytest.fixture(scope="module")
def trained(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("heads") / "weights"
    return out, train(corpus, out, seed=3, encoder=ByWords())


def test_training_twice_gives_the_same_weights_and_cards(corpus, trained, tmp_path):
    out, cards = trained

    assert train(corpus, tmp_path / "weights", seed=3, encoder=ByWords()) == cards
    for path in out.iterdir():
        assert (tmp_path / "weights" / path.name).read_bytes() == path.read_bytes()


def test_trained_heads_open_for_their_encoder_and_their_cards_name_them(trained):
    out, cards = trained

    heads = open_heads(encoder="by-words", folder=out)

    assert heads.candor.identity == read_card("candor", folder=cards_folder(out)).id
    assert [card.head for card in cards] == ["glance", "screen", "labels", "pushback", "candor"]
    with pytest.raises(HeadError, match="run: guidance-atlas train"):
        open_heads(encoder="another", folder=out)


def test_trained_heads_tell_what_they_were_shown(corpus, trained):
    out, _ = trained

    report = evaluate(corpus, encoder=ByWords(), folder=out)
    found = {one.name: one.value for figures in report.figures.values() for one in figures}

    assert found["guidance F1"] > 0.9
    assert found["domain accuracy"] > 0.9
    assert found["candor Spearman"] > 0.8
    assert report.under_floor() == []


def test_rows_that_are_measured_on_are_not_trained_on_under_another_name(corpus):
    material = gather(corpus, encoder=ByWords(), seed=3)

    texts = {turn for part in (material.posts, material.chats) for turns in part.said for turn in turns}

    assert not any("dev" in text for text in texts)
    assert len(material.posts.items) == 29  # neither the update nor the copy
    assert len(material.chats.items) == 80


def test_no_landmark_stands_for_one_text_however_often_it_is_repeated():
    draw = np.random.default_rng(0)
    crowd = Texts("chats", [Item("a", "x", (("user", "hm"),), {})] * 300, draw.normal(size=(300, 8)).astype(np.float32))
    lone = Texts("posts", crowd.items[:40], np.full((40, 8), 50, dtype=np.float32))
    nobody = Texts("negatives", [], np.zeros((0, 8), dtype=np.float32))

    landmarks = find_landmarks(Material(nobody, nobody, nobody, lone, nobody, crowd), seed=1)

    assert len(landmarks) > 5
    assert np.abs(landmarks[:, :8]).max() < 20


def test_a_missing_or_damaged_file_is_named(tmp_path):
    with pytest.raises(HeadError, match=r"gate_train\.jsonl\.gz cannot be read"):
        read_items(tmp_path, "gate_train")
    (tmp_path / "gate_dev.jsonl.gz").write_bytes(gzip.compress(b'{"id": 1}\n'))
    with pytest.raises(HeadError, match=r"gate_dev\.jsonl\.gz is damaged"):
        read_items(tmp_path, "gate_dev")


def test_a_copy_is_known_by_its_words_whatever_its_case_and_spaces():
    kept = kept_for_measuring([Item("a", "x", (("user", "Should I  go?"),), {})])
    copies = [Item("b", "x", (("user", "should i go?"),), {}), Item("c", "x", (("user", "should i stay?"),), {})]

    assert [item.id for item in kept.free(copies)] == ["c"]


@pytest.mark.parametrize(
    ("facts", "domain"),
    [
        ({"weak_domain": "personal_finance", "has_question": True}, "finance"),
        ({"weak_domain": "career", "has_question": False}, None),
        ({"weak_domain": "career", "has_question": True, "is_update": True}, None),
        ({"weak_domain": "general_advice", "has_question": True}, None),
        ({"topic": "marriage"}, "relationships"),
        ({"topic": "unheard"}, None),
    ],
)
def test_a_forum_suggests_a_domain_only_for_what_looks_like_a_request(facts, domain):
    assert weak_domain(Item("a", "x", (("user", "hm"),), {}, facts)) == domain


def test_the_threshold_prefers_a_right_rate_where_that_costs_little():
    truth = np.array([1.0] * 50 + [0.0] * 50)
    scores = np.concatenate([np.linspace(0.45, 0.9, 50), np.linspace(0.1, 0.5, 50)])

    threshold, chosen = choose_threshold(truth, scores, np.ones(100, dtype=bool))

    assert chosen["folds_f1"] >= chosen["folds_f1_best"] - 0.015
    assert abs(chosen["folds_natural_rate_bias"]) <= 0.02
    assert 0.4 < threshold < 0.55


def test_the_curve_reads_two_at_the_cut_and_never_falls():
    scores = np.linspace(0, 4, 60)
    truth = np.where(scores < 1.3, 1.0, np.where(scores < 3, 3.0, 5.0))

    knots, values = scale_curve(scores, truth, 1.3)

    assert np.interp(1.3, knots, values) == pytest.approx(2, abs=1e-3)
    assert ((np.interp(scores, knots, values) <= 2) == (truth <= 2)).all()
    assert (np.diff(values) >= 0).all()
    assert (np.diff(knots) > 0).all()


def test_the_curve_is_chosen_by_verdicts_on_whole_conversations():
    raw = np.tile(np.linspace(0, 4, 40), 2)
    truth = np.where(np.linspace(0, 4, 40) < 1.5, 1.0, 4.0)
    conversations = [(np.arange(80) % 40) == at for at in range(40)]

    knots, values = choose_curve(raw, np.tile(truth, 2), conversations, truth)

    assert ((np.interp(raw[:40], knots, values) <= 2) == (truth <= 2)).all()


def test_named_turns_are_low_and_others_are_not():
    item = Item("a", "x", (), {"candor": 2, "sycophantic_turns": [3]})

    assert turn_targets(item, [1, 3]) == [3.0, 2.0]


def test_a_report_names_what_misses_its_floor():
    report = Report({"screen": [Figure("guidance F1", 0.5, 0.4, 0.6, 9), Figure("other", None, None, None, 0)]})

    assert report.under_floor() == ["guidance F1"]
    assert report.lines()[0].endswith("n=9    floor 0.73 MISSED")
    assert "cannot be measured" in report.lines()[1]
