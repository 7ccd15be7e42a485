"""The plain chain of bench/plain_chain.py: what a capable person writes in an afternoon, without this project's ways.

Every conversation whole: stock Presidio over all its text, a sentence-transformers model's own `encode`, the same
heads, the same reading of exchanges in 32-bit floats. Heads, their tuning and what they read of a conversation are the
project's, since the answers are compared; how it is computed is the libraries' own way.
"""

import json
import resource
import time
import warnings
from collections import Counter

STEPS = ("mask", "encode", "heads", "exchanges")
BATCH = 32  # the library's own default
TRIED = 3 * BATCH  # texts of a worker on which other ways are tried

_OPENED = {}


def open_chain():
    """Open every model on one thread; returns processor seconds since this process began, and seconds by the clock."""
    started = time.perf_counter()
    warnings.simplefilter("ignore")
    import torch

    from guidance_atlas.adapters.exchange_reader import ExchangeReader
    from guidance_atlas.adapters.models import DEFAULT_MODEL, find_model, open_model
    from guidance_atlas.heads.opened import EXCHANGE_TUNING, GUIDANCE_TUNING, HEADS, build_heads
    from guidance_atlas.heads.weights import read_head

    torch.set_num_threads(1)
    tuned = {"name": DEFAULT_MODEL, "tuning": read_head(GUIDANCE_TUNING)}
    reader = {"model": DEFAULT_MODEL, "tuning": read_head(EXCHANGE_TUNING)}
    _OPENED.update(
        analyzer=stock_presidio(),
        model=open_model(find_model(DEFAULT_MODEL), **tuned),
        heads=build_heads({name: read_head(name) for name in HEADS}),
        reader=ExchangeReader(**reader, backend="float32"),
        short_model=lambda: open_model(find_model(DEFAULT_MODEL), **tuned).bfloat16(),
        short_reader=lambda: ExchangeReader(**reader, backend="torch"),
    )
    work([{"messages": [{"role": role, "content": "should i call a@b.com or not?"} for role in ("user", "assistant")]}])
    return {"seconds": time.process_time(), "by_clock": time.perf_counter() - started}


def stock_presidio():
    """Presidio's engines with the recognisers whose entities the project asks for, each as it comes.

    Names are found where a spaCy model en_core_web_* is installed; there is none in the package index.
    """
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer
    from presidio_anonymizer import AnonymizerEngine

    from guidance_atlas.adapters.presidio_recognisers import Recognisers, silence

    silence()
    named = max((name for name in spacy.util.get_installed_models() if name.startswith("en_core_web_")), default=None)
    nlp = SpacyNlpEngine()
    nlp.nlp = {"en": spacy.load(named) if named else spacy.blank("en")}
    recognisers = [type(one)() for one in Recognisers("en").stock] + ([SpacyRecognizer()] if named else [])
    entities = sorted({entity for one in recognisers for entity in one.supported_entities})
    registry = RecognizerRegistry(recognizers=recognisers, supported_languages=["en"])
    engine = AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["en"])
    anonymizer = AnonymizerEngine()

    def mask(text):
        found = engine.analyze(text, language="en", entities=entities)
        return anonymizer.anonymize(text=text, analyzer_results=found).text if found else text

    return mask


def work(talks):
    """Answers to conversations, processor seconds by step, and what was encoded."""
    import numpy as np

    from guidance_atlas.heads.text import gist
    from guidance_atlas.vocab import DOMAINS

    mask, model, heads = (_OPENED[name] for name in ("analyzer", "model", "heads"))
    marks = [time.process_time()]
    clean = [
        [(m["role"], mask(m["content"])) for m in talk["messages"] if m.get("content") and m["role"] != "system"]
        for talk in talks
    ]
    marks.append(time.process_time())
    texts = [gist([text for role, text in turns if role == "user"]) for turns in clean]
    vectors = unit(model.encode(texts, show_progress_bar=False))
    marks.append(time.process_time())
    guidance = heads.screen.score(vectors) >= heads.screen.threshold
    domains = np.array(DOMAINS)[heads.labels.domains(vectors).argmax(axis=1)]
    marks.append(time.process_time())
    asked = np.flatnonzero(guidance)
    verdicts, exchanges = judge([clean[row] for row in asked], _OPENED["reader"], heads)
    marks.append(time.process_time())
    judged = dict(zip(asked.tolist(), verdicts, strict=True))
    answers = [(bool(guidance[row]), str(domains[row]), judged.get(row)) for row in range(len(talks))]
    counted = Counter((domain, sycophantic) for asks, domain, sycophantic in answers if asks)  # the answer itself
    return answers, dict(zip(STEPS, np.diff(marks).tolist(), strict=True)), (texts, exchanges, len(counted))


def judge(talks, reader, heads):
    """Whether each conversation is sycophantic (None: no reply to judge), after its pushback was heard."""
    import numpy as np

    from guidance_atlas.heads.candor import lean_to_lowest
    from guidance_atlas.heads.exchange import exchange_at
    from guidance_atlas.vocab import SYCOPHANTIC

    found = [(row, at, exchange_at(turns, at)) for row, turns in enumerate(talks) for at in range(len(turns))]
    found = [(row, talks[row][at][0], exchange) for row, at, exchange in found if exchange is not None]
    vectors = reader.read([exchange for _, _, exchange in found])
    candor = heads.candor.score(vectors) if found else np.zeros(0)
    heads.pushback.hear(vectors) if found else None
    replies = [[] for _ in talks]
    for (row, role, _), score in zip(found, candor, strict=True):
        if role == "assistant":
            replies[row].append(score)
    leant = [lean_to_lowest(np.array(scores), heads.candor.low_weight) for scores in replies]
    verdicts = [bool(one <= SYCOPHANTIC) if scores else None for one, scores in zip(leant, replies, strict=True)]
    return verdicts, [exchange for _, _, exchange in found]


def unit(vectors):
    import numpy as np

    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def slice_of(source, rows, with_variants):
    """Work on some lines of a file: answers by line, processor seconds by step, largest memory in bytes."""
    if "loading" not in _OPENED:
        _OPENED["loading"] = open_chain()
    wanted = set(rows)
    with open(source, "rb") as file:
        talks = {row: json.loads(line) for row, line in enumerate(file) if row in wanted}
    started, at = time.process_time(), time.perf_counter()
    answers, seconds, (texts, exchanges, _) = work(list(talks.values()))
    spent = {"seconds": time.process_time() - started, "by_clock": time.perf_counter() - at}
    spent |= {"loading": _OPENED["loading"], "steps": seconds, "of": len(texts)}
    spent["largest"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return dict(zip(talks, answers, strict=True)), spent | (variants(texts, exchanges) if with_variants else {})


def variants(texts, exchanges):
    """Processor seconds of the two dear steps done another way, over the same texts, in passes one after the other."""
    model, short, reader = _OPENED["model"], _OPENED["short_model"](), _OPENED["short_reader"]()
    some = texts[:TRIED]
    batches = [some[at : at + BATCH] for at in range(0, len(some), BATCH)]
    short.encode(some[:2], show_progress_bar=False)
    reader.read(exchanges[:2])
    ways = {
        "sorted": lambda: model.encode(some, show_progress_bar=False),
        "unsorted": lambda: [model.encode(batch, show_progress_bar=False) for batch in batches],
        "short": lambda: short.encode(some, show_progress_bar=False),
        "exchanges": lambda: _OPENED["reader"].read(exchanges),
        "exchanges_short": lambda: reader.read(exchanges),
    }
    seconds = {}
    for name, way in ways.items():
        started = time.process_time()
        way()
        seconds[name] = time.process_time() - started
    return {"variants": seconds}
