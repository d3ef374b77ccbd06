"""Timing of several programs in turn, so that they share what a machine's speed does meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any


def in_turn(programs: Sequence[Callable[[], Any]], rounds: int) -> list[list[float]]:
    """Seconds of each program in every round, each round beginning with another one, after one that is not timed."""
    for program in programs:
        program()
    seconds: list[list[float]] = [[] for _ in programs]
    for number in range(rounds):
        for position in range(len(programs)):
            which = (position + number) % len(programs)
            started = time.perf_counter()
            programs[which]()
            seconds[which].append(time.perf_counter() - started)
    return seconds
