"""Recognisers of telephone numbers by the ways in which people group them."""

import re

from guidance_atlas.stages.scrub.guards import dialled
from guidance_atlas.stages.scrub.rule import Rule, ignoring_case
from guidance_atlas.stages.scrub.scan import Digits

_LINE = "phone|call|cell|mobile|whatsapp|tel|telephone|contact|fax|text(?: me)?|dial|ring"

RULES: tuple[Rule, ...] = (
    Rule(
        "PHONE_NUMBER",
        Digits(9),
        re.compile(
            r"(?<![\w.,/$#-])(?:\+?[0-9]{1,3}[ .-]?)?(?:[(\[][0-9]{2,4}[)\]] ?|[0-9]{3}[ .-])[0-9]{3}[ "
            r".-]?[0-9]{4}(?![\w/%-])"
        ),
        0.8,
    ),
    Rule("PHONE_NUMBER", Digits(8), re.compile(r"(?<![\w+])\+[0-9]{1,3}(?:[ .()\n-]{0,2}[0-9]){7,12}(?!\w)"), 0.85),
    Rule("PHONE_NUMBER", Digits(9), re.compile(r"(?<![\w.])00[1-9][0-9]{0,2}(?:[ .()/-]{0,2}[0-9]){7,12}(?!\w)"), 0.7),
    Rule(
        "PHONE_NUMBER",
        Digits(7, before=48),
        ignoring_case(
            rf"\b(?:{_LINE})\b(?: (?:me|us|number|no|is|on|at|him|her|them)){{0,4}}[ .:#\n]{{1,3}}"
            r"([(+]?[0-9][0-9 .()/-]{5,18}[0-9])\b"
        ),
        0.8,
    ),
    Rule(
        "PHONE_NUMBER",
        Digits(8),
        re.compile(
            r"(?<![\w.,/$#-])(?:\(?[0-9]{2,4}\)?(?:[ .-][0-9]{2,4}){2,3}(?![\w/%-]|[.,][0-9])|"
            r"[0-9]{2,3}[ -][0-9]{6,7}(?![\w/%-]))"
        ),
        0.5,
        dialled,
    ),
)
