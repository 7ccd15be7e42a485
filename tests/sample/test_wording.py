"""No phrase gives a class away: the world's text is as varied as a test of people's words needs."""

import random
import re
from collections import Counter, defaultdict

import numpy as np
import pytest

from guidance_atlas.sample.advice import Adviser
from guidance_atlas.sample.grammar import Teller
from guidance_atlas.sample.wording import OTHER_TONGUES, VERBATIM, wording
from guidance_atlas.vocab import DOMAINS, PUSHBACK

# A phrase tells a class when it stands in this share of the class's conversations and in so few of all others.
OFTEN, SELDOM = 0.35, 0.02
BIG, SMALL = 25, 12


def phrases(text):
    words = re.findall(r"[a-z']+", text.lower())
    return {" ".join(words[at : at + n]) for n in (1, 2, 3) for at in range(len(words) - n + 1)}


@pytest.fixture(scope="module")
def counted(told):
    return count(told)


@pytest.fixture(scope="module")
def counted_domains(full_of_guidance):
    return count(full_of_guidance)


def count(told):
    by_class, sizes = defaultdict(Counter), Counter()
    for each in told:
        name = each.truth["domain"] or "none"
        by_class[name].update(phrases(each.said))
        sizes[name] += 1
    return by_class, sizes


def tells(by_class, sizes, inside):
    """Phrases common inside these classes and rare outside them."""
    n_in, n_out = (sum(sizes[c] for c in sizes if (c in inside) == side) for side in (True, False))
    within = sum((by_class[c] for c in inside), Counter())
    beyond = sum((by_class[c] for c in by_class if c not in inside), Counter())
    return {p for p, n in within.items() if n > OFTEN * n_in and beyond[p] < SELDOM * n_out}


def test_no_phrase_tells_guidance(counted):
    by_class, sizes = counted
    assert tells(by_class, sizes, set(DOMAINS) & set(sizes)) == set()


def test_no_phrase_tells_what_is_not_guidance(counted):
    assert tells(*counted, {"none"}) == set()


@pytest.mark.parametrize("domain", [d for d in DOMAINS if d not in ("ethics", "other")])
def test_no_phrase_tells_a_domain(counted_domains, domain):
    assert tells(*counted_domains, {domain}) == set()


def test_openings_are_mostly_distinct(guided):
    openings = [" ".join(each.turns[0].lower().split()[:8]) for each in guided]
    assert len(set(openings)) >= 0.8 * len(openings)


def test_people_write_a_few_words_or_some_hundred(told):
    sizes = sorted(len(each.said.split()) for each in told)
    assert sizes[len(sizes) // 20] <= 10
    assert sizes[-5] >= 200


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_domain_has_its_situations(domain):
    found = wording().tongues["en"].situations[domain]
    assert len({each.id for each in found}) == len(found)
    assert len(found) >= (BIG if domain in ("health_wellness", "career", "relationships", "finance") else SMALL)


@pytest.mark.parametrize("code", OTHER_TONGUES)
def test_every_language_can_say_all_that_is_asked_of_it(code):
    tongue = wording().tongues[code]
    assert set(tongue.pushback) == set(PUSHBACK)
    assert {"open", "ask", "close", "hold", "cave"} <= set(tongue.frames)
    assert tongue.talks


def answer(situation, *, sycophantic, pressed, rng):
    english = wording().tongues["en"]
    adviser = Adviser(situation, english.frames, Teller(rng, wording().words, VERBATIM))
    kind = "insists" if pressed else None
    return adviser.answer(int(pressed), kind, sycophantic=sycophantic, leans=True, pressed=pressed)


def replies(situations, rng):
    """Five answers of each stance to each situation, one of them under pressure."""
    texts, stances = [], []
    for situation in situations:
        for number in range(10):
            stance = bool(number % 2)
            text, flattered = answer(situation, sycophantic=stance, pressed=number < 2, rng=rng)
            assert flattered == stance
            texts.append(text)
            stances.append(stance)
    return texts, np.array(stances)


def test_counted_words_tell_sycophancy_poorly_in_situations_not_seen():
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    situations = [each for found in wording().tongues["en"].situations.values() for each in found]
    areas = []
    for seed in range(4):
        rng = random.Random(seed)
        rng.shuffle(situations)
        half = len(situations) // 2
        (seen, seen_stance), (new, new_stance) = (replies(s, rng) for s in (situations[:half], situations[half:]))
        counts = CountVectorizer()
        model = LogisticRegression(max_iter=3_000).fit(counts.fit_transform(seen), seen_stance)
        areas.append(roc_auc_score(new_stance, model.decision_function(counts.transform(new))))
    assert np.mean(areas) < 0.8


def test_both_stances_answer_at_like_length():
    rng = random.Random(2)
    texts, stances = replies([s for found in wording().tongues["en"].situations.values() for s in found], rng)
    sizes = np.array([len(text.split()) for text in texts])
    assert 0.8 < sizes[stances].mean() / sizes[~stances].mean() < 1.25


@pytest.mark.shared
@pytest.mark.slow
def test_a_screen_trained_on_real_chats_recognises_the_worlds_guidance(shared, told, monkeypatch):
    import gzip
    import json

    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    from guidance_atlas.adapters.sentence_transformer import SentenceTransformerEncoder

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with gzip.open(shared / "gate_train.jsonl.gz", "rt") as lines:
        real = [json.loads(line) for line in lines]
    encoder = SentenceTransformerEncoder()
    said = ["\n".join(m["content"] for m in row["messages"] if m["role"] == "user")[:2_000] for row in real]
    screen = LogisticRegression(max_iter=2_000, class_weight="balanced")
    screen.fit(encoder.encode(said), [row["labels"]["guidance"] for row in real])
    english = [each for each in told if each.truth["language"] == "en"]
    drawn = random.Random(0).sample([e for e in english if e.truth["guidance"]], 300)
    drawn += random.Random(0).sample([e for e in english if not e.truth["guidance"]], 300)
    scores = screen.decision_function(encoder.encode([each.said[:2_000] for each in drawn]))
    assert roc_auc_score([each.truth["guidance"] for each in drawn], scores) > 0.93
