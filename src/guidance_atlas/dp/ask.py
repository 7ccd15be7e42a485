"""What is asked of a noisy release: how much privacy it may cost, which days, and how much of one person it counts."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cached_property

from guidance_atlas.chain import digest
from guidance_atlas.errors import SettingsError

# What is counted and how noise is spread over it. A change of either is another request.
FORM = 1
MOST_EPSILON = 20.0  # beyond it the promise is empty: odds may change by a factor of half a billion
MOST_DELTA = 1e-3
MOST_WEEKS = 160


@dataclass(frozen=True)
class Ask:
    """One request. conversations and cells bound what is counted of a person over all days from since to until."""

    epsilon: float
    delta: float
    since: date
    until: date
    conversations: int = 1
    cells: int = 1

    @cached_property
    def key(self) -> str:
        """16 hex digits that stand for the request, whatever the data."""
        return digest([FORM, {name: str(value) for name, value in asdict(self).items()}])[:16]

    @cached_property
    def weeks(self) -> tuple[str, ...]:
        """Every ISO week that has a day in the period, in order. They follow from the request, not from the data."""
        days = range((self.until - self.since).days + 1)
        return tuple(dict.fromkeys(f"{self.since + timedelta(day):%G-W%V}" for day in days))


def make_ask(
    epsilon: float | None,
    delta: float | None,
    since: str | None,
    until: str | None,
    *,
    conversations: int = 1,
    cells: int = 1,
) -> Ask:
    """Read a request as it is given to the command.

    Raises:
        SettingsError: something is missing or out of range.
    """
    if epsilon is None or delta is None or since is None or until is None:
        raise SettingsError("a public export needs --epsilon, --delta, --since and --until; see docs/privacy.md")
    if not 0 < epsilon <= MOST_EPSILON:
        raise SettingsError(f"--epsilon must be above 0 and at most {MOST_EPSILON:g}; 1 is a common choice")
    if not 0 < delta <= MOST_DELTA:
        raise SettingsError(f"--delta must be above 0 and at most {MOST_DELTA:g}; far below 1 / people, such as 1e-7")
    first, last = _day(since), _day(until)
    if not first <= last:
        raise SettingsError("--since is after --until; exchange them")
    if (last - first).days > 7 * (MOST_WEEKS - 1):
        raise SettingsError(f"the period is longer than {MOST_WEEKS} weeks; ask for a shorter one")
    return Ask(float(epsilon), float(delta), first, last, conversations, cells)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError("--since and --until are UTC days, YYYY-MM-DD") from None
