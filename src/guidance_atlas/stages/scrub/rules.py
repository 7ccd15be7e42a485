"""Our own recognisers of identifiers, all together."""

from guidance_atlas.ports import Span
from guidance_atlas.stages.scrub import codes, contact, homes, phones
from guidance_atlas.stages.scrub.numbers import find_numbers
from guidance_atlas.stages.scrub.rule import Rule, apply
from guidance_atlas.stages.scrub.scan import Scan
from guidance_atlas.stages.scrub.spelled import find_spelled

RULES: tuple[Rule, ...] = (*contact.RULES, *codes.RULES, *homes.RULES, *phones.RULES)


def find_identifiers(scan: Scan) -> list[Span]:
    """Identifiers of a text by the tables of rules, by grouping of digits, and told in words; spans may overlap."""
    found = list(apply(RULES, scan))
    found += find_spelled(scan)
    if scan.most_digits:
        found += find_numbers(scan)
    return found
