"""A sentence of the original made testable."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reensayo.spec.experiment import Condition, Experiment
from reensayo.spec.functions import FinishedTrial
from reensayo.spec.names import ANYWHERE, Bounds, Named, Naming
from reensayo.spec.place import SpecError, caller, written_here
from reensayo.text import Text, joined, quoted


@dataclass(frozen=True)
class Metric:
    """One number of a trial: a metric of its history at an epoch, or what ``evaluate`` measured.

    ``at`` is ``last``, ``highest``, ``lowest``, an epoch counted from 1, or ``measured``. ``per_block``: the seeds of
    a block share the number (a time), so a block counts once.
    """

    name: str
    at: Literal["last", "highest", "lowest", "measured"] | int
    per_block: bool = False

    def __post_init__(self) -> None:
        points = "last", "highest", "lowest", "measured"
        if self.at not in points and not (isinstance(self.at, int) and self.at >= 1):
            expected = f"at one of {', '.join(points)}, or an epoch from 1"
            raise SpecError(caller(), f"metric {self.name}: expected {expected}; received {self.at!r}")

    def of(self, trial: FinishedTrial) -> float:
        """The number; NaN where the trial did not measure it or did not come to that epoch."""
        if self.at == "measured":
            return trial.measures.get(self.name, math.nan)
        curve = trial.history.get(self.name, ())
        needed = self.at if isinstance(self.at, int) else 1
        return self.along(curve) if len(curve) >= needed else math.nan

    def along(self, curve: Any) -> float:
        """The same point of any curve with one value an epoch."""
        if self.at == "highest":
            return float(max(curve))
        if self.at == "lowest":
            return float(min(curve))
        return float(curve[-1 if self.at == "last" else int(self.at) - 1])

    def named(self, naming: Naming) -> Named:
        """What the number is called, and within what it always is."""
        found = naming(self.name)
        if self.at == "measured":
            return found
        at = Text(es="mejor época", en="best epoch")
        if isinstance(self.at, int):
            at = Text(es=f"época {self.at}", en=f"epoch {self.at}")
        elif self.at == "last":
            at = Text(es="última época", en="last epoch")
        return found._replace(words=joined(", ", [found.words, at]))


@dataclass(frozen=True)
class DerivedMetric:
    """A number that takes more than one curve or epoch of a trial's history, like the gap between two metrics.

    It always is within ``bounds``.
    """

    name: str
    value: Callable[[Mapping[str, Any]], float]  # (metric -> one value an epoch)
    about: Text
    per_block: bool = False
    bounds: Bounds = ANYWHERE

    def of(self, trial: FinishedTrial) -> float:
        """The number; NaN where the trial lacks a metric that it needs."""
        try:
            return float(self.value(trial.history))
        except KeyError:
            return math.nan

    def named(self, naming: Naming) -> Named:
        return Named(self.about, self.bounds)


AnyMetric = Metric | DerivedMetric

Curves = Mapping[int, Mapping[str, Sequence[float]]]
"""The original's figures: number -> name of the curve -> one value an epoch, or the points of a scatter."""

FigureValue = Callable[[Curves], float]
"""(the original's curves) -> the value that its own figure shows."""


def curve(figure: int, name: str, metric: Metric) -> FigureValue:
    """What a figure of the original shows at the point that ``metric`` asks for."""

    def read(curves: Curves) -> float:
        if name not in (known := curves.get(figure, {})):
            raise LookupError(f"no curve {name!r} of figure {figure}; it has {', '.join(known) or 'none'}")
        return metric.along(known[name])

    return read


def difference(more: FigureValue, less: FigureValue) -> FigureValue:
    """How far two values of the original's figures lie apart."""
    return lambda curves: more(curves) - less(curves)


@dataclass(frozen=True)
class Reaches:
    """A published number, held against what one further run of ours would give.

    ``tolerance`` is half the last printed digit; ``margin`` the smallest difference that a reader would care about.
    """

    experiment: Experiment
    metric: AnyMetric
    published: float
    tolerance: float
    margin: float
    figure: FigureValue | None = None


@dataclass(frozen=True)
class Above:
    """A number that on average is above a ``border``, say a gain above nothing."""

    experiment: Experiment
    metric: AnyMetric
    border: float
    figure: FigureValue | None = None


@dataclass(frozen=True)
class Exceeds:
    """One arm gives more than another: the paired difference ``more - less`` over the same seeds is above ``by``.

    ``by`` is the size that the sentence gives the difference, 0 where it gives none. ``compares`` names the settings
    that the comparison is about: that they differ is no caveat.
    """

    more: Experiment
    less: Experiment
    metric: AnyMetric
    margin: float
    figure: FigureValue | None = None
    compares: tuple[str, ...] = ()
    by: float = 0.0


@dataclass(frozen=True)
class Alike:
    """Two arms give the same: the paired difference ``one - other`` over the same seeds is within ``margin`` of zero.

    Shown by equivalence (TOST); refuted where there surely is a difference that is not shown to be so small.
    """

    one: Experiment
    other: Experiment
    metric: AnyMetric
    margin: float
    figure: FigureValue | None = None


@dataclass(frozen=True)
class Differs:
    """Two arms do not give the same, whichever gives more: the contrary of ``Alike``, refuted where that is shown."""

    one: Experiment
    other: Experiment
    metric: AnyMetric
    margin: float
    figure: FigureValue | None = None


@dataclass(frozen=True)
class Times:
    """One arm gives between ``low`` and ``high`` times what another gives.

    Of pairs of the same seed by the mean of the logarithms; ``exact`` where the metric is a count, the same in every
    trial however long it was trained.
    """

    more: Experiment
    less: Experiment
    metric: AnyMetric
    low: float
    high: float
    exact: bool = False


@dataclass(frozen=True)
class Equals:
    """Exact numbers that need no statistics: the metric by experiment, equal in every trial."""

    metric: Metric
    published: Mapping[Experiment, float]


@dataclass(frozen=True)
class Happens:
    """Something seen in a run or not; reproduced where it happens in more than half of all runs (Wilson interval)."""

    experiment: Experiment
    event: Callable[[FinishedTrial], bool]
    words: Text
    figure: FigureValue | None = None


Test = Reaches | Above | Exceeds | Alike | Differs | Times | Equals | Happens


def experiments_of(test: Test) -> tuple[Experiment, ...]:
    """The experiments that a test needs trials of, in the order in which it names them."""
    named = test.published if isinstance(test, Equals) else vars(test).values()
    return tuple(value for value in named if isinstance(value, Experiment))


Role = Literal["part", "alternative", "beyond"]
"""What a reading is to its sentence, see ``Reading``."""


@dataclass(frozen=True)
class Reading:
    """One way to test a claim; ``name`` is empty where there is only one.

    ``role``: a ``part`` of the sentence, all of which must hold; one of the ``alternative`` ways to understand it, the
    best of which counts; or a stricter question of ours ``beyond`` it, which is never held against the author.
    ``recipes`` are those under which it means anything, if not under all.
    """

    test: Test
    name: str = ""
    about: Text | None = None
    role: Role = "part"
    recipes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What the question of a claim has for an answer when it is asked properly: a number, without a verdict.

    The mean over the seeds of ``condition``, or of their differences from those of ``minus`` with the same seed; of an
    event the share of runs in which it happens.
    """

    condition: Condition
    metric: AnyMetric | Callable[[FinishedTrial], bool]
    about: Text
    minus: Condition | None = None


@dataclass(frozen=True)
class Claim:
    """One sentence of the original in our words, with its place (section and figure).

    ``test`` is what it comes to, or one test for each of several readings of it; ``sound`` what a proper experiment
    says, where there is one.
    """

    id: str
    statement: Text
    where: str
    test: Test | tuple[Reading, ...]
    comment: Text | None = None
    sound: Answer | None = None
    place: str = written_here()

    def __post_init__(self) -> None:
        several = isinstance(self.test, tuple) and self.test and all(isinstance(one, Reading) for one in self.test)
        if not several and not isinstance(self.test, Test):
            expected = "a test such as Reaches(...), or a tuple of Reading(...)"
            raise SpecError(self.place, f"claim {self.id}: expected {expected}; received {quoted(self.test)}")

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """What its readings are about, each once."""
        return tuple(dict.fromkeys(e for reading in self.readings for e in experiments_of(reading.test)))

    @property
    def readings(self) -> tuple[Reading, ...]:
        return self.test if isinstance(self.test, tuple) else (Reading(self.test),)
