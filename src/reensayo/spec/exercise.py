"""An exercise, and what belongs to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reensayo.spec.claim import AnyMetric, Claim
from reensayo.spec.experiment import Condition, Experiment
from reensayo.spec.figure import Figure
from reensayo.spec.place import written_here
from reensayo.spec.recipe import Recipe
from reensayo.spec.settings import Settings
from reensayo.text import Text

if TYPE_CHECKING:
    import keras


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
class Counted:
    """A network that is built and counted, never trained: one that was asked for and is out of reach.

    ``id`` is as an experiment's. ``network`` gets no settings; ``about`` says what makes it that large.
    """

    id: str
    title: Text
    network: Callable[[Settings], keras.Model]
    about: Text
    place: str = written_here()

    @property
    def exercise(self) -> str:
        return self.id.split(".")[0]

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """One without settings, so that its network is asked for as those of experiments are."""
        return (Recipe("counted", {}),)


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
    counted: tuple[Counted, ...] = ()
    place: str = written_here()

    @property
    def networks(self) -> tuple[Experiment | Counted, ...]:
        """Whatever has a network."""
        return (*self.experiments, *self.counted)
