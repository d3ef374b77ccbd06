"""An exercise, and what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass

from reensayo.spec.claim import AnyMetric, Claim
from reensayo.spec.experiment import Condition, Experiment
from reensayo.spec.figure import Figure
from reensayo.spec.place import written_here
from reensayo.text import Text


@dataclass(frozen=True)
class Mistake:
    """Something wrong in the original, where, and runs that show it by ``measures``: all but the costs unless named."""

    where: str
    what: Text
    shown_by: tuple[Condition, ...] = ()
    measures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A question that the original was to answer, and the runs that do: ``metric`` of each, against the first's."""

    question: Text
    metric: AnyMetric
    runs: tuple[Condition, ...]


@dataclass(frozen=True)
class Exercise:
    """What it asks, how it is tried, what the original says of it and what is wrong there.

    ``quick_seconds`` is what the quick profile may take of it on two cores.
    """

    id: str
    title: Text
    question: Text
    experiments: tuple[Experiment, ...]
    claims: tuple[Claim, ...] = ()
    figures: tuple[Figure, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    quick_seconds: int = 0
    asked: tuple[Asked, ...] = ()
    place: str = written_here()
