"""What is known of the errors of the heads in use: their own cards, and cards measured on one's own conversations."""

from pathlib import Path

from guidance_atlas.errors import HeadError
from guidance_atlas.heads.cards import Card, cards_folder, read_card
from guidance_atlas.heads.confusion import JUDGED_AS, NO_YES, NONE, Confusion, Errors
from guidance_atlas.settings import Settings
from guidance_atlas.vocab import DOMAINS, STAKES

# Classes of the measures that are more than yes or no.
CLASSES = {"domain_share": (*DOMAINS, NONE), "stakes": STAKES}


def errors_in_use(settings: Settings) -> Errors:
    """Confusions of every card in use, by card id.

    Where heads.cards names a folder, a measure that is counted there is taken from there alone, with all its facets,
    domains and parts.

    Raises:
        HeadError: a card is damaged, heads.cards holds none, one of them was measured of other weights than those in
            use, or counts other classes than its measure has.
    """
    shipped = cards_in(cards_folder(settings.heads.folder))
    heads = tuple((card.head, card.id) for card in shipped)
    if settings.heads.cards is None:
        return Errors(tuple((card.id, _confusions(card)) for card in shipped), heads)
    own = cards_in(settings.heads.cards)
    if not own:
        raise HeadError("heads.cards names a folder without cards; check the path")
    ids = {card.id for card in shipped}
    if others := sorted(card.head for card in own if card.id not in ids):
        raise HeadError(
            f"heads.cards holds cards of other weights than those in use: {', '.join(others)}; measure again"
        )
    measured = {one.measure for card in own for one in _confusions(card)}
    kept = [
        (
            card.id,
            tuple(one for one in _confusions(card) if not measured & {one.measure, *JUDGED_AS.get(one.measure, ())}),
        )
        for card in shipped
    ]
    return Errors((*kept, *((card.id, _confusions(card)) for card in own)), heads)


def cards_in(folder: Path) -> list[Card]:
    """Cards of a folder in the order of heads' names. Raises HeadError where one cannot be read."""
    return [read_card(path.stem, folder=folder) for path in sorted(folder.glob("*.json"))]


def _confusions(card: Card) -> tuple[Confusion, ...]:
    """What a card counts. Yes-or-no labels are read by place, so for them the order of classes is held to as well."""
    for one in card.confusions:
        classes = CLASSES.get(one.measure)
        right = one.classes == NO_YES if classes is None else sorted(one.classes) == sorted(classes)
        if not right:
            raise HeadError(f"the card of head {card.head!r} counts other classes of {one.measure}; measure it again")
    return card.confusions
