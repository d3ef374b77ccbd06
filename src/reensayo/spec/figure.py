"""A figure, declared: what it shows of which trials. ``figures/`` draws it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from reensayo.spec.claim import Curves, Metric
from reensayo.spec.experiment import Condition, Experiment
from reensayo.spec.functions import FinishedTrial
from reensayo.spec.place import written_here
from reensayo.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOSS = Text(es="costo", en="loss")


@dataclass(frozen=True)
class Panel:
    """One metric over the epochs, training and validation, with the original's curves below them.

    ``figure`` is the number of the original's figure; ``training`` and ``validation`` name its curves there, and are
    empty where it has none. ``folds`` names those of its lowest and highest fold; then the band beside our curves is
    that of the folds, too.
    """

    metric: str
    label: Text
    figure: int = 0
    training: str = ""
    validation: str = ""
    log: bool = False
    folds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arm:
    """One of the experiments that a ``Comparison`` shows; ``curve`` names the original's curve, if it has one."""

    experiment: Experiment
    name: Text
    curve: str = ""


@dataclass(frozen=True)
class Comparison:
    """One metric of several experiments over the epochs, with the original's curves of figure ``figure``.

    ``levels`` are baselines: a line across at their last epoch's mean.
    """

    metric: str
    label: Text
    figure: int
    arms: tuple[Arm, ...]
    levels: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Differences:
    """What one experiment of each pair gives more than the other, seed by seed, with the mean and its interval.

    ``pairs`` are (name, experiment, the one taken away).
    """

    metric: Metric
    label: Text
    pairs: tuple[tuple[Text, Experiment, Experiment], ...]


@dataclass(frozen=True)
class ImageGrid:
    """The first images of the array ``images`` that the first seed's trial keeps, as many as have room.

    The array is (n, height, width), or (n, height, width, 3) in colour; with a ``shape`` its rows are plain numbers
    that are laid out as images. ``captions`` names two arrays (n,), what an image is and what was said that it is. They
    are written in ``caption_lines`` lines: two where they are words. ``row_names`` stand beside the rows. ``signed``:
    weights, all in one scale, of which zero is white. ``decibels``: below each image its PSNR against that of the first
    row.
    """

    images: str
    rows: int
    columns: int
    shape: tuple[int, int] | None = None
    captions: tuple[str, ...] = ()
    caption_lines: int = 1
    row_names: tuple[Text, ...] = ()
    signed: bool = False
    decibels: bool = False


@dataclass(frozen=True)
class ConfusionMatrix:
    """Which class the networks took for which: the array ``counts`` (actual, given), summed over the seeds.

    ``names`` are those of the classes where they are no numbers. Too many to be read are shown by ``groups``, one of
    each class, from 0; then the names are theirs.
    """

    counts: str
    names: tuple[Text, ...] = ()
    groups: tuple[int, ...] = ()


@dataclass(frozen=True)
class NetworkDiagram:
    """The network itself, layer by layer."""


class View(Protocol):
    """What a panel of an exercise's own may look at; ``colours`` has a colour for each meaning."""

    @property
    def lang(self) -> Language: ...
    @property
    def colours(self) -> Any: ...
    @property
    def curves(self) -> Curves: ...

    def trials(self, experiment: Experiment, recipe: str) -> Sequence[FinishedTrial]:
        """The finished trials of a recipe as declared, by seed: those at full length, else the reduced ones."""


Draw = Callable[["Axes", View, str], None]
"""(axes, what there is to see, recipe) -> drawn; for what only one exercise shows."""


AnyPanel = Panel | Comparison | Differences | ImageGrid | ConfusionMatrix | NetworkDiagram | Draw


@dataclass(frozen=True)
class Figure:
    """A picture: the figure of the original with this number, drawn anew, or one that it lacks, with a name.

    One row a recipe that has trials (those of ``recipes``; none means those that claims are judged under), one column
    a panel. ``also`` are other experiments that it shows, each with as many seeds and as much reduced as it may be.
    ``of_first_seed``: it shows nothing of the other seeds.
    """

    id: int | str
    caption: Text
    experiment: Experiment
    panels: tuple[AnyPanel, ...]
    recipes: tuple[str, ...] = ()
    also: tuple[Experiment, ...] = ()
    of_first_seed: bool = False
    place: str = written_here()

    @property
    def name(self) -> str:
        """What its files are called: ``fig-07`` for a number."""
        return f"fig-{self.id:02}" if isinstance(self.id, int) else self.id

    def shows_only(self, kind: type) -> bool:
        """Whether every panel is of that kind."""
        return all(isinstance(panel, kind) for panel in self.panels)

    @property
    def is_of_networks(self) -> bool:
        """Whether it needs no trials and none changes it."""
        return self.shows_only(NetworkDiagram)


def accuracy_and_loss(
    number: int, title: Text, experiment: Experiment, metric: str, label: Text, log: bool = False
) -> Figure:
    """The original's figure of that number: a metric of accuracy and the loss, under ours the original's curves."""
    accuracy = Panel(metric, label, number, training="training_accuracy", validation="validation_accuracy")
    loss = Panel("loss", LOSS, number, training="training_loss", validation="validation_loss", log=log)
    return Figure(number, title, experiment, (accuracy, loss))
