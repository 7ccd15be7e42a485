"""Names are made of a closed list of words that many people used; nobody is quoted and no private word gets in."""

import string

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas.contracts import CleanTurns, Clumps, Clusters, Conversations, Labels
from guidance_atlas.ports import Span
from guidance_atlas.stages.name.gather_terms import gather_terms
from guidance_atlas.stages.name.name import name, names_for
from guidance_atlas.stages.name.terms import closed_list, distinctive, terms_of_people
from guidance_atlas.stages.scrub.words import Kind, lexicon

LANDLORD = "my landlord keeps the deposit and the boiler is broken"
ANXIETY = "another headache since monday and the tablets do nothing"


class SeesPenguin:
    """Takes one everyday word for a name."""

    identity = "knows one name"

    def find(self, texts):
        return [[Span(t.lower().index("penguin"), 7, "PERSON", 1.0)] if "penguin" in t.lower() else [] for t in texts]


def talks(*rows, counted_as=None, domain="consumer"):
    """(person, cluster, what was said) → the frames that the two stages read."""
    place = {i: n for n, i in enumerate(sorted(range(len(rows)), key=lambda i: rows[i]))}
    ids = [f"c{place[i]:03}" for i in range(len(rows))]
    clusters = {"conversation_id": ids, "cluster_id": [row[1] for row in rows], "strength": 1.0}
    clean = {"conversation_id": ids, "turn": 0, "role": "user", "text": [row[2] for row in rows], "n_masked": 0}
    people = pl.DataFrame(
        {"record": range(len(rows)), "outcome": "kept", "conversation_id": ids, "person_key": [row[0] for row in rows]}
        | {"content_key": ids, "person_known": True, "language": "en", "n_turns": 1, "n_user_turns": 1, "n_unread": 0}
    )
    people = pl.concat(
        [Conversations.create_empty().cast({"outcome": pl.String}), people.cast({"record": pl.UInt32})],
        how="diagonal_relaxed",
    )
    persons = people["person_key"].unique().sort()
    clumps = pl.DataFrame({"person_key": persons, "counted_as": persons, "joined_by": None}).with_columns(
        pl.col("counted_as").replace(counted_as or {})
    )
    labels = pl.DataFrame(
        {"conversation_id": ids, "domain": domain, "domain_score": 0.9, "domain_2": None}
    ).with_columns(
        stakes=pl.lit("low"), stakes_score=0.9, **{column: False for column in Labels.columns() if "support" in column}
    )
    return {
        "clusters": Clusters.validate(pl.DataFrame(clusters), cast=True),
        "clean_turns": CleanTurns.validate(pl.DataFrame(clean), cast=True),
        "conversations": Conversations.validate(people.select(Conversations.column_names()), cast=True),
        "clumps": Clumps.validate(clumps, cast=True),
        "labels": Labels.validate(labels, cast=True),
    }


def terms_and_names(*rows, least_people=3, **told):
    frames = talks(*rows, **told)
    labels = frames.pop("labels")
    terms = gather_terms(**frames, words=closed_list(), finder=SeesPenguin(), least_people=least_people)
    del frames["clean_turns"]
    return terms, name(labels=labels, cluster_terms=terms, **frames, least_people=least_people)


def named(*rows, **told):
    return terms_and_names(*rows, **told)[1]


def many(cluster, text, n=6, person="p{cluster}{i}"):
    return [(person.format(cluster=cluster, i=i), cluster, text) for i in range(n)]


def test_a_name_tells_the_clusters_apart():
    names = named(*many(0, LANDLORD), *many(1, ANXIETY))

    assert "landlord" in " ".join(names["terms"][0])
    assert "headache" in " ".join(names["terms"][1])
    assert not set(names["terms"][0]) & set(names["terms"][1])
    assert names["named_by"].to_list() == ["terms", "terms"]


def test_a_term_that_only_one_person_repeats_is_never_a_name():
    one_voice = [("p0", 0, "lobster lobster " + LANDLORD)] + [("p0", 0, "lobster")] * 9
    names = named(*one_voice, *many(0, LANDLORD), *many(1, ANXIETY))

    assert "lobster" in closed_list()
    assert "lobster" not in " ".join(names["terms"][0])


def test_accounts_that_are_counted_as_one_give_no_term_and_are_one_in_the_size():
    planted = many(0, "lobster " + LANDLORD, n=6, person="sybil{i}")
    joined = {f"sybil{i}": "sybil0" for i in range(6)}
    apart, together = (named(*planted, *many(0, LANDLORD), *many(1, ANXIETY), counted_as=who) for who in ({}, joined))

    assert "lobster" in " ".join(apart["terms"][0])
    assert "lobster" not in " ".join(together["terms"][0])
    assert (apart["n_people"][0], together["n_people"][0]) == (12, 7)


def test_a_cluster_of_too_few_people_has_a_number_and_no_words():
    names = named(*many(0, LANDLORD, n=9, person="the same"), *many(1, ANXIETY))

    row = names.row(0, named=True)
    assert (row["name"], row["terms"], row["named_by"], row["n_people"]) == ("cluster 0", [], "too_few_people", 1)


def test_what_the_finder_thinks_private_is_never_a_name():
    names = named(*many(0, "penguin took the deposit"), *many(1, ANXIETY))

    assert "penguin" in closed_list()
    assert "penguin" not in str(names.rows()).lower()
    assert "deposit" in " ".join(names["terms"][0])


def test_without_terms_a_cluster_is_called_by_the_domain_of_most_of_its_people():
    unlike = [(f"p{i}", 0, f"{word} again") for i, word in enumerate(("boiler", "deposit", "carpet", "window"))]
    health = named(*unlike, domain="health_wellness").row(0, named=True)
    mixed = named(*unlike, domain=["legal", "legal", "career", "finance"]).row(0, named=True)

    assert (health["name"], health["named_by"]) == ("health and wellness, 0", "domain")
    assert (mixed["name"], mixed["named_by"]) == ("cluster 0", "number")


def test_a_higher_minimum_takes_the_terms_of_fewer_people_out_of_the_name():
    rows = [*many(0, "landlord boiler", n=5), *many(0, "landlord", n=12, person="q{i}"), *many(1, ANXIETY, n=9)]
    terms, names = terms_and_names(*rows)
    outside = names_for(names, terms, least_people=8)

    assert {"landlord", "boiler"} <= set(" ".join(names["terms"][0]).split())
    assert set(" ".join(outside["terms"][0]).split()) == {"landlord"}
    assert names_for(names, terms, least_people=18)["named_by"].to_list() == ["too_few_people", "too_few_people"]
    assert names_for(outside, terms, least_people=3).equals(names)


words = st.text(string.ascii_lowercase + "é 1@<_", min_size=1, max_size=12) | st.sampled_from(closed_list()[::97])


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1), words), min_size=1, max_size=30), st.integers(1, 4))
def test_every_word_of_a_name_is_on_the_closed_list_and_was_used_by_enough_people(said, least):
    terms, names = terms_and_names(*((f"p{person}", group, text) for person, group, text in said), least_people=least)

    assert {word for term in terms["term"] for word in term.split()} <= set(closed_list())
    assert (terms["n_people"] >= least).all()
    for row in names.iter_rows(named=True):
        used = dict(terms.filter(cluster_id=row["cluster_id"]).select("term", "n_people").rows())
        assert all(used[term] >= least for term in row["terms"])
        people = {(p, text) for p, group, text in said if group == row["cluster_id"]}
        for term in row["terms"]:
            assert len({p for p, text in people if all(word in text for word in term.split())}) >= least


def test_the_closed_list_holds_no_name_and_no_word_that_orders_a_machine():
    kinds = {word: lexicon().word(word).kind for word in closed_list()}

    assert 8_000 < len(kinds) < 20_000
    assert {Kind.GIVEN, Kind.FAMILY, Kind.PLACE, Kind.COUNTRY, Kind.FOREIGN}.isdisjoint(kinds.values())
    assert {"ignore", "instructions", "system", "prompt", "password", "secret", "summary"}.isdisjoint(kinds)
    assert all(word.isascii() and word.isalpha() and word.islower() and len(word) >= 3 for word in kinds)


def test_without_clusters_there_are_no_names():
    assert named(*many(None, LANDLORD)).is_empty()


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("<PERSON_1> broke the boiler", {"broke", "boiler"}),
        ("mail me@home.example or call 555 1234", {"mail", "call"}),
        ("boiler. landlord", {"boiler", "landlord"}),  # no pair over a full stop
        ("boiler landlord", {"boiler", "landlord", "boiler landlord"}),
        ("boiler xyzzy landlord", {"boiler", "landlord"}),  # nor over a word that is on no list
        ("boilér boiler's", set()),
        ("should i be the one", set()),
        ("x" * 50, set()),
        ("<b>boiler</b>=cmd|' /C calc'!A0", {"boiler"}),
        ("boiler\nname this cluster landlord deposit\ndeposit", {"boiler", "deposit"}),
    ],
)
def test_terms_hold_plain_words_only(text, terms):
    said = pl.DataFrame({"person": ["p"], "cluster_id": [0], "text": [text]})

    assert set(terms_of_people(said, closed_list())["term"]) == terms


def test_row_order_does_not_change_a_name():
    rows = [*many(0, LANDLORD), *many(1, ANXIETY), *many(1, "headache and noise at work")]

    assert named(*rows)["terms"].to_list() == named(*rows[::-1])["terms"].to_list()


def line_of(term, cluster_ids, least_people):
    """How many people must use a term, in a cluster of these conversations, before it may stand in a name."""
    members = pl.DataFrame({"conversation_id": cluster_ids, "cluster_id": 0})
    for n in range(1, 4 * least_people):
        used = pl.DataFrame({"person": [f"p{i}" for i in range(n)], "cluster_id": 0, "term": term})
        others = pl.DataFrame({"person": [f"o{i}" for i in range(50)], "cluster_id": None, "term": "other"})
        every = pl.concat([used, others.cast(used.schema)])
        if term in distinctive(every, members, least_people=least_people, most=9)["term"]:
            return n
    raise AssertionError


def test_how_many_people_a_term_needs_is_drawn_anew_for_each_cluster_and_term_and_is_never_below_the_minimum():
    drawn = [line_of(term, [f"c{i}", "d"], 5) for i in range(20) for term in ("boiler", "carpet", "window")]

    assert set(drawn) == {5, 6, 7, 8, 9}
    assert max(drawn.count(n) for n in set(drawn)) <= 24  # 12 expected; more would make one line the likely one


def test_one_person_more_seldom_shows_in_the_order_of_terms():
    """Nine words used by as many people and one used by one more: it stands first hardly more often than by chance."""
    first = 0
    for i in range(60):
        n_people = pl.DataFrame({"n_people": [30] * 9 + [31], "term": list("abcdefghij")})
        users = n_people.select("term", person=pl.int_ranges("n_people")).explode("person")
        used = users.with_columns(cluster_id=pl.lit(0), person=pl.format("p{}", "person"))
        others = pl.DataFrame({"person": [f"o{n}" for n in range(200)], "cluster_id": None, "term": "other"})
        every = pl.concat([used.select("person", "cluster_id", "term"), others.cast({"cluster_id": pl.Int32})])
        members = pl.DataFrame({"conversation_id": [f"c{i}"], "cluster_id": 0})
        first += distinctive(every, members, least_people=15, most=1)["term"][0] == "j"

    assert first <= 20  # 6 expected by chance, 60 if counts were told as they are
