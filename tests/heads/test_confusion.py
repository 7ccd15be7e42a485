"""What heads mistake for what: counted once, found again by measure and domain, one's own before the shipped ones."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.chain import Scope, stage
from guidance_atlas.errors import HeadError
from guidance_atlas.heads import errors_in_use as module
from guidance_atlas.heads.confusion import (
    NO_YES,
    WITH,
    WITHOUT,
    Confusion,
    Errors,
    count_confusion,
    count_flags,
    differ,
)
from guidance_atlas.heads.errors_in_use import errors_in_use
from guidance_atlas.settings import load_settings
from guidance_atlas.stages.correct import correct, correct_inside

OWN = Path("own-cards")
FLAGS = ((8, 2), (1, 9))


def flag(measure="sycophantic", domain="all", facet="all", counts=FLAGS, classes=NO_YES):
    return Confusion(measure, facet, domain, classes, counts)


def card(head, *confusions, weights=1):
    return SimpleNamespace(id=f"{head}-{weights}", head=head, confusions=confusions)


@pytest.fixture
def cards(monkeypatch):
    """Put cards where the shipped ones and one's own are read."""

    def put(*shipped, own=()):
        monkeypatch.setattr(module, "cards_in", lambda folder: list(own if folder == OWN else shipped))
        return errors_in_use(load_settings(heads={"cards": str(OWN)}) if own else load_settings())

    return put


def test_rows_are_what_is_true_and_columns_what_was_said():
    told = count_flags("guidance", [True, True, True, False], [True, True, False, True])

    assert told.counts == ((0, 1), (1, 2))
    assert (told.classes, told.n, told.table.tolist()) == (NO_YES, 4, [[0, 1], [1, 2]])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=30))
def test_every_labelled_conversation_is_counted_in_its_place(pairs):
    truth, said = [one for one, _ in pairs], [one for _, one in pairs]

    table = count_confusion("stakes", truth, said, classes=("a", "b", "c")).table

    assert table.sum(axis=1).tolist() == [truth.count(name) for name in "abc"]
    assert table.sum(axis=0).tolist() == [said.count(name) for name in "abc"]


def test_an_unknown_label_is_counted_in_the_complaint_and_not_told():
    with pytest.raises(HeadError, match="1 labels of stakes are none of low, high") as told:
        count_confusion("stakes", ["low", "my sister is ill"], ["low", "low"], classes=("low", "high"))
    assert "sister" not in str(told.value)


@pytest.mark.parametrize("counts", [((1, 2),), ((1, 2), (3,)), ((1, 2), (3, -4))])
def test_a_table_that_is_none_is_refused(counts):
    with pytest.raises(HeadError, match="sycophantic is no table of 2 by 2"):
        flag(counts=counts)


def test_the_confusion_of_a_domain_comes_before_that_of_all():
    everywhere, here = flag(), flag(domain="career")
    errors = Errors((("a", (everywhere, here)),))

    assert errors.of("sycophantic", domain="career") == ("a", here)
    assert errors.of("sycophantic", domain="legal") == errors.of("sycophantic") == ("a", everywhere)
    assert errors.of("sycophantic", "insists") is errors.of("pushback") is None


def test_a_part_without_errors_of_its_own_takes_those_of_the_judgement_it_shares():
    whole, pushed = flag(), flag(WITH, counts=((5, 5), (5, 5)))
    errors = Errors((("a", (whole, pushed)),))

    assert errors.of(WITH) == errors.of("sycophantic_after_pushback") == ("a", pushed)
    assert errors.of(WITHOUT) == ("a", whole)


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        (((80, 20), (20, 80)), False),
        (((8, 2), (2, 8)), False),
        (((40, 60), (20, 80)), True),
        (((80, 20), (70, 30)), True),
        (((0, 0), (0, 0)), False),
    ],
)
def test_errors_differ_only_where_chance_can_hardly_be_why(other, differs):
    assert differ(flag(counts=((80, 20), (20, 80))), flag(counts=other)) == differs


def test_the_identity_changes_with_every_count_and_card():
    one = Errors((("a", (flag(),)),))

    others = [Errors((("b", (flag(),)),)), Errors((("a", (flag(counts=((8, 2), (2, 8))),)),)), Errors(())]
    assert len({errors.identity for errors in (one, *others)}) == 4
    assert Errors((("a", (flag(),)),)).identity == one.identity


def test_the_cards_in_use_are_read_also_those_that_count_nothing(cards):
    errors = cards(card("candor", flag()), card("glance"))

    assert errors.by_card == (("candor-1", (flag(),)), ("glance-1", ()))


def test_one_s_own_cards_take_the_place_of_whole_measures(cards):
    shipped = card("candor", flag(), flag(domain="career")), card("pushback", flag("pushback"))
    mine = flag(counts=((70, 30), (20, 80)))

    errors = cards(*shipped, own=[card("candor", mine)])

    assert errors.of("sycophantic") == errors.of("sycophantic", domain="career") == ("candor-1", mine)
    assert errors.of("pushback") == ("pushback-1", flag("pushback"))


def test_one_s_own_card_takes_the_place_of_shipped_parts_too(cards):
    errors = cards(card("candor", flag(), flag(WITH)), own=[card("candor", flag(counts=((70, 30), (20, 80))))])

    assert errors.of(WITH) == errors.of("sycophantic")


def test_one_s_own_cards_of_other_weights_are_refused(cards):
    with pytest.raises(HeadError, match="other weights than those in use: candor; measure again"):
        cards(card("candor", flag()), own=[card("candor", flag(), weights=2)])


def test_a_folder_without_cards_is_refused(tmp_path):
    with pytest.raises(HeadError, match="without cards") as told:
        errors_in_use(load_settings(heads={"cards": str(tmp_path)}))
    assert str(tmp_path) not in str(told.value)


@pytest.mark.parametrize("wrong", [flag(classes=NO_YES[::-1]), flag("stakes"), flag("domain_share")])
def test_classes_that_are_not_the_measure_s_are_refused(cards, wrong):
    with pytest.raises(HeadError, match=f"counts other classes of {re.escape(wrong.measure)}"):
        cards(card("candor", wrong))


def test_a_changed_card_changes_the_keys_of_both_corrections(cards):
    def keys(*shipped):
        return [stage(step, scope=Scope.CORPUS, errors=cards(*shipped)).identity for step in (correct_inside, correct)]

    before, again, after = (keys(card("candor", flag(counts=counts))) for counts in (FLAGS, FLAGS, ((9, 1), (1, 9))))

    assert before == again
    assert not set(before) & set(after)
