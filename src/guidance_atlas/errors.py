"""Errors a user can act on: each message is one line and ends in the next step. None carries a conversation's words."""


class AtlasError(Exception):
    """Base of every error meant for people. `code` is the command line's exit status."""

    code = 1


class SettingsError(AtlasError):
    """A setting is unknown, out of range, or contradicts another."""

    code = 2


class SourceError(AtlasError):
    """A source cannot be read at all: missing, empty, of no known kind."""

    code = 3


class ChainError(AtlasError):
    """The plan is unsound: wrong order, two writers, or exposure falling outside a gate."""

    code = 4


class StoreError(AtlasError):
    """The run root cannot be used: permissions, a full disk, another run at work."""

    code = 5


class LeakError(AtlasError):
    """Masked text still looks private."""

    code = 6


class HeadError(AtlasError):
    """A head's weights are missing, damaged, or made for another encoder."""

    code = 7


class StageError(AtlasError):
    """A stage failed for a reason of its own; only the kind of failure is told."""

    code = 8


class CheckError(AtlasError):
    """A check over the results found faults; the results are kept and not published."""

    code = 9


class BudgetError(AtlasError):
    """The privacy budget does not allow what was asked for; nothing was drawn."""

    code = 10


class ReleaseError(AtlasError):
    """A release would tell too much beside earlier ones; nothing is written."""

    code = 11


class AbsentError(AtlasError):
    """Nobody is stored under a key that was to be forgotten; nothing was changed."""

    code = 12
