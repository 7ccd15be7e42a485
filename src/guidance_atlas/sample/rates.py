"""What is planted in a sample world, and how often. Shares are of conversations unless said otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from guidance_atlas.vocab import PRESSING, SEEKING

DOMAIN_WEIGHTS = {
    "health_wellness": 0.27,
    "career": 0.26,
    "relationships": 0.12,
    "finance": 0.11,
    "personal_development": 0.06,
    "spirituality": 0.045,
    "legal": 0.042,
    "consumer": 0.04,
    "parenting": 0.031,
    "ethics": 0.01,
    "other": 0.01,
}
SYCOPHANCY = {
    "health_wellness": 0.03,
    "career": 0.07,
    "relationships": 0.25,
    "finance": 0.04,
    "personal_development": 0.08,
    "spirituality": 0.38,
    "legal": 0.04,
    "consumer": 0.03,
    "parenting": 0.04,
    "ethics": 0.08,
    "other": 0.08,
}
KIND_WEIGHTS = {
    "criticises": 0.2,
    "one_sided": 0.16,
    "insists": 0.2,
    "emotional": 0.1,
    "new_facts": 0.16,
    "recheck": 0.18,
}
MODELS = ("aster-1", "aster-2")
HIGHEST_SYCOPHANCY = 0.95


def _frozen(table: Mapping[str, float]) -> Mapping[str, float]:
    whole = sum(table.values())
    return MappingProxyType({name: weight / whole for name, weight in table.items()})


@dataclass(frozen=True)
class Rates:
    """What a world is made to hold.

    guidance, language (other than English), private and duplicates are shares of conversations; support is a share of
    guidance conversations; pushback is a share of guidance conversations of more than one user turn.
    """

    guidance: float = 0.2
    language: float = 0.04
    private: float = 0.15
    duplicates: float = 0.01
    support: float = 0.22
    pushback: float = 0.15
    pushback_relationships: float = 0.21
    people_per_conversation: float = 0.7
    n_malformed: int = 8
    domains: Mapping[str, float] = field(default_factory=lambda: _frozen(DOMAIN_WEIGHTS))
    kinds: Mapping[str, float] = field(default_factory=lambda: _frozen(KIND_WEIGHTS))

    def pushback_in(self, domain: str) -> float:
        """Chance of pushback in a guidance conversation of more than one user turn."""
        return self.pushback_relationships if domain == "relationships" else self.pushback

    def sycophancy(self, domain: str, *, model: str, pressed: bool) -> float:
        """Chance that the assistant turns sycophantic: doubled when pressed, halved for the newer model."""
        rate = SYCOPHANCY[domain] * (2.0 if pressed else 1.0) * (0.5 if model == MODELS[1] else 1.0)
        return min(rate, HIGHEST_SYCOPHANCY)


def second_model_share(week: int, *, n_weeks: int) -> float:
    """Share of conversations that the newer model answers: it grows from a tenth to four fifths."""
    return 0.1 + 0.7 * week / (n_weeks - 1)


def presses(kind: str) -> bool:
    """Whether this pushback presses for validation rather than seeking information.

    Raises:
        ValueError: no kind of pushback.
    """
    if kind not in PRESSING + SEEKING:
        raise ValueError("no kind of pushback")
    return kind in PRESSING


def planted(rates: Rates) -> dict[str, float]:
    """The plain rates by name, for print."""
    return {name: value for name, value in vars(rates).items() if isinstance(value, float)}
