"""Labels of guidance conversations."""

from dataclasses import dataclass

import numpy as np
from talkframes import WIDTH, clean, screened, talk, vectors

from guidance_atlas.stages.classify import classify
from guidance_atlas.vocab import DOMAINS, STAKES


@dataclass
class ByWord:
    """Stands in for the head: a domain's key said aloud is worth 6, or 4 when said with "maybe"."""

    second: float = 0.4
    width: int = WIDTH

    def domains(self, directions, said):
        worth = [
            [1 + 5 * (name in " ".join(turns)) - 2 * (f"maybe {name}" in " ".join(turns)) for name in DOMAINS]
            for turns in said
        ]
        raw = np.array(worth, dtype=float).reshape(len(said), len(DOMAINS))
        return raw / raw.sum(axis=1, keepdims=True)

    def stakes_of(self, directions, said):
        return np.array([[0.2, 0.1, 0.7] if "pills" in turns[0] else [0.6, 0.3, 0.1] for turns in said]).reshape(-1, 3)


def test_only_guidance_is_labelled():
    turns = clean(talk("a", "user: career"), talk("b", "user: career"), talk("c", "user: career"))

    found = classify(screened(a=True, b=False, c=None), vectors("a", "b", "c"), turns, head=ByWord())

    assert found["conversation_id"].to_list() == ["a"]


def test_a_second_domain_is_given_only_where_it_is_close():
    turns = clean(talk("a", "user: career and maybe legal"), talk("b", "user: finance"))

    found = classify(screened(a=True, b=True), vectors("a", "b"), turns, head=ByWord())

    assert found.select("domain", "domain_2").rows() == [("career", "legal"), ("finance", None)]
    assert round(found["domain_score"][0], 3) == round(6 / 19, 3)


def test_stakes_are_the_most_probable_with_their_probability():
    turns = clean(talk("a", "user: too many pills"), talk("b", "user: a hat"))

    found = classify(screened(a=True, b=True), vectors("a", "b"), turns, head=ByWord())

    assert [(one, round(score, 1)) for one, score in found.select("stakes", "stakes_score").rows()] == [
        (STAKES[2], 0.7),
        (STAKES[0], 0.6),
    ]


def test_help_is_counted_when_the_user_mentions_it_and_not_when_the_assistant_does():
    turns = clean(
        talk("a", "user: my therapist says I should rest", "assistant: ok"),
        talk("b", "user: I am sad", "assistant: my therapist says you should rest"),
    )

    found = classify(screened(a=True, b=True), vectors("a", "b"), turns, head=ByWord())

    assert found["support_professional"].to_list() == [True, False]


def test_no_guidance_gives_an_empty_frame():
    assert classify(screened(a=False), vectors("a"), clean(talk("a", "user: x")), head=ByWord()).is_empty()
