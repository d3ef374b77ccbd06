"""Trials that come with reensayo: trained once at full length on a GPU, where a laptop would take hours.

They lie in ``reference/`` as in any store, without their models and arrays; what trained them stands in each
trial.json. They are shown beside trials of the reader's own and never count as such: no verdict rests on them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from reensayo.store import Store, StoredTrial


@cache
def reference_trials() -> tuple[StoredTrial, ...]:
    """Every one of them, ordered by experiment, recipe and seed."""
    return tuple(Store(Path(__file__).parent / "reference").trials())
