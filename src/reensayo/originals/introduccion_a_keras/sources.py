"""Where values of this work come from, beside its text, its scripts and us."""

from __future__ import annotations

from reensayo.spec import Sourced, Value


def assignment(value: Value) -> Sourced:
    """Asked for by the assignment."""
    return Sourced(value, "assignment")
