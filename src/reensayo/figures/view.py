"""What a figure may look at: an original with its curves, the stored trials that count, language and colours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from reensayo.evidence.basis import Basis, basis
from reensayo.evidence.current import shipped
from reensayo.spec import Condition, Curves, Experiment, Original
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
    original_training: str = "#003f7f"
    original_validation: str = "#8a2b00"
    guide: str = "#98a2ae"
    ink: str = "#1f2731"
    muted: str = "#5d6874"
    grid: str = "#e5e9ee"
    paper: str = "#ffffff"


@dataclass(frozen=True)
class View:
    """What is stored of an original, and ``with_shipped`` what comes with it, as seen in one language."""

    original: Original
    stored: tuple[StoredTrial, ...]
    lang: Language
    under_way: tuple[UnderWay, ...] = ()
    with_shipped: bool = True
    colours: Colours = Colours()

    @property
    def curves(self) -> Curves:
        """Those of the original's own figures."""
        return self.original.curves

    def basis(self, *conditions: Condition) -> Basis:
        """The trials that are shown of these, all of one kind: chosen as those that a verdict rests on."""
        arms = [(condition.experiment, [condition.recipe]) for condition in conditions]
        own, theirs = ([t for c in conditions for t in by[str(c)]] for by in (self._own, self._shipped))
        return basis(arms, own, theirs)

    def trials(self, experiment: Experiment, recipe: str) -> list[StoredTrial]:
        """The finished trials of a recipe as declared, by seed, see ``basis``."""
        return [trial for trial in self._all(experiment, recipe) if trial.status == "finished"]

    def pairs(self, one: Condition, other: Condition) -> list[tuple[StoredTrial, StoredTrial]]:
        """The finished trials of the same seed that two recipes have, of one kind."""
        firsts, others = self.basis(one, other).trials or ((), ())
        by_seed = {trial.seed: trial for trial in others if trial.status == "finished"}
        return [(t, by_seed[t.seed]) for t in firsts if t.status == "finished" and t.seed in by_seed]

    def with_curves(self, experiment: Experiment, recipe: str) -> Sequence[StoredTrial | UnderWay]:
        """The trials whose curves are shown: the finished ones, but first epochs of long ones before reduced ones."""
        finished = self.trials(experiment, recipe)
        if finished and not finished[0].reduced:
            return finished
        begun = [trial for trial in self.under_way if (trial.experiment, trial.recipe) == (experiment.id, recipe)]
        return sorted(begun, key=lambda trial: trial.seed) or finished

    def diverged(self, experiment: Experiment, recipe: str) -> int:
        """How many seeds of the same kind came to no end, and are therefore in no figure."""
        return sum(trial.status == "diverged" for trial in self._all(experiment, recipe))

    def _all(self, experiment: Experiment, recipe: str) -> Sequence[StoredTrial]:
        return next(iter(self.basis(Condition(experiment, recipe)).trials), ())

    @cached_property
    def _own(self) -> Mapping[str, list[StoredTrial]]:
        return _by_condition(self.stored)

    @cached_property
    def _shipped(self) -> Mapping[str, list[StoredTrial]]:
        return _by_condition(shipped(self.original) if self.with_shipped else ())


def _by_condition(trials: Iterable[StoredTrial]) -> Mapping[str, list[StoredTrial]]:
    found: defaultdict[str, list[StoredTrial]] = defaultdict(list)
    for trial in trials:
        found[f"{trial.experiment}@{trial.recipe}"].append(trial)
    return found
