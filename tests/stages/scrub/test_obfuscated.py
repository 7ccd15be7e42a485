"""Identifiers in disguise: hundreds of forms, each found though it does not look like what it is."""

import sys
from pathlib import Path

import pytest

from guidance_atlas.adapters.presidio import PresidioFinder

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))
obfuscated = pytest.importorskip("obfuscated")
FINDER = PresidioFinder(ner="none")


def missed(kinds):
    forms = [form for form in obfuscated.forms() if form[0] in kinds and form[1] != "encoded"]
    return [form[:2] for form in forms if not obfuscated.ours(FINDER, form)[1]], len(forms)


def test_hardly_any_stock_identifier_escapes_in_disguise():
    lost, n = missed(obfuscated.STOCK_KINDS)

    assert n >= 200
    assert len(lost) <= 0.02 * n, lost


def test_few_identifiers_of_our_own_kinds_escape_in_disguise():
    lost, n = missed({form[0] for form in obfuscated.forms()} - set(obfuscated.STOCK_KINDS))

    assert len(lost) <= 0.06 * n, lost
