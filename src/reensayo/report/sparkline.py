"""One verdict as a small picture: our interval, what was published and the limit that decides, on one small axis."""

from __future__ import annotations

import math
from dataclasses import dataclass

from reensayo.evidence.judge import Row
from reensayo.spec import Alike, Exceeds, Happens, Reaches

MARGIN = 0.08  # of the axis, left free at each end


@dataclass(frozen=True)
class Sparkline:
    """Places from 0 to 100 along the axis; None where there is nothing to mark."""

    low: float
    high: float
    estimate: float
    published: float | None
    figure: float | None
    limit: float | None


def sparkline(row: Row) -> Sparkline | None:
    """None where there is no finite interval to be drawn."""
    if row.estimate is None or row.interval is None or not math.isfinite(row.interval.width):
        return None
    test = row.reading.test
    limit = {Exceeds: 0.0, Alike: 0.0, Happens: 0.5}.get(type(test))
    marks = [row.interval.low, row.interval.high, row.published, row.figure_value, limit]
    if isinstance(test, Happens):
        marks += [0.0, 1.0]
    if isinstance(test, Alike):
        marks += [-test.margin, test.margin]
    if isinstance(test, Reaches):  # the axis shows at least the smallest difference of interest
        marks += [test.published - test.margin / 2, test.published + test.margin / 2]
    known = [mark for mark in marks if mark is not None]
    low, high = min(known), max(known)

    def place(value: float | None) -> float | None:
        if value is None:
            return None
        return 100 * (MARGIN + (1 - 2 * MARGIN) * ((value - low) / (high - low) if high > low else 0.5))

    return Sparkline(
        place(row.interval.low) or 0.0,
        place(row.interval.high) or 0.0,
        place(row.estimate) or 0.0,
        place(row.published),
        place(row.figure_value),
        place(limit),
    )
