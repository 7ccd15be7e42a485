"""What masking lets through is counted on names and numbers of our own, the same in every run."""

import polars as pl

from guidance_atlas.ports import Span
from guidance_atlas.stages.probe import Planted, _is_left, planted, probe


class Finds:
    """Finds the planted things that it is told to, in whatever sentence they stand."""

    identity = "told"

    def __init__(self, things):
        self.things = things

    def find(self, texts):
        return [
            [Span(t.index(thing), t.index(thing) + len(thing), "PERSON", 1.0)] if (thing := self.things.get(t)) else []
            for t in texts
        ]


class Labels:
    identity = "labels"

    def replace(self, text, stretches):
        for start, end, label in reversed(stretches):
            text = text[:start] + label + text[end:]
        return text


def told(wanted):
    things = {one.text: one.thing for one in planted() if wanted(one)}
    return probe(planted=planted(), finder=Finds(things), replacer=Labels())


def row(table, **group):
    return table.filter(**group).select("n_planted", "n_leaked").row(0)


def test_whoever_finds_everything_lets_nothing_through_and_whoever_finds_nothing_all():
    all_found, none_found = told(lambda _one: True), told(lambda _one: False)

    assert all_found["n_leaked"].sum() == 0
    names = none_found.filter(pl.col("kind").is_in(["name", "lower", "first"]))
    assert names["n_leaked"].equals(names["n_planted"])
    assert none_found.filter(kind="order")["n_leaked"].item() > 0


def test_each_locale_and_kind_is_counted_by_itself_and_adds_up():
    table = told(lambda one: one.locale != "vi" or one.kind == "first")
    n, left = row(table, locale="all", kind="all")

    assert row(table, locale="vi", kind="name") == (40, 40)
    assert row(table, locale="vi", kind="first") == (20, 0)
    assert row(table, locale="pl", kind="lower") == (40, 0)
    assert left == 80
    each = table.filter((pl.col("locale") != "all") | ~pl.col("kind").is_in(["all", "name", "lower", "first"]))
    assert each["n_planted"].sum() == n == len(planted())
    assert table["locale"].n_unique() == 16


def test_shares_come_with_intervals_that_hold_them():
    table = told(lambda one: one.kind != "lower")

    assert ((table["low"] <= table["share"]) & (table["share"] <= table["high"])).all()
    assert (table["high"] > 0).all()


def test_half_a_name_is_a_leak_and_a_word_of_the_sentence_is_none():
    one = Planted("en", "name", "Mary Last", "Mary Last called me last night.")

    assert _is_left(one, "<PERSON_1> Mary called me last night.")
    assert not _is_left(one, "<PERSON_1> called me last night.")


def test_the_same_things_are_planted_in_every_run():
    assert planted() == planted()
    assert len({one.text for one in planted()}) > 1_500
