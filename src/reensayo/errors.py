"""What can go wrong for a user, with the exit code that the command line gives for it."""

from __future__ import annotations

from reensayo.text import Text


class ReensayoError(Exception):
    """Base of every error that is meant for a user: what was expected, what was received, what to do."""

    exit_code = 1

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


class RunFailed(ReensayoError):
    """Something ran and failed."""


class InputError(ReensayoError):
    """The command line, a setting or an input file is wrong."""

    exit_code = 2


class DamagedData(InputError):
    """A data file is present but its content is not what was declared."""


class MissingData(ReensayoError):
    """A data set was found nowhere and could not be downloaded."""

    exit_code = 3
