"""Trials that come with an original: trained once at full length on a GPU, where a laptop would take hours.

They lie in its folder ``shipped`` as in any store, without their models and arrays; what trained them stands in each
trial.json. They are shown beside trials of the reader's own and never count as such: no verdict rests on them.
"""

from __future__ import annotations

from functools import cache

from reensayo.evidence.current import current
from reensayo.spec import Original
from reensayo.store import Store, StoredTrial


@cache
def shipped(original: Original) -> tuple[StoredTrial, ...]:
    """Those of today's recipes, ordered by experiment, recipe and seed; none where nothing is shipped."""
    return tuple(current(original, Store(original.folder / "shipped").trials()))
