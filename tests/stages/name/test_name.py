"""Names are made of terms of many people; nobody is quoted and no private word gets in."""

import polars as pl
import pytest

from guidance_atlas.contracts import CleanTurns, Clusters, Conversations
from guidance_atlas.ports import Span
from guidance_atlas.stages.name.name import name
from guidance_atlas.stages.name.terms import terms_of_people

LANDLORD = "my landlord keeps the deposit and the boiler is broken"
MIGRAINE = "another migraine since monday and the tablets do nothing"


class NamesTanya:
    identity = "knows one name"

    def find(self, texts):
        return [[Span(t.lower().index("tanya"), 5, "PERSON", 1.0)] if "tanya" in t.lower() else [] for t in texts]


def talks(*rows):
    """(person, cluster, what was said) → the three frames."""
    ids = [f"c{i:03}" for i in range(len(rows))]
    clusters = {"conversation_id": ids, "cluster_id": [row[1] for row in rows], "strength": 1.0}
    clean = {"conversation_id": ids, "turn": 0, "role": "user", "text": [row[2] for row in rows], "n_masked": 0}
    conversations = Conversations.create_empty().select(pl.all())
    people = pl.DataFrame(
        {"record": range(len(rows)), "outcome": "kept", "conversation_id": ids, "person_key": [row[0] for row in rows]}
        | {"content_key": ids, "person_known": True, "language": "en", "n_turns": 1, "n_user_turns": 1, "n_unread": 0}
    )
    people = pl.concat(
        [conversations.cast({"outcome": pl.String}), people.cast({"record": pl.UInt32})], how="diagonal_relaxed"
    )
    return (
        Clusters.validate(pl.DataFrame(clusters), cast=True),
        CleanTurns.validate(pl.DataFrame(clean), cast=True),
        Conversations.validate(people.select(Conversations.column_names()), cast=True),
    )


def named(*rows, least_people=3):
    return name(*talks(*rows), finder=NamesTanya(), least_people=least_people)


def many(cluster, text, n=4, person="p{cluster}{i}"):
    return [(person.format(cluster=cluster, i=i), cluster, text) for i in range(n)]


def test_a_name_tells_the_clusters_apart():
    names = named(*many(0, LANDLORD), *many(1, MIGRAINE))

    assert "landlord" in " ".join(names["terms"][0])
    assert "migraine" in " ".join(names["terms"][1])
    assert not set(names["terms"][0]) & set(names["terms"][1])
    assert names["named_by"].to_list() == ["terms", "terms"]


def test_a_term_that_only_one_person_repeats_is_never_a_name():
    one_voice = [("p0", 0, "zebrafish zebrafish " + LANDLORD)] + [("p0", 0, "zebrafish")] * 9
    names = named(*one_voice, *many(0, LANDLORD), *many(1, MIGRAINE))

    assert "zebrafish" not in " ".join(names["terms"][0])


def test_a_cluster_of_too_few_people_has_a_number_and_no_words():
    names = named(*many(0, LANDLORD, n=9, person="the same"), *many(1, MIGRAINE))

    row = names.row(0, named=True)
    assert (row["name"], row["terms"], row["named_by"], row["n_people"]) == ("cluster 0", [], "too_few_people", 1)


def test_what_the_finder_thinks_private_is_never_a_name():
    names = named(*many(0, "tanya took the deposit"), *many(1, MIGRAINE))

    assert "tanya" not in str(names.rows()).lower()
    assert "deposit" in " ".join(names["terms"][0])


def test_without_clusters_there_are_no_names():
    assert named(*many(None, LANDLORD)).is_empty()


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("<PERSON_1> broke the boiler", {"broke", "boiler"}),
        ("mail me@home.example or call 555 1234", {"mail", "call"}),
        ("boiler. landlord", {"boiler", "landlord"}),  # no pair over a full stop
        ("boiler landlord", {"boiler", "landlord", "boiler landlord"}),
        ("should i be the one", set()),
        ("x" * 50, set()),
        ("<b>boiler</b>=cmd|' /C calc'!A0", {"boiler", "cmd"}),
    ],
)
def test_terms_hold_plain_words_only(text, terms):
    said = pl.DataFrame({"person_key": ["p"], "cluster_id": [0], "text": [text]})

    assert set(terms_of_people(said)["term"]) == terms


def test_row_order_does_not_change_a_name():
    rows = [*many(0, LANDLORD), *many(1, MIGRAINE), *many(1, "migraine and noise at work")]

    assert named(*rows)["terms"].to_list() == named(*rows[::-1])["terms"].to_list()
