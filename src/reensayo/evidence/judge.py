"""From stored trials to verdicts: one headline a claim, with a column a recipe, from one row a reading.

No sentences are made here; ``explain`` puts what was found into words.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from reensayo import outline
from reensayo.evidence import basis as bases
from reensayo.evidence import stats
from reensayo.evidence.basis import Basis, Evidence
from reensayo.evidence.current import lost, shipped, standing
from reensayo.evidence.findings import (
    FEWEST,
    Finding,
    Values,
    Verdict,
    against_figure,
    find,
    is_exact,
    is_timed,
    of_counts,
)
from reensayo.evidence.times import times
from reensayo.spec import (
    Above,
    Alike,
    Answer,
    AnyMetric,
    Claim,
    DerivedMetric,
    Differs,
    Equals,
    Exceeds,
    Exercise,
    Experiment,
    Metric,
    Original,
    Reaches,
    Reading,
    Role,
    Test,
    Trial,
    Value,
    experiments_of,
)
from reensayo.store import StoredTrial, UnreadableEntry
from reensayo.text import number

WORST_FIRST: Sequence[Verdict] = (
    *("withheld", "not reproduced", "not testable", "inconclusive", "borderline", "consistent", "reproduced"),
)
DECIDING: Collection[Evidence] = ("own", "shipped")
"""Trials at full length; with others nothing is held against anything."""
OwnFigure = Literal["agrees", "disagrees", "none"]
READ_OFF = 1e-4
"""How far a value of a figure may be read off wrongly, as a part of it where it is above 1 (see ``curves.json``)."""


@dataclass(frozen=True, kw_only=True)
class Row(Finding):
    """What one reading of a claim comes to under one recipe; numbers are None where there are none.

    ``figure_value`` is what the original's own figure shows of it, ``figure_agrees`` whether that is what the sentence
    says, and ``against_figure`` what our runs say to it. ``basis`` has the trials that were looked at, ``used`` those
    that gave a number, and ``unreadable`` what would have been among them; ``counts`` is what was counted instead.
    """

    claim: Claim
    exercise: Exercise
    recipe: str
    reading: Reading
    basis: Basis
    used: tuple[StoredTrial, ...] = ()
    published: float | None = None
    figure_value: float | None = None
    figure_agrees: bool | None = None
    against_figure: Finding | None = None
    unreadable: tuple[UnreadableEntry, ...] = ()
    counts: tuple[float, ...] = ()

    @property
    def evidence(self) -> Evidence:
        return self.basis.evidence

    @property
    def provisional(self) -> bool:
        return self.basis.provisional

    @property
    def trials(self) -> tuple[str, ...]:
        """What the trials are called that it rests on."""
        return tuple(trial.id for trial in self.used)

    def __repr__(self) -> str:
        """One line: everything would fill pages."""
        judged = " ".join(filter(None, (self.claim.id, self.recipe, self.reading.name)))
        estimate = number(self.estimate).en
        return f"<Row {judged}: {self.verdict}, estimate={estimate}, n={self.n}, evidence={self.evidence}>"


@dataclass(frozen=True)
class Column:
    """What a claim comes to under one recipe: the row that decides, which is the worst part or the best alternative.

    ``same_as`` names a recipe before it that means the very same trainings, and so has the same row.
    """

    row: Row
    same_as: str | None = None


@dataclass(frozen=True)
class Proper:
    """The sound answer to a claim's question: a number without a verdict."""

    answer: Answer
    value: float
    interval: stats.Interval
    n: int
    basis: Basis


@dataclass(frozen=True)
class Headline:
    """One claim: its own figure against its sentence, a column for each judged recipe, the sound answer, every row."""

    claim: Claim
    exercise: Exercise
    own_figure: OwnFigure
    columns: Mapping[str, Column]
    sound: Proper | None
    rows: tuple[Row, ...]

    def __repr__(self) -> str:
        """One line: everything would fill pages."""
        columns = "".join(f", {name}: {column.row.verdict}" for name, column in self.columns.items())
        return f"<Headline {self.claim.id}: its own figure {self.own_figure}{columns}>"


def verdicts(
    original: Original, trials: Sequence[StoredTrial], unreadable: Sequence[UnreadableEntry] = ()
) -> list[Headline]:
    """A headline for every claim of every exercise, from everything stored and what comes with the original.

    The rows that would rest on what is ``unreadable`` are withheld: with fewer seeds they might say something else.
    """
    judge = _Judge(original, standing(original, trials).counting, list(lost(original, unreadable, trials)))
    return [judge.headline(exercise, claim) for exercise in original.exercises for claim in exercise.claims]


@dataclass
class _Judge:
    """What every claim of an original is judged from."""

    original: Original
    own: Sequence[StoredTrial]
    lacking: Sequence[tuple[Trial, UnreadableEntry]]

    def headline(self, exercise: Exercise, claim: Claim) -> Headline:
        columns: dict[str, Column] = {}
        rows: list[Row] = []
        for recipes in self._distinct_recipes(claim):
            of_recipe = [
                self._row(exercise, claim, recipes, reading)
                for reading in claim.readings
                if not reading.recipes or set(reading.recipes) & set(recipes)
            ]
            rows += of_recipe
            deciding = _deciding(of_recipe)
            columns |= {name: Column(deciding, None if name == recipes[0] else recipes[0]) for name in recipes}
        in_order = {name: columns[name] for name in self.original.judged}
        return Headline(claim, exercise, _own_figure(rows), in_order, self._sound(claim), tuple(rows))

    def _distinct_recipes(self, claim: Claim) -> list[list[str]]:
        """The judged recipes, those together that mean the very same trainings of all that the claim is about."""
        groups: dict[object, list[str]] = {}
        for name in self.original.judged:
            settings = tuple(_settings(e, name) for e in claim.experiments)
            groups.setdefault(settings if all(settings) else name, []).append(name)
        return list(groups.values())

    def _row(self, exercise: Exercise, claim: Claim, recipes: Sequence[str], reading: Reading) -> Row:
        test, recipe = reading.test, recipes[0]
        experiments = experiments_of(test)
        basis = bases.basis([(e, recipes) for e in experiments], self.own, shipped(self.original))
        unread: tuple[UnreadableEntry, ...] = ()
        values: Sequence[Values] = ()
        used: tuple[StoredTrial, ...] = ()
        counts: tuple[float, ...] = ()
        finding = Finding("inconclusive")
        if any(_settings(e, recipe) is None for e in experiments):
            basis, finding = Basis("none"), Finding("not testable")
        elif is_exact(test):
            if counts := self._counts(experiments, recipe, test.metric, basis):
                basis, finding = Basis("count"), of_counts(test, counts)
        elif is_timed(test):
            first, second = (experiment.id for experiment in experiments)
            timed = next(
                (timing for name in recipes if (timing := times(self.original).get((first, second, name)))), None
            )
            values = timed.seconds_per_epoch if timed else ()
            basis = Basis("shipped" if values else "none")
        elif unread := self._unreadable(experiments, recipes, basis):
            basis, finding = Basis("none"), Finding("withheld")
        elif basis.trials:
            found = bases.samples(basis.trials, partial(bases.value, test))
            values, used = [numbers for _, numbers in found], bases.used(found)
            if not found and _none_came_to_an_end(basis):
                finding = Finding("not reproduced")
        if values and not isinstance(test, Equals):
            finding = find(test, values, self.original.named)
            if basis.evidence == "reduced":
                finding = replace(finding, verdict="inconclusive", direction=None)
        shown, tolerance = self._shown(test)
        whole = values if basis.evidence in DECIDING else ()
        return Row(
            **vars(finding),
            claim=claim,
            exercise=exercise,
            recipe=recipe,
            reading=reading,
            basis=basis,
            used=used,
            published=test.published if isinstance(test, Reaches) else None,
            figure_value=shown,
            figure_agrees=None if shown is None else _says_so(test, shown, tolerance),
            against_figure=against_figure(test, shown, tolerance, whole) if whole and shown is not None else None,
            unreadable=unread,
            counts=counts,
        )

    def _unreadable(
        self, experiments: Sequence[Experiment], recipes: Sequence[str], basis: Basis
    ) -> tuple[UnreadableEntry, ...]:
        """What cannot be read of the trials that would decide; reduced ones only where there are no others."""
        only_whole = basis.evidence in DECIDING
        return tuple(
            error
            for trial, error in self.lacking
            if trial.experiment in experiments and trial.recipe.name in recipes
            if not (only_whole and trial.recipe.reduced)
        )

    def _counts(
        self, experiments: Sequence[Experiment], recipe: str, metric: AnyMetric, basis: Basis
    ) -> tuple[float, ...]:
        """A count of each network as it is written down, else as trials have it; empty where one is in neither."""
        found = []
        for e, trials in zip(experiments, basis.trials or [()] * len(experiments), strict=True):
            written = outline.counts(self.original, e, recipe)
            found.append(written.get(metric.name) or next((metric.of(trial) for trial in trials), math.nan))
        return tuple(found) if all(map(math.isfinite, found)) else ()

    def _shown(self, test: Test) -> tuple[float | None, float]:
        """What the original's figure shows of it, and how far it may be read off wrongly."""
        if (figure := getattr(test, "figure", None)) is None:
            return None, 0.0
        value = figure(self.original.curves)
        return value, READ_OFF * max(1.0, abs(value))

    def _sound(self, claim: Claim) -> Proper | None:
        if (answer := claim.sound) is None:
            return None
        arms = [(e, [recipe]) for e, recipe in filter(None, (answer.condition, answer.minus))]
        basis = bases.basis(arms, self.own, shipped(self.original))
        if basis.evidence not in DECIDING:
            return None
        values = [numbers for _, numbers in bases.samples(basis.trials, partial(bases.measured, answer.metric))]
        return Proper(answer, *_mean(answer, values, self.original), len(values), basis) if values else None


# ---------------------------------------------------------------- rows and what they come to


def _deciding(rows: Sequence[Row]) -> Row:
    """The worst part, the best alternative being one of the parts; where all are beyond the sentence, the worst."""
    alternatives = [row for row in rows if row.reading.role == "alternative"]
    parts = [row for row in rows if row.reading.role == "part"]
    best = sorted(alternatives, key=_as_alternative, reverse=True)[:1]
    return min([*parts, *best] or rows, key=_rank)


def _rank(row: Row) -> int:
    return WORST_FIRST.index(row.verdict)


def _as_alternative(row: Row) -> int:
    """What is withheld might be anything, and so hides what is refuted."""
    return WORST_FIRST.index("inconclusive" if row.verdict == "withheld" else row.verdict)


def _own_figure(rows: Sequence[Row]) -> OwnFigure:
    """Whether the original's figure shows what its sentence says: in all parts, and in one of the alternatives."""
    shown: dict[Role, list[bool]] = {"part": [], "alternative": []}
    for row in rows:
        if row.reading.role != "beyond" and row.figure_agrees is not None:
            shown[row.reading.role].append(row.figure_agrees)
    said = [*shown["part"], *([any(shown["alternative"])] if shown["alternative"] else [])]
    return "none" if not said else "agrees" if all(said) else "disagrees"


def _says_so(test: Test, shown: float, tolerance: float) -> bool:
    """Whether a figure's value is what the test asks for, exactly but for how well it can be read off."""
    match test:
        case Reaches():
            return abs(shown - test.published) <= test.tolerance + tolerance
        case Exceeds():
            return shown > test.by
        case Above():
            return shown > test.border
        case Alike():
            return abs(shown) <= test.margin
        case Differs():
            return abs(shown) > test.margin
    return shown > 0.5  # an event's


def _settings(experiment: Experiment, recipe: str) -> tuple[tuple[str, Value], ...] | None:
    """What it is trained with under a recipe; None where it has no such recipe."""
    return next((tuple(r.settings.items()) for r in experiment.recipes if r.name == recipe), None)


def _none_came_to_an_end(basis: Basis) -> bool:
    """Whether all runs of one arm diverged: where several did, that is an answer."""
    return any(len(arm) >= FEWEST and all(trial.status != "finished" for trial in arm) for arm in basis.trials)


# ---------------------------------------------------------------- the sound answer


def _mean(answer: Answer, values: Sequence[Values], original: Original) -> tuple[float, stats.Interval]:
    """The mean, of pairs that of their difference, or the share of an event, with its 95 % interval."""
    first = [of_run[0] for of_run in values]
    mean = math.fsum(first) / len(first)
    if not isinstance(answer.metric, Metric | DerivedMetric):
        return mean, stats.wilson(round(sum(first)), len(first))
    bounds = answer.metric.named(original.named).bounds
    if answer.minus is None:
        return mean, stats.mean_interval(first, bounds)
    difference = stats.paired_difference(first, [of_pair[1] for of_pair in values], bounds)
    return difference.estimate, difference.interval
