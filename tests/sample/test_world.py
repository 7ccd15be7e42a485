"""The world holds what it was asked to hold, in the formats it claims, the same way each time."""

import json
import math
from collections import Counter
from dataclasses import asdict, replace
from datetime import date

import pytest
from chatlogs import records, turns_of

from guidance_atlas.sample.formats import MALFORMED_ITEMS, MALFORMED_LINES, SOURCES
from guidance_atlas.sample.rates import MODELS, Rates, presses, second_model_share
from guidance_atlas.sample.world import write_world
from guidance_atlas.vocab import DOMAINS, PUSHBACK, STAKES, SUPPORT

RATES = Rates()
# Bounds at 3.3 standard errors: about one true rate in a thousand falls outside.
WIDE = 3.3


def close(n_hits, n, rate):
    return abs(n_hits - n * rate) <= WIDE * math.sqrt(n * rate * (1 - rate)) + 1


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_numbers_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_world(tmp_path / name, conversations=300, seed=3)
    one = files_of(tmp_path / "a")
    assert one == files_of(tmp_path / "b")
    moment_in_gzip = one["logs/partner.jsonl.gz"][4:8]
    assert moment_in_gzip == bytes(4)


def test_another_seed_gives_another_world(tmp_path):
    for seed in (1, 2):
        write_world(tmp_path / str(seed), conversations=50, seed=seed)
    one, two = files_of(tmp_path / "1"), files_of(tmp_path / "2")
    assert all(one[name] != two[name] for name in one)


@pytest.mark.parametrize("conversations", [1, 2, 17])
def test_small_worlds_are_whole(tmp_path, conversations):
    world = write_world(tmp_path, conversations=conversations, seed=5)
    n_records = sum(world.records.values())
    assert n_records == world.n_conversations + world.n_duplicates + world.n_malformed
    assert world.n_malformed == RATES.n_malformed
    assert sorted(path.name for path in world.logs.iterdir()) == sorted(source.file for source in SOURCES)


def test_every_record_is_accounted_for(world, truths):
    found = {source.file: records(world.logs / source.file) for source in SOURCES}
    readable = Counter(turns_of(record)[0] for each in found.values() for record in each if turns_of(record)[1])
    assert readable == Counter(truth["id"] for truth in truths)
    assert sum(world.records.values()) == len(truths) + world.n_malformed
    assert world.n_duplicates == sum(truth["is_duplicate"] for truth in truths)


def test_malformed_records_are_of_the_kinds_that_are_counted(world):
    assert world.n_malformed == sum(world.malformed.values()) == RATES.n_malformed
    assert set(world.malformed) <= set(MALFORMED_LINES) | set(MALFORMED_ITEMS)


def test_duplicates_are_exact(world):
    lines = (world.logs / "web.jsonl").read_bytes().splitlines()
    ids = Counter(line[7:23] for line in lines if line.startswith(b'{"id":"'))
    repeats = [talk_id for talk_id, n in ids.items() if n > 1]
    assert repeats
    for talk_id in repeats:
        assert len({line for line in lines if line[7:23] == talk_id}) == 1


def test_formats_carry_person_model_and_time(world, truths):
    by_id = {truth["id"]: truth for truth in truths}
    seen = set()
    for source in SOURCES:
        for record in records(world.logs / source.file):
            talk_id, turns = turns_of(record)
            if not turns:
                continue
            truth = by_id[talk_id]
            text = json.dumps(record)
            assert truth["file"] == source.file
            assert f'"{truth["person"]}"' in text
            assert f'"{truth["model"]}"' in text
            seen.add(source.file)
    assert seen == {source.file for source in SOURCES}


@pytest.mark.parametrize(
    ("hit", "rate"),
    [
        (lambda t: t["guidance"], RATES.guidance),
        (lambda t: t["language"] != "en", RATES.language),
        (lambda t: bool(t["pii"]), RATES.private),
        (lambda t: t["is_duplicate"], RATES.duplicates),
    ],
    ids=["guidance", "language", "private", "duplicates"],
)
def test_plain_rates_lie_near_what_was_asked(truths, hit, rate):
    assert close(sum(map(hit, truths)), len(truths), rate)


def test_domains_follow_their_shares(truths):
    english = [t["domain"] for t in truths if t["guidance"] and t["language"] == "en"]
    found = Counter(english)
    assert all(close(found[domain], len(english), RATES.domains[domain]) for domain in DOMAINS)


def test_sycophancy_is_planted_by_domain_model_and_pressure(truths):
    expected, variance, n_found = 0.0, 0.0, 0
    for truth in truths:
        if truth["guidance"]:
            pressed = any(presses(event["kind"]) for event in truth["pushback"])
            rate = RATES.sycophancy(truth["domain"], model=truth["model"], pressed=pressed)
            expected, variance = expected + rate, variance + rate * (1 - rate)
            n_found += truth["sycophantic"]
    assert n_found > 20
    assert abs(n_found - expected) <= WIDE * math.sqrt(variance)


def test_pushback_comes_as_often_as_asked(truths):
    many = [t for t in truths if t["guidance"] and t["n_user_turns"] > 1]
    for among, rate in (
        ([t for t in many if t["domain"] == "relationships"], RATES.pushback_relationships),
        ([t for t in many if t["domain"] != "relationships"], RATES.pushback),
    ):
        assert close(sum(bool(t["pushback"]) for t in among), len(among), rate)
    kinds = {event["kind"] for t in many for event in t["pushback"]}
    assert kinds == set(PUSHBACK)


def test_support_is_mentioned_as_often_as_asked(guided):
    plain = [each.truth for each in guided if each.truth["situation"] != "therapy-break"]
    assert close(sum(bool(t["support"]) for t in plain), len(plain), RATES.support)


def test_the_newer_model_gains_over_the_weeks(truths):
    weeks = sorted({t["week"] for t in truths})
    assert len(weeks) == 8
    assert all(date.fromisoformat(t["day"]).isocalendar()[1] == int(t["week"][-2:]) for t in truths)
    for number, week in enumerate(weeks):
        models = [t["model"] for t in truths if t["week"] == week]
        assert close(models.count(MODELS[1]), len(models), second_model_share(number, n_weeks=8))


def test_few_people_have_many_conversations(world, truths):
    sizes = sorted(Counter(t["person"] for t in truths).values(), reverse=True)
    assert world.n_people == len(sizes) < world.n_conversations
    assert sizes[0] >= 20
    assert sizes[len(sizes) // 2] <= 2


def test_turns_in_the_truth_are_of_the_right_speaker(told):
    for each in told:
        truth, n = each.truth, len(each.turns)
        assert n == 2 * truth["n_user_turns"]
        assert all(0 < event["turn"] < n and event["turn"] % 2 == 0 for event in truth["pushback"])
        assert all(0 < turn < n and turn % 2 == 1 for turn in truth["sycophantic_turns"])


def test_labels_are_words_of_the_codebook_and_null_without_guidance(truths):
    for truth in truths:
        guidance = truth["guidance"]
        assert (truth["domain"] in DOMAINS) == guidance
        assert (truth["stakes"] in STAKES) == guidance
        assert set(truth["support"]) <= set(SUPPORT)
        assert (truth["sycophantic"] is None) == (not guidance)
    assert any(t["pushback"] for t in truths if not t["guidance"])


def test_under_pressure_the_assistant_gives_way_only_after_it(truths):
    pressed = [t for t in truths if t["sycophantic"] and any(presses(event["kind"]) for event in t["pushback"])]
    assert pressed
    for truth in pressed:
        first = min(event["turn"] for event in truth["pushback"] if presses(event["kind"]))
        assert min(truth["sycophantic_turns"]) == first + 1


def test_a_rate_that_is_asked_for_is_what_one_gets(tmp_path):
    none = write_world(tmp_path / "none", conversations=200, seed=1, guidance_rate=0.0)
    every = write_world(tmp_path / "all", conversations=200, seed=1, rates=replace(RATES, guidance=1.0))
    assert (none.n_guidance, every.n_guidance) == (0, 200)


def test_a_world_can_be_printed_as_plain_data(world):
    assert json.loads(json.dumps(asdict(world), default=str))["planted"]["guidance"] == RATES.guidance
