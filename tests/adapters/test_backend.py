"""Which backend is taken: the quickest whose vectors are right here, and never a wrong one in silence."""

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from guidance_atlas.adapters import backend as module
from guidance_atlas.adapters import openvino, torch_network
from guidance_atlas.adapters.backend import Backend, choose, likeness, sentences
from guidance_atlas.adapters.models import DEFAULT_MODEL, Source
from guidance_atlas.adapters.opened import Opened, Reading
from guidance_atlas.adapters.sentence_transformer import SentenceTransformerEncoder
from guidance_atlas.errors import HeadError, SettingsError

SOURCE = Source(DEFAULT_MODEL, None, "asked")
TABLE = np.random.default_rng(0).normal(size=(256, 16)).astype(np.float32)
needs_openvino = pytest.mark.skipif(not openvino.installed(), reason="the extra openvino is not installed")


def network(wrong=lambda vectors, ids: vectors):
    """Sums of random vectors of letters; `wrong` is what a broken library makes of them."""

    def run(ids, real, judged):
        return wrong(np.einsum("rt,rtw->rw", real.astype(np.float32), TABLE[ids]), ids)

    reading = Reading(width=16, limit=256, prompt="", begin=None, end=None, pad=0)
    return Opened(reading, lambda texts, limit, special: [list(t.encode()[:limit]) for t in texts], run)


def probe(opened, texts):
    return SentenceTransformerEncoder()._encode(opened, texts)


def test_the_same_vectors_are_alike_and_a_last_bit_does_not_matter():
    assert likeness(network(), network(), probe) == pytest.approx(1)
    assert likeness(network(lambda vectors, ids: vectors * 1.0001), network(), probe) > 0.9999


@pytest.mark.parametrize(
    "wrong",
    [
        lambda vectors, ids: np.roll(vectors, 1, axis=1),
        lambda vectors, ids: np.where(vectors > 9, np.nan, vectors),
        lambda vectors, ids: np.full_like(vectors, np.inf),
        lambda vectors, ids: np.zeros_like(vectors),
        lambda vectors, ids: vectors + np.float32(0.3) * np.abs(vectors).max() * np.sin(np.arange(16)),
    ],
    ids=["other numbers", "not a number", "infinite", "nothing", "a tenth off"],
)
def test_wrong_vectors_are_not_alike(wrong):
    assert likeness(network(wrong), network(), probe) < module.LEAST_COSINE


def test_bits_that_follow_the_company_are_not_alike():
    assert likeness(network(lambda vectors, ids: vectors + np.float32(1e-3) * len(ids)), network(), probe) == 0


def test_the_guard_reads_sentences_of_every_length():
    lengths = [len(text.split()) for text in sentences()]

    assert 30 <= len(lengths) <= 40
    assert min(lengths) == 1
    assert max(lengths) > 200


def backends(monkeypatch, **cosines):
    """Backends that come out like this against 32-bit floats; an error is raised."""

    def told(cosine):
        if isinstance(cosine, Exception):
            raise cosine
        return cosine

    made = [Backend(name, None, lambda one=one: told(one)) for name, one in cosines.items()]
    monkeypatch.setattr(module, "_backends", lambda *_: iter(made))


def test_the_first_that_is_right_is_taken(monkeypatch, caplog):
    backends(monkeypatch, quick=0.9995, quicker=1.0)

    assert choose(SOURCE, "auto", probe).name == "quick"
    assert caplog.records == []


@pytest.mark.parametrize("fault", [0.28, 0.9985, float("nan"), RuntimeError("no such kernel"), ImportError()], ids=repr)
def test_a_broken_one_is_left_out_with_a_warning(monkeypatch, caplog, fault):
    backends(monkeypatch, broken=fault, right=1.0)

    assert choose(SOURCE, "auto", probe).name == "right"
    assert all(record.levelname == "WARNING" for record in caplog.records)
    assert any(record.code.startswith("broken ") for record in caplog.records)
    assert "kernel" not in caplog.text


def test_where_all_are_broken_it_is_torch_in_32_bit_floats(monkeypatch):
    backends(monkeypatch, one=0.5, two=0.1)

    assert choose(SOURCE, "auto", probe).name == "torch/float32"


def test_a_broken_library_shows_in_the_encoders_identity_and_not_in_its_vectors(monkeypatch):
    exact = SentenceTransformerEncoder(backend="float32")
    backends(monkeypatch, broken=0.28)
    fallen = SentenceTransformerEncoder()

    assert fallen.identity == exact.identity
    assert np.array_equal(fallen.encode(["shall I go?"]), exact.encode(["shall I go?"]))


def test_openvino_that_is_asked_for_and_missing_says_what_to_install(monkeypatch):
    monkeypatch.setattr(openvino, "installed", lambda: False)

    with pytest.raises(SettingsError, match=r"pip install 'guidance-atlas\[openvino\]'"):
        choose(SOURCE, "openvino", probe)


def test_openvino_that_is_asked_for_and_wrong_stops_the_run(monkeypatch):
    monkeypatch.setattr(openvino, "installed", lambda: True)
    backends(monkeypatch, **{"openvino/bfloat16": 0.28})

    with pytest.raises(HeadError, match=r"cosine 0\.28.*set embed\.backend to auto"):
        choose(SOURCE, "openvino", probe)


def test_without_extra_and_short_floats_nothing_is_tried(monkeypatch):
    monkeypatch.setattr(openvino, "installed", lambda: False)
    monkeypatch.setattr(torch_network, "processor", lambda: "flags : fma avx2 avx512f")

    assert choose(SOURCE, "auto", probe).name == "torch/float32"


def test_a_verdict_is_found_once_and_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(openvino, "installed", lambda: False)
    monkeypatch.setattr(torch_network, "processor", lambda: "flags : avx512_bf16")
    opened = []
    monkeypatch.setattr(torch_network, "open_torch", lambda *what: opened.append(what[1]) or network())

    first, second = (choose(SOURCE, "auto", probe).name for _ in range(2))

    assert first == second == "torch/bfloat16"
    assert opened == ["bfloat16", "float32"]
    monkeypatch.setattr(torch_network, "processor", lambda: "flags : avx512_bf16 of another make")
    choose(SOURCE, "auto", probe)
    assert len(opened) == 4


def test_a_graphics_card_is_taken_first_and_judged_like_any_other(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(torch_network, "has_gpu", lambda: True)
    asked = []
    monkeypatch.setattr(torch_network, "open_torch", lambda *what: asked.append(what[1:]) or network())

    found = choose(SOURCE, "auto", probe)

    assert found.name == "cuda/bfloat16"
    found.open()
    assert asked == [("bfloat16", "cuda"), ("float32",), ("bfloat16", "cuda")]


ALONE = """
import sys
from guidance_atlas.adapters.sentence_transformer import SentenceTransformerEncoder
encoder = SentenceTransformerEncoder(backend="openvino")
print(encoder.identity.partition("/")[2], encoder.encode(["shall I go?"]).shape, "torch" in sys.modules)
print([name for name, module in sys.modules.items() if name.startswith("openvino_telemetry") and module])
"""


@needs_openvino
def test_openvino_does_without_torch_once_it_is_translated_and_reports_to_nobody(tmp_path):
    SentenceTransformerEncoder(backend="openvino").encode(["translated here, where it was not yet"])
    home = os.environ | {"HOME": str(tmp_path)}

    told = subprocess.run([sys.executable, "-c", ALONE], env=home, capture_output=True, text=True, check=True)

    assert told.stdout.splitlines() == [f"openvino/{openvino.floats()} (1, 384) False", "[]"]
    assert told.stderr == ""
    assert list(tmp_path.iterdir()) == []


@needs_openvino
def test_openvino_splits_words_as_the_model_itself_does():
    exact, translated = (SentenceTransformerEncoder(backend=name) for name in ("float32", "openvino"))
    odd = ["Grüße, naïve façade!", "你好 world", "", " \t\u0000\ufffd", "a" * 300, "word " * 900, "🙂 ok"]

    assert translated.tokens(odd) == exact.tokens(odd)


def test_where_openvino_has_no_short_floats_it_takes_long_ones(monkeypatch):
    library = SimpleNamespace(Core=lambda: SimpleNamespace(get_property=lambda *_: ["FP32", "INT8"]))
    monkeypatch.setattr(openvino, "_library", lambda: library)
    openvino.floats.cache_clear()
    try:
        assert openvino.floats() == "float32"
    finally:
        openvino.floats.cache_clear()
