"""The default encoder: what a vector may depend on, and what the encoder says when it cannot work."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas.adapters import openvino
from guidance_atlas.adapters.batches import BUDGET, Tokens, company, stacked
from guidance_atlas.adapters.models import digest_of, find_model
from guidance_atlas.adapters.sentence_transformer import SentenceTransformerEncoder
from guidance_atlas.adapters.tokens import vectors_of
from guidance_atlas.errors import HeadError, SettingsError
from guidance_atlas.heads.weights import HeadFile


def tuning(*, layers=None, width=384):
    draw = np.random.default_rng(0)
    shapes = {"down": (2, 4 * width), "up": (width, 2)}
    factors = {f"encoder.layer.0.output.dense.{part}": draw.normal(size=shapes[part]) * 0.1 for part in shapes}
    return HeadFile("guidance_tuning", "model@1", factors, {"layers": layers})


ENCODERS = {name: SentenceTransformerEncoder(backend=name) for name in ("float32", "torch", "openvino")}
ENCODER = ENCODERS["float32"]
TUNED = SentenceTransformerEncoder(tuning=tuning(layers=2), backend="float32")
on_every_backend = pytest.mark.parametrize(
    "encoder",
    [
        ENCODER,
        ENCODERS["torch"],
        pytest.param(
            ENCODERS["openvino"],
            marks=pytest.mark.skipif(not openvino.installed(), reason="the extra openvino is not installed"),
        ),
    ],
    ids=ENCODERS,
)
WORDS = ("should", "I", "leave", "my", "job", "for", "the", "sea", "?", "rent", "is", "late", "again", "bonjour", "🙂")
texts = st.lists(st.lists(st.sampled_from(WORDS), max_size=90).map(" ".join), min_size=1, max_size=12)


@on_every_backend
@settings(max_examples=8)
@given(company=texts, at=st.integers(0, 11), repeat=st.integers(1, 40))
def test_a_vector_has_the_same_bits_alone_and_in_any_company(encoder, company, at, repeat):
    at %= len(company)

    alone = encoder.encode([company[at]])[0]
    together = encoder.encode(company * repeat)

    assert np.array_equal(together[at], alone)
    assert np.array_equal(together[at + len(company) * (repeat - 1)], alone)


@on_every_backend
@pytest.mark.parametrize("words", [1, 30])
def test_bits_do_not_change_when_many_texts_of_one_length_share_batches(encoder, words):
    many = [f"number {n} asks whether to move {'far ' * words}" for n in range(2 * BUDGET // (words + 32) + 5)]

    forward = encoder.encode(many)

    assert np.array_equal(encoder.encode(many[::-1])[::-1], forward)
    for n in (1, 2, 3, 7):
        assert np.array_equal(encoder.encode(many[5 : 5 + n]), forward[5 : 5 + n])


@on_every_backend
def test_every_backend_says_what_float32_says_and_names_itself(encoder):
    several = ["Should I leave?", "word " * 900, "", "I wonder about leaving my partner, who is kind but never there"]

    cosine = (encoder.encode(several) * ENCODER.encode(several)).sum(axis=1)

    assert cosine.min() > 0.999
    assert encoder.made_for == ENCODER.made_for
    assert encoder.identity in {
        f"{ENCODER.made_for}/{library}/{floats}"
        for library in ("torch", "openvino")
        for floats in ("float32", "bfloat16")
    }


def test_vectors_have_unit_length_even_for_empty_and_very_long_texts():
    vectors = ENCODER.encode(["", "a", "word " * 5000, "\u0000\ufffd"])

    assert vectors.shape == (4, ENCODER.width)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_rows():
    assert ENCODER.encode([]).shape == (0, 384)


def test_nearness_follows_meaning():
    ask, near, far = ENCODER.encode(
        ["Should I break up with my boyfriend?", "I wonder about leaving my partner", "Sort a list in Rust"]
    )

    assert float(ask @ near) > float(ask @ far) + 0.1


def test_nothing_is_printed_on_first_use(capfd):
    SentenceTransformerEncoder(tuning=tuning(layers=1)).encode(["hello", "word " * 400])

    assert capfd.readouterr() == ("", "")


def test_identity_names_model_and_weights_and_is_stable():
    assert ENCODER.identity == SentenceTransformerEncoder(backend="float32").identity
    assert ENCODER.identity == f"{ENCODER.made_for}/torch/float32"
    assert ENCODER.identity.startswith("all-MiniLM-L6-v2@")


def test_a_shorter_cut_is_another_identity_and_another_vector():
    short = SentenceTransformerEncoder(max_tokens=64, backend="float32")
    text = "word " * 50 + "should I sell the house? " * 20

    assert short.identity != ENCODER.identity
    assert not np.array_equal(short.encode([text]), ENCODER.encode([text]))


def test_digest_follows_the_weights(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"one")
    before = digest_of(tmp_path)

    (tmp_path / "model.safetensors").write_bytes(b"two")

    assert digest_of(tmp_path) != before


def test_a_folder_without_weights_is_refused(tmp_path):
    with pytest.raises(HeadError, match="holds no weights"):
        digest_of(tmp_path)


@pytest.mark.parametrize("model", ["nobody/has-this-model", "no such folder/at all/here"])
def test_a_model_that_is_not_here_is_refused_with_the_next_step(model):
    with pytest.raises(SettingsError, match="download it first or give its folder"):
        find_model(model)


def test_a_damaged_folder_is_refused_without_a_traceback_of_the_library(tmp_path):
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "model.safetensors").write_bytes(b"not weights")

    with pytest.raises(HeadError, match="give a complete"):
        SentenceTransformerEncoder(str(tmp_path)).encode(["a"])


@settings(max_examples=5)
@given(company=texts, at=st.integers(0, 11))
def test_a_tuned_vector_has_length_one_and_the_same_bits_in_any_company(company, at):
    at %= len(company)

    together = TUNED.encode(company * 3)

    assert np.array_equal(together[at], TUNED.encode([company[at]])[0])
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert not np.allclose(together[at], ENCODER.encode([company[at]])[0], atol=1e-3)


def test_a_tuned_encoder_is_another_one():
    assert TUNED.made_for == f"{ENCODER.made_for}+{tuning(layers=2).identity}"
    assert SentenceTransformerEncoder(tuning=tuning(layers=3)).made_for != TUNED.made_for


@pytest.mark.parametrize("wrong", [tuning(width=256), tuning(layers=99)], ids=["another width", "too many blocks"])
def test_a_tuning_of_another_encoder_is_refused_with_the_next_step(wrong):
    with pytest.raises(HeadError, match=r"tuned for another encoder than 'all-MiniLM-L6-v2'; run: guidance-atlas"):
        SentenceTransformerEncoder(tuning=wrong).encode(["a"])


def test_training_reads_a_text_as_use_does():
    several = ["Should I leave?", "word " * 900, ""]

    trained = vectors_of(ENCODER._source.open()[0].auto_model, ENCODER.tokens(several), unit=True).detach().numpy()

    assert np.allclose(trained, ENCODER.encode(several), atol=1e-5)


@given(st.lists(st.integers(1, 256), max_size=80), st.sampled_from([4, 16]))
def test_texts_of_one_company_fill_the_same_length_and_the_budget_holds(lengths, step):
    steps = list(company(lengths, limit=256, step=step))

    assert sorted(row for rows, _ in steps for row in rows) == list(range(len(lengths)))
    assert all(padded - step < lengths[row] <= padded for rows, padded in steps for row in rows)
    assert all(len(rows) * padded <= BUDGET and padded % step == 0 for rows, padded in steps)
    assert [padded for _, padded in steps] == sorted((padded for _, padded in steps), reverse=True)


def test_a_text_longer_than_the_budget_goes_alone():
    assert list(company([900, 900], limit=2_048, step=32, budget=512)) == [([0], 928), ([1], 928)]


def test_what_is_padded_is_neither_real_nor_judged():
    ids, real, judged = stacked([Tokens((5, 6, 7), n_before=2), Tokens((8,))], 4, pad=1)

    assert ids.tolist() == [[5, 6, 7, 1], [8, 1, 1, 1]]
    assert real.tolist() == [[1, 1, 1, 0], [1, 0, 0, 0]]
    assert judged.tolist() == [[0, 0, 1, 0], [1, 0, 0, 0]]
