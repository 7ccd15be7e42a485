"""The reader of exchanges: what it reads of them, what a vector may depend on, and which reader it says it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from guidance_atlas.adapters import openvino
from guidance_atlas.adapters.exchange_reader import ExchangeReader
from guidance_atlas.adapters.models import DEFAULT_MODEL, find_model
from guidance_atlas.adapters.sentence_transformer import SentenceTransformerEncoder
from guidance_atlas.adapters.torch_network import multiplies_short_floats
from guidance_atlas.errors import HeadError
from guidance_atlas.heads.exchange import Excerpt, Exchange
from guidance_atlas.heads.weights import HeadFile, read_head


def tuning(*, layers=1, width=384, seed=0):
    draw = np.random.default_rng(seed)
    shapes = {"down": (2, 4 * width), "up": (width, 2)}
    factors = {
        f"encoder.layer.0.output.dense.{part}": (draw.normal(size=shape) * 0.1).astype(np.float16)
        for part, shape in shapes.items()
    }
    return HeadFile("exchange_tuning", "model@1", factors, {"layers": layers})


READERS = {name: ExchangeReader(tuning=tuning(), backend=name) for name in ("float32", "torch", "openvino")}
READER = READERS["float32"]
on_every_backend = pytest.mark.parametrize(
    "backend",
    [
        "float32",
        "torch",
        pytest.param(
            "openvino",
            marks=pytest.mark.skipif(not openvino.installed(), reason="the extra openvino is not installed"),
        ),
    ],
)
WORDS = ("should", "I", "leave", "my", "job", "for", "the", "sea", "?", "rent", "is", "late", "no", "bonjour", "🙂")
texts = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)


def exchange(said, *before, tokens=50):
    return Exchange(tuple(Excerpt(text, tokens) for text in before), Excerpt(said, tokens))


@pytest.fixture(scope="module")
def shipped():
    return {name: ExchangeReader(tuning=read_head("exchange_tuning"), backend=name) for name in READERS}


exchanges = st.builds(lambda before, said: exchange(said, *before), st.lists(texts, min_size=1, max_size=3), texts)


@on_every_backend
@settings(max_examples=6)
@given(company=st.lists(exchanges, min_size=1, max_size=8), at=st.integers(0, 7), repeat=st.integers(1, 3))
def test_a_vector_has_the_same_bits_alone_and_in_any_company(backend, company, at, repeat):
    at %= len(company)

    alone = READERS[backend].read([company[at]])[0]
    together = READERS[backend].read(company * repeat)

    assert np.array_equal(together[at], alone)
    assert np.array_equal(together[at + len(company) * (repeat - 1)], alone)


@on_every_backend
def test_bits_do_not_change_when_many_exchanges_of_one_length_share_batches(backend):
    many = [exchange(f"number {n} says to move to another town", "what now") for n in range(77)]

    forward = READERS[backend].read(many)

    assert np.array_equal(READERS[backend].read(many[::-1])[::-1], forward)
    assert np.array_equal(READERS[backend].read(many[40:41]), forward[40:41])


@on_every_backend
@pytest.mark.parametrize("words", [3, 20])
def test_bits_of_the_shipped_reader_do_not_change_however_many_share_a_length(shipped, backend, words):
    reader = shipped[backend]
    many = [exchange(" ".join([WORDS[n % 11]] * words), "what now") for n in range(11)]
    many += [exchange(" ".join([WORDS[n % 11]] * (words - 1) + ["rent"]), "so what") for n in range(80)]

    together = reader.read(many)

    for n in (1, 2, 3, 5, 9):
        assert np.array_equal(reader.read(many[:n]), together[:n])


def test_a_vector_has_twice_the_encoders_width_and_no_exchange_gives_no_row():
    assert READER.width == 2 * SentenceTransformerEncoder().width
    assert READER.read([exchange("a", "b")]).shape == (1, READER.width)
    assert READER.read([]).shape == (0, READER.width)


def test_empty_and_odd_texts_have_finite_vectors():
    odd = [exchange("", ""), exchange("\u0000\ufffd", ""), exchange("so"), exchange("word " * 900, "a " * 900, "")]

    assert np.isfinite(READER.read(odd)).all()


def test_both_halves_have_seen_each_other():
    one, other_reply, other_ask = READER.read(
        [exchange("do it", "shall I"), exchange("wait", "shall I"), exchange("do it", "must I")]
    )
    half = READER.width // 2

    assert not np.allclose(one[:half], other_reply[:half], atol=1e-4)
    assert not np.allclose(one[half:], other_ask[half:], atol=1e-4)


TOKENIZER = AutoTokenizer.from_pretrained(find_model(DEFAULT_MODEL), local_files_only=True)


def shown(one):
    """Tokens of an exchange as words, before and said."""
    tokens = READER.tokens([one])[0]
    words = TOKENIZER.convert_ids_to_tokens(list(tokens.ids))
    return words[: tokens.n_before], words[tokens.n_before :]


def test_what_stands_before_is_marked_off_piece_by_piece():
    before, said = shown(exchange("go now", "should i go", "wait"))

    assert before == ["[CLS]", "should", "i", "go", "[SEP]", "wait", "[SEP]"]
    assert said == ["go", "now", "[SEP]"]


def test_of_a_long_text_the_first_and_last_tokens_are_kept():
    numbers = [str(n) for n in range(100)]

    before, said = shown(exchange(" ".join(numbers), " ".join(numbers), tokens=10))

    assert said[:-1] == [*numbers[:6], *numbers[-4:]]
    assert before[1:-1] == said[:-1]


@given(texts, st.integers(2, 40))
def test_an_excerpt_never_takes_more_than_its_tokens(text, tokens):
    said = READER.tokens([exchange(text, tokens=tokens)])[0]
    whole = READER.tokens([exchange(text, tokens=500)])[0]

    assert len(said) - said.n_before - 1 == min(tokens, len(whole) - whole.n_before - 1)


def test_identity_names_model_tuning_library_and_floats():
    short = "bfloat16" if multiplies_short_floats() else "float32"

    assert READER.identity == f"{READER.made_for}/torch/float32"
    assert READERS["torch"].identity == f"{READER.made_for}/torch/{short}"
    assert READER.made_for.startswith("all-MiniLM-L6-v2@")
    assert READER.made_for.endswith(f"+{tuning().identity}")


def test_heads_go_with_a_tuning_whatever_the_backend():
    assert {reader.made_for for reader in READERS.values()} == {READER.made_for}
    assert ExchangeReader(tuning=tuning(seed=1)).made_for != READER.made_for
    assert ExchangeReader(tuning=tuning(layers=2)).made_for != READER.made_for
    assert ExchangeReader().made_for == SentenceTransformerEncoder().made_for


def test_a_folder_gives_its_own_name_with_and_without_a_slash():
    folder = find_model(DEFAULT_MODEL)

    assert ExchangeReader(f"{folder}/").made_for == ExchangeReader(str(folder)).made_for
    assert ExchangeReader(f"{folder}/").made_for.startswith("model@")


@on_every_backend
def test_every_backend_says_nearly_what_float32_says(backend):
    one = exchange("I would not do that, you risk a lot", "should I sell my house")
    exact, found = (reader.read([one])[0] for reader in (READER, READERS[backend]))

    assert float(exact @ found) / float(np.linalg.norm(exact) * np.linalg.norm(found)) > 0.999


def test_the_tuning_is_in_the_vectors():
    one = [exchange("go", "shall I")]

    assert not np.allclose(ExchangeReader(tuning=tuning(seed=1), backend="float32").read(one), READER.read(one))


@pytest.mark.parametrize("wrong", [tuning(width=256), tuning(layers=99)], ids=["another width", "too many blocks"])
def test_a_tuning_of_another_encoder_is_refused_with_the_next_step(wrong):
    with pytest.raises(HeadError, match=r"tuned for another encoder than 'all-MiniLM-L6-v2'; run: guidance-atlas"):
        ExchangeReader(tuning=wrong).read([exchange("a", "b")])


def test_nothing_is_printed_on_first_use(capfd):
    ExchangeReader(tuning=tuning()).read([exchange("hello", "word " * 3_000)])

    assert capfd.readouterr() == ("", "")
