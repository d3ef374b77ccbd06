"""What the functions of an original are given and what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from reensayo.spec.settings import Settings

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, eq=False)
class Split:
    """The arrays of one trial, or of one fold of it, in their raw types; ``x_*`` and ``y_*`` have a row an example.

    ``constants`` are arrays fitted on the training part (a mean, a permutation); ``encode`` gets them back inside
    the compiled step.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    constants: Mapping[str, np.ndarray] = field(default_factory=dict)

    def hold_out(self, count: int) -> Split:
        """The same, but that the last ``count`` training examples validate and do not train; the test set is left."""
        x, y = self.x_train, self.y_train
        return replace(self, x_train=x[:-count], y_train=y[:-count], x_val=x[-count:], y_val=y[-count:])


@dataclass(frozen=True)
class Evaluation:
    """What ``evaluate`` found: numbers for claims, arrays for figures.

    Of several folds the numbers are averaged and the arrays put one after the other, so these have a row an example.
    """

    measures: Mapping[str, float]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Fitted:
    """What a fold or a baseline gave: metric -> one value an epoch, and what was measured at its end."""

    history: Mapping[str, Sequence[float] | np.ndarray]
    evaluation: Evaluation


class FinishedTrial(Protocol):
    """What claims and figures may look at of a trial: curves with one value an epoch, numbers, and arrays."""

    @property
    def seed(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def reduced(self) -> bool: ...
    @property
    def history(self) -> Mapping[str, np.ndarray]: ...
    @property
    def measures(self) -> Mapping[str, float]: ...
    @property
    def arrays(self) -> Mapping[str, np.ndarray]: ...


KerasMetric = str | Callable[[Any, Any], Any]
"""The name of a Keras metric class, or a function of targets and outputs as Keras takes one."""

Load = Callable[[Any, Settings], Any]
"""(raw data, or None where it is generated; settings) -> what every seed starts from.

Asked once, and again only for other data or where a setting that it read differs.
"""


def as_it_is(raw: Any, s: Settings) -> Any:
    """The ``load`` of an experiment that leaves it out."""
    return raw


SplitBySeed = Callable[[Any, Settings, "np.random.Generator"], Split | Sequence[Split]]
"""(what ``load`` gave; settings; the trial's own generator) -> the arrays of one trial.

Where a recipe has the setting ``folds``: those of each fold. The arrays of a Split that ``load`` gave are the same
for every seed, and held once, if they are handed on as they are: ``dataclasses.replace(loaded, x_train=...)``.
"""

Encode = Callable[[Any, Any, Mapping[str, Any], Settings], tuple[Any, Any]]
"""(x, y, constants, settings) -> what the network sees; runs inside the compiled step, so array operations only.

For a network on sets of words (0 and 1 for each word of a vocabulary) x may become ``preprocess.BagOfWords``.
"""


def as_they_are(x: Any, y: Any, constants: Mapping[str, Any], s: Settings) -> tuple[Any, Any]:
    """The ``encode`` of an experiment that leaves it out."""
    return x, y


Predict = Callable[["np.ndarray"], "np.ndarray"]
"""Raw examples -> the network's outputs, in batches."""

Evaluate = Callable[[Predict, Split, Settings], Evaluation]

Fit = Callable[[Split, Settings, "np.random.Generator"], Fitted]
"""(the arrays of one fold, settings, the fold's own generator) -> what a dummy or linear model makes of them."""
