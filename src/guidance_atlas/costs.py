"""What the stages over all parts and publishing cost, by the size of a corpus: time, disk and memory.

`python bench/estimate.py fit ROOT` measures them on corpora of several sizes, fits these numbers by non-negative least
squares and prints them in this shape. They are of one processor; estimates allow for how busy it is, not for
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


# Processor seconds, on corpora of 2,000 to 60,000 records, 315 to 7,119 of guidance, in 408 to 1,625 groups.
STAGES: dict[str, Cost] = {
    "probe": Cost(fixed=7.35),
    "roster": Cost(fixed=0.0112, records=0.0105),
    "clump": Cost(guidance=0.378),
    "cluster": Cost(guidance=12.1),
    "gather_terms": Cost(fixed=0.0343, guidance=0.478),
    "name": Cost(fixed=0.0703, guidance=0.0194),
    "aggregate": Cost(fixed=0.406, guidance=0.281, groups=0.0766),
    "protect_inside": Cost(fixed=1.27, guidance=5.13),
    "protect": Cost(fixed=1.91, guidance=5.08),
    "correct_inside": Cost(fixed=0.272, guidance=0.159),
    "correct": Cost(guidance=0.154, groups=0.0882),
}
PUBLISH = Cost(fixed=1.67, guidance=0.319, groups=3.33)
UNCHANGED = Cost(fixed=1.01, guidance=0.0566, groups=1.47)  # publishing where nothing is new
# Bytes; the vault beside the tables of parts.
DISK = {
    "vault": Cost(records=3.15e4, groups=3.82e4),
    "release": Cost(fixed=8.98e5, guidance=3.0e5, groups=1.88e7),
    "databases": Cost(fixed=5.82e6, guidance=1.64e5, groups=4.91e4),
}
MEMORY = Cost(fixed=7.89e8, records=6.53e6, groups=1.16e8)  # the largest that the process gets which sees all parts
