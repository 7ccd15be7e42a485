"""What the stages over all parts and publishing cost, by the size of a corpus: time, disk and memory.

`python bench/estimate.py` measures them on corpora of several sizes, fits these numbers (non-negative least squares of
relative errors) and prints them in this shape. They are of one processor; estimates allow for how busy it is, not for
a slower one.
"""

from dataclasses import dataclass

from guidance_atlas.vocab import DOMAINS


@dataclass(frozen=True)
class Size:
    """What costs grow with: records read, guidance conversations, and groups that are counted."""

    records: float
    guidance: float
    groups: float


@dataclass(frozen=True)
class Cost:
    """Seconds of one processor, or bytes: a fixed part, and so many for every thousand."""

    fixed: float = 0.0
    records: float = 0.0
    guidance: float = 0.0
    groups: float = 0.0

    def of(self, size: Size) -> float:
        """What a corpus of this size costs."""
        growing = self.records * size.records + self.guidance * size.guidance + self.groups * size.groups
        return self.fixed + growing / 1_000


def n_groups(pairs: frozenset[tuple[str, str]]) -> int:
    """Groups of the cuts by domain, week and model (sql/aggregate/groups.sql), from the pairs of week and model."""
    weeks, models = ({pair[at] for pair in pairs} for at in (0, 1))
    slices = len(weeks) + len(models) + len(pairs)
    return 1 + len(DOMAINS) + len(weeks) + len(models) + len(DOMAINS) * slices


# Processor seconds.
STAGES: dict[str, Cost] = {}
PUBLISH = Cost(fixed=2.0)
UNCHANGED = Cost(fixed=2.0)  # publishing where nothing is new
# Bytes.
DISK: dict[str, Cost] = {"vault": Cost(), "databases": Cost(), "release": Cost()}
MEMORY = Cost(fixed=0.6e9)  # the largest that the process gets which sees all parts
