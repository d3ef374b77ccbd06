"""What a figure may look at: an original with its curves, the stored trials that count, language and colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reensayo.evidence.current import shipped
from reensayo.spec import Curves, Experiment, Original
from reensayo.store import StoredTrial, UnderWay
from reensayo.text import Language

AnyTrial = TypeVar("AnyTrial", StoredTrial, UnderWay)


@dataclass(frozen=True)
class Colours:
    """What each colour means; those of curves are told apart by every kind of colour vision (Okabe & Ito).

    They are written into the SVG as they stand, for white paper; a page that inlines it swaps each of them for a CSS
    variable of the same name (``svg.inline``), and so has its own in dark mode. Therefore no two are equal.
    """

    training: str = "#0072b2"
    validation: str = "#d55e00"
    third: str = "#009e73"
    fourth: str = "#cc79a7"
    original: str = "#11161c"
    guide: str = "#98a2ae"
    ink: str = "#1f2731"
    muted: str = "#5d6874"
    grid: str = "#e5e9ee"
    paper: str = "#ffffff"


@dataclass(frozen=True)
class View:
    """What is stored of an original, as seen in one language."""

    original: Original
    stored: tuple[StoredTrial, ...]
    lang: Language
    under_way: tuple[UnderWay, ...] = ()
    colours: Colours = Colours()

    @property
    def curves(self) -> Curves:
        """Those of the original's own figures."""
        return self.original.curves

    def trials(self, experiment: Experiment, recipe: str) -> list[StoredTrial]:
        """The finished trials of a recipe as declared, by seed: those at full length, else the reduced ones."""
        return [trial for trial in self._all(experiment, recipe) if trial.status == "finished"]

    def with_curves(self, experiment: Experiment, recipe: str) -> Sequence[StoredTrial | UnderWay]:
        """The trials whose curves are shown: the finished ones, but first epochs of long ones before reduced ones."""
        finished = self.trials(experiment, recipe)
        if finished and not finished[0].reduced:
            return finished
        return _of_condition(self.under_way, experiment, recipe) or finished

    def shipped(self, experiment: Experiment, recipe: str) -> list[StoredTrial]:
        """The full-length trials that come with the original, where those shown are reduced or under way."""
        shown = self.with_curves(experiment, recipe)
        if all(isinstance(trial, StoredTrial) and not trial.reduced for trial in shown):
            return []
        return _of_condition(shipped(self.original), experiment, recipe)

    def diverged(self, experiment: Experiment, recipe: str) -> int:
        """How many seeds of the same kind came to no end, and are therefore in no figure."""
        return sum(t.status == "diverged" for t in self._all(experiment, recipe))

    def _all(self, experiment: Experiment, recipe: str) -> list[StoredTrial]:
        every = _of_condition(self.stored, experiment, recipe)
        return [trial for trial in every if not trial.reduced] or every


def _of_condition(trials: Iterable[AnyTrial], experiment: Experiment, recipe: str) -> list[AnyTrial]:
    """Those of them that are of the recipe, by seed."""
    found = (trial for trial in trials if (trial.experiment, trial.recipe) == (experiment.id, recipe))
    return sorted(found, key=lambda trial: trial.seed)
