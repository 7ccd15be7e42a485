"""Models of people and places that join by setting: spaCy, a transformers token classifier, GLiNER."""

import builtins

import pytest

from guidance_atlas.adapters.learnt_names import learnt_names
from guidance_atlas.adapters.presidio import PresidioFinder
from guidance_atlas.adapters.presidio_anonymizer import PresidioReplacer
from guidance_atlas.adapters.transformer_names import WINDOW, TransformerNames, _joined
from guidance_atlas.errors import SettingsError
from guidance_atlas.ports import Span
from guidance_atlas.stages.scrub.mask import mask_conversations


def found(text, finder):
    return {(text[span.start : span.end], span.kind) for span in finder.find([text])[0]}


def test_a_spacy_model_adds_people_and_places(tmp_path):
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(
        [
            {"label": "PERSON", "pattern": "blorp"},
            {"label": "GPE", "pattern": "grumby"},
            {"label": "ORG", "pattern": "acme"},
        ]
    )
    nlp.to_disk(tmp_path / "model")
    finder = PresidioFinder(ner=str(tmp_path / "model"), names="lists")

    assert found("so blorp went by grumby and acme", finder) == {("blorp", "PERSON"), ("grumby", "LOCATION")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A token classifier of random weights over a vocabulary of ten words."""
    import torch
    from transformers import BertConfig, BertForTokenClassification, BertTokenizerFast

    place = tmp_path_factory.mktemp("model")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "blorp", "met", "grumby", "in", "so"]
    (place / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(vocab_file=str(place / "vocab.txt")).save_pretrained(place)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        id2label={0: "O", 1: "B-PER", 2: "I-PER", 3: "B-LOC"}, label2id={"O": 0, "B-PER": 1, "I-PER": 2, "B-LOC": 3},
    )  # fmt: skip
    model = BertForTokenClassification(config)
    with torch.no_grad():
        # Random below; only the last layer is set, so that "person" wins everywhere.
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor([0.0, 9.0, 0.0, 0.0]))
    model.save_pretrained(place)
    return place


def test_a_token_classifier_joins_by_its_folder(folder):
    finder = PresidioFinder(ner=f"transformers:{folder}")

    assert ("blorp", "PERSON") in found("so blorp met", finder)
    assert f"transformers {folder.name}" in finder.identity


def test_a_token_classifier_reads_long_texts_to_the_end_and_each_text_alone(folder):
    model = TransformerNames(str(folder))
    text = "so " * (3 * WINDOW) + "blorp"

    alone = next(iter(model.find([text])))
    among = list(model.find(["met", text, ""]))[1]

    assert max(span.end for span in alone) == len(text)
    assert alone == among


def test_other_weights_are_another_identity(folder, tmp_path):
    import shutil

    other = shutil.copytree(folder, tmp_path / folder.name)
    (other / "vocab.txt").write_text((folder / "vocab.txt").read_text().replace("blorp", "blurp"))

    assert TransformerNames(str(other)).identity != TransformerNames(str(folder)).identity


def test_pieces_of_a_name_become_one_and_other_labels_are_not_taken():
    tokens = [
        (0, 3, 0.9, "B-PER"),
        (4, 7, 0.8, "I-PER"),
        (8, 12, 0.9, "B-LOC"),
        (13, 15, 0.9, "ORG"),
        (16, 18, 0.2, "B-PER"),
    ]

    assert list(_joined(tokens)) == [Span(0, 7, "PERSON", 0.9), Span(8, 12, "LOCATION", 0.9)]


def test_a_folder_without_a_model_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(SettingsError, match=r"transformers:FOLDER"):
        _ = PresidioFinder(ner=f"transformers:{tmp_path}").identity


def test_gliner_that_is_not_installed_is_told_and_masks_nothing_in_silence(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "gliner":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr("guidance_atlas.adapters.gliner_names.find_spec", lambda _: None)
    finder = PresidioFinder(ner="gliner:some/model")

    with pytest.raises(SettingsError, match="pip install gliner"):
        _ = finder.identity
    with pytest.raises(SettingsError, match="pip install gliner"):
        mask_conversations([["so blorp met"]], finder=finder, replacer=PresidioReplacer())


def test_gliner_is_asked_for_people_and_places_piece_by_piece(monkeypatch):
    class Fake:
        def predict_entities(self, text, labels, threshold):
            at = text.find("blorp")
            return [{"start": at, "end": at + 5, "label": "person", "score": 0.9}] if at >= 0 else []

    model = learnt_names("gliner:any", "en")
    model.__dict__["_model"] = Fake()
    text = "so " * 1_000 + "blorp"

    assert list(next(iter(model.find([text])))) == [Span(3_000, 3_005, "PERSON", 0.9)]


@pytest.mark.parametrize("ner", ["none", "auto"])
def test_without_a_model_nothing_is_learnt(ner, monkeypatch):
    monkeypatch.setattr("spacy.util.is_package", lambda name: False)

    assert [list(spans) for spans in learnt_names(ner, "en").find(["a", "b"])] == [[], []]
