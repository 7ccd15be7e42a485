"""Labels of guidance conversations."""

from dataclasses import dataclass

import numpy as np
import pytest
from talkframes import WIDTH, screened, vectors

from guidance_atlas.stages.classify import classify
from guidance_atlas.vocab import DOMAINS, STAKES, SUPPORT

CAREER, FINANCE, LEGAL = (DOMAINS.index(name) for name in ("career", "finance", "legal"))


@dataclass
class Numbers:
    """Stands in for the head: a vector holds two domains, how far the first leads, a level, and kinds of support."""

    second: float = 0.5
    width: int = WIDTH

    def domains(self, directions):
        told = np.full((len(directions), len(DOMAINS)), 0.01)
        for row, (first, other, lead, *_) in zip(told, directions, strict=True):
            row[int(other)] = 0.8 * (1 - lead)
            row[int(first)] = 0.8 * lead
        return told

    def stakes_of(self, directions):
        level = directions[:, 3].astype(int)
        return level, 0.5 + level / 10

    def support_of(self, directions):
        return directions[:, 4 : 4 + len(SUPPORT)] > 0


def case(first=CAREER, other=LEGAL, *, lead=0.9, level=0, support=()):
    return [first, other, lead, level, *(float(kind in support) for kind in SUPPORT)]


def labelled(**cases):
    return classify(screened(**dict.fromkeys(cases, True)), vectors(**cases), head=Numbers())


def test_only_guidance_is_labelled():
    known = screened(a=True, b=False, c=None)

    found = classify(known, vectors(a=case(), b=case(), c=case()), head=Numbers())

    assert found["conversation_id"].to_list() == ["a"]


def test_a_second_domain_is_given_only_where_it_is_close():
    found = labelled(a=case(CAREER, LEGAL, lead=0.625), b=case(FINANCE, LEGAL, lead=0.75))

    assert found.select("domain", "domain_2").rows() == [("career", "legal"), ("finance", None)]
    assert found["domain_score"][0] == pytest.approx(0.5)


@pytest.mark.parametrize("level", range(len(STAKES)))
def test_stakes_are_the_heads_level_with_its_probability(level):
    found = labelled(a=case(level=level))

    assert found["stakes"].to_list() == [STAKES[level]]
    assert found["stakes_score"][0] == pytest.approx(0.5 + level / 10)


@pytest.mark.parametrize("kind", SUPPORT)
def test_each_kind_of_support_has_its_own_column(kind):
    found = labelled(a=case(support=[kind]), b=case())

    assert {name for name in SUPPORT if found[f"support_{name}"][0]} == {kind}
    assert not any(found[f"support_{name}"][1] for name in SUPPORT)


def test_labels_do_not_depend_on_order_or_company():
    together = labelled(b=case(FINANCE), a=case(LEGAL, level=2), c=case())

    assert together["conversation_id"].to_list() == ["a", "b", "c"]
    assert together.filter(conversation_id="a").equals(labelled(a=case(LEGAL, level=2)))


def test_no_guidance_gives_an_empty_frame():
    assert classify(screened(a=False), vectors(a=case()), head=Numbers()).is_empty()
