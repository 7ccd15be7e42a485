"""Part of bench/scrub.py: conversations a second beside stock Presidio, in alternating passes of one run."""

import time
from statistics import median

from obfuscated import stock_engine

from guidance_atlas.adapters.presidio import PresidioFinder
from guidance_atlas.adapters.presidio_anonymizer import PresidioReplacer
from guidance_atlas.adapters.presidio_recognisers import Recognisers, plain_words
from guidance_atlas.stages.scrub.mask import mask_conversations
from guidance_atlas.stages.scrub.names import find_names
from guidance_atlas.stages.scrub.normalise import normalise
from guidance_atlas.stages.scrub.rules import RULES

PASSES = 3
FINDER = PresidioFinder(ner="none")


def report(talks):
    """Print conversations a second of processor time: best of the passes, and the ratio with its spread over passes."""
    texts = [text for turns in talks for text in turns]
    stock, same = stock_engine(), same_engine()
    ways = {
        "ours": lambda: ours(talks),
        "our names alone": lambda: [find_names(normalise(text)) for text in texts],
        "stock defaults": lambda: [stock.analyze(text, language="en") for text in texts],
        "engine, our recognisers": lambda: [same.analyze(text, language="en") for text in texts],
    }
    warm = talks[:2]
    ours([*warm, ["4111 1111 1111 1111 a@b.com +1 212 555 0142"]])
    for engine in (stock, same):
        engine.analyze("4111 1111 1111 1111 a@b.com", language="en")
    seconds = {name: [] for name in ways}
    for _ in range(PASSES):
        for name, way in ways.items():
            start = time.process_time()
            way()
            seconds[name].append(time.process_time() - start)
    for name, taken in seconds.items():
        print(f"  {name:26} {len(talks) / min(taken):7.0f} conversations/s (best of {PASSES})")
    for name in ("stock defaults", "engine, our recognisers"):
        ratios = [theirs / own for theirs, own in zip(seconds[name], seconds["ours"], strict=True)]
        print(
            f"  ours against {name:26} {median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f}, "
            f"n={len(talks)})"
        )


def ours(talks):
    FINDER._remembered.clear()  # nothing is known from the pass before
    mask_conversations(talks, finder=FINDER, replacer=PresidioReplacer())


def same_engine():
    """Presidio's own engine over whole texts, with our recognisers and the patterns of our rules."""
    from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry

    class Rule(PatternRecognizer):
        def __init__(self, number, rule):
            self.rule = rule
            pattern = Pattern(f"rule {number}", f"(?:{rule.pattern.pattern})", rule.score)
            super().__init__(
                supported_entity=rule.kind,
                patterns=[pattern],
                name=f"rule {number}",
                global_regex_flags=rule.pattern.flags,
            )

    rules = [Rule(number, rule) for number, rule in enumerate(RULES)]
    registry = RecognizerRegistry(recognizers=[*Recognisers("en").stock, *rules], supported_languages=["en"])
    return AnalyzerEngine(registry=registry, nlp_engine=plain_words("en"), supported_languages=["en"])
