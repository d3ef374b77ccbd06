"""Where a value comes from that only this work knows."""

from __future__ import annotations

from reensayo.spec import Sourced, Value


def assignment(value: Value) -> Sourced:
    """Asked for by the assignment."""
    return Sourced(value, "assignment")
