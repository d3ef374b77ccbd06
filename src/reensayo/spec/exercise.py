"""An exercise: what it asks, how it is tried, what the original says of it and what is wrong there."""

from __future__ import annotations

from dataclasses import dataclass

from reensayo.spec.claim import Claim, Measure
from reensayo.spec.experiment import Experiment
from reensayo.spec.figure import Figure
from reensayo.text import Text


@dataclass(frozen=True)
class Mistake:
    """Something that is wrong in the original, where it stands, and the runs that demonstrate it.

    Of these the numbers called ``measures`` are shown; without names all but the costs.
    """

    where: str
    what: Text
    shown_by: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A question of the assignment and the runs that answer it: ``quantity`` of each, held against the first's."""

    question: Text
    quantity: Measure
    runs: tuple[str, ...]  # experiment@recipe


@dataclass(frozen=True)
class Exercise:
    """One exercise: what it asks, how it is tried, what the original says of it and what is wrong there.

    ``quick_seconds`` is what the quick profile may take of it on two cores.
    """

    id: str
    title: Text
    question: Text
    experiments: tuple[Experiment, ...]
    claims: tuple[Claim, ...]
    figures: tuple[Figure, ...]
    mistakes: tuple[Mistake, ...]
    quick_seconds: int
    asked: tuple[Asked, ...] = ()

    @property
    def number(self) -> int:
        return int(self.id.removeprefix("ex"))
