"""What a figure may look at: an original with its curves, the stored trials that count, language and colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from reensayo.evidence.current import shipped
from reensayo.spec import Curves, Experiment, Original
from reensayo.store import StoredTrial, UnderWay
from reensayo.text import Language


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
        return [t for t in self._all(experiment, recipe) if t.status == "finished"]

    def with_curves(self, experiment: Experiment, recipe: str) -> Sequence[StoredTrial | UnderWay]:
        """The trials whose curves are shown: the finished ones, but the first epochs of long ones before reduced ones.

        Those under way are shown as far as they have come, and a figure says how far.
        """
        finished = self.trials(experiment, recipe)
        if finished and not finished[0].reduced:
            return finished
        begun = [t for t in self.under_way if (t.experiment, t.recipe) == (experiment.id, recipe)]
        return sorted(begun, key=lambda t: t.seed) or finished

    def shipped(self, experiment: Experiment, recipe: str) -> list[StoredTrial]:
        """The full-length trials that come with the original, where those shown are reduced or under way."""
        shown = self.with_curves(experiment, recipe)
        if all(isinstance(trial, StoredTrial) and not trial.reduced for trial in shown):
            return []
        return [t for t in shipped(self.original) if (t.experiment, t.recipe) == (experiment.id, recipe)]

    def diverged(self, experiment: Experiment, recipe: str) -> int:
        """How many seeds of the same kind came to no end, and are therefore in no figure."""
        return sum(t.status == "diverged" for t in self._all(experiment, recipe))

    def _all(self, experiment: Experiment, recipe: str) -> list[StoredTrial]:
        of_recipe = self._by_condition.get((experiment.id, recipe), [])
        return [t for t in of_recipe if not t.reduced] or of_recipe

    @cached_property
    def _by_condition(self) -> Mapping[tuple[str, str], list[StoredTrial]]:
        """The stored trials by (experiment, recipe), each by seed: figures ask for them hundreds of times."""
        found: dict[tuple[str, str], list[StoredTrial]] = {}
        for trial in sorted(self.stored, key=lambda t: t.seed):
            found.setdefault((trial.experiment, trial.recipe), []).append(trial)
        return found
