"""What every table says about itself: how close it stands to a person."""

from enum import IntEnum
from typing import ClassVar

import dataframely as dy


class Exposure(IntEnum):
    """How close a table stands to one person. Lower is safer to show."""

    PUBLIC = 0
    AGGREGATE = 1
    SCRUBBED = 2
    RAW = 3


class Table(dy.Schema):
    """Base of all contracts. Forgetting to state the exposure costs safety nothing: the default is RAW."""

    exposure: ClassVar[Exposure] = Exposure.RAW
    # Whether CORPUS stages are handed the rows of guidance conversations only: the others are many and long.
    guidance_only: ClassVar[bool] = False
