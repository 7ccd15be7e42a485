"""Who plants conversations round a target reads her secret in no name; without the defence he does."""

from random import Random

import pytest

from guidance_atlas.attacks import poisoning
from guidance_atlas.attacks.poisoning import ATLAS, N_CANDIDATES, RELEASE, Target, Way
from guidance_atlas.attacks.suite import without
from guidance_atlas.settings import load_settings

SETTINGS = load_settings()
N = 6


def test_the_attacker_takes_the_one_candidate_that_is_told_of_her_cluster():
    target = Target(0, "chess", "asthma", ("fraud", "asthma", "stroke"))

    assert poisoning.guess(target, ["chess, asthma", "golf, fraud"], Random(1)) == "asthma"
    assert poisoning.guess(target, ["chess, stroke, asthma"], Random(1)) == "stroke"  # more people's terms come first
    assert poisoning.guess(target, ["golf, fraud"], Random(1)) == "fraud"  # her cluster cannot be told from others
    blind = [poisoning.guess(target, ["chess"], Random(seed)) for seed in range(300)]
    assert {round(blind.count(secret) / 300, 1) for secret in target.candidates} == {0.3}


def test_of_the_planted_one_fewer_than_it_takes_say_all_candidates():
    (target,) = poisoning.targets_of(1, Random(2))
    tables = poisoning.planted([target], Way("w", ATLAS, 9, 30, covered=True), Random(3))

    texts = next(frame for table, frame in tables.items() if table.__name__ == "CleanTurns")["text"].to_list()
    said = {secret: sum(secret in text.replace(",", " ").split() for text in texts) for secret in target.candidates}
    assert min(said.values()) >= 9  # some honest people speak of them too
    assert said[target.secret] > 9
    assert len({text for text in texts if target.topic in text}) == 31


@pytest.mark.parametrize("view", [RELEASE, ATLAS])
def test_where_one_person_is_enough_her_word_gets_into_the_name(view):
    bare = Way("one person is enough", view, 0, 0, covered=True)

    assert poisoning.poison(bare, without(SETTINGS), n_targets=N, seed=1, defended=False).holds


def test_copies_of_a_conversation_do_not_bring_a_secret_into_a_name():
    found = poisoning.poison(Way("copies", RELEASE, 24, 30), SETTINGS, n_targets=N, seed=1)

    assert found.blind == 1 / N_CANDIDATES
    assert found.holds, found


@pytest.mark.parametrize("said", [9, 20])
def test_of_planted_people_who_look_like_any_others_her_word_tells_no_more_than_luck(said):
    found = poisoning.poison(Way("no two alike", ATLAS, said, 22, covered=True), SETTINGS, n_targets=N, seed=1)

    assert found.bound == 1 / N_CANDIDATES + 1 / SETTINGS.protect.inside_people
    assert found.holds, found


def test_an_order_to_the_namer_is_in_no_name():
    way = Way("copies with an order", ATLAS, 9, 30, injected=True)

    assert poisoning.poison(way, SETTINGS, n_targets=2, seed=1).right == 0
