"""From stored trials to a verdict on every claim: one row a claim, recipe and reading.

Evidence is never mixed: a row rests on our own full-length trials where there are any, else on reduced ones (then it
is at most inconclusive), else on none, and says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from reensayo.evidence.current import current, lost
from reensayo.evidence.explain import absent, caveats, explain, withheld
from reensayo.evidence.findings import Chosen, Finding, find, is_exact
from reensayo.spec import Claim, Exercise, Original, Reaches, Reading, Test, Trial, experiments_of
from reensayo.store import StoredTrial, UnreadableEntry
from reensayo.text import Text, number

Evidence = Literal["own", "reduced", "none"]


@dataclass(frozen=True, kw_only=True)
class Row(Finding):
    """One verdict with everything that it rests on; numbers are None where there are none."""

    claim: Claim
    exercise: Exercise
    recipe: str
    reading: Reading
    why: Text
    caveats: tuple[Text, ...]
    published: float | None
    figure_value: float | None
    evidence: Evidence

    @property
    def trials(self) -> tuple[str, ...]:
        """What the trials are called that it rests on."""
        return tuple(trial.id for trial in self.used)

    def __repr__(self) -> str:
        """One line: everything would fill pages."""
        judged = " ".join(filter(None, (self.claim.id, self.recipe, self.reading.name)))
        estimate = number(self.estimate).en
        return f"<Row {judged}: {self.verdict}, estimate={estimate}, n={self.n}, evidence={self.evidence}>"


def verdicts(
    original: Original, trials: Sequence[StoredTrial], unreadable: Sequence[UnreadableEntry] = ()
) -> list[Row]:
    """A row for every claim of every exercise, under each recipe in each reading of it, from everything stored.

    The rows that would rest on what is ``unreadable`` are withheld: with fewer seeds they might say something else.
    """
    counting = current(original, trials)
    lacking = list(lost(original, unreadable, trials))
    return [
        _row(original, exercise, claim, recipe, reading, counting, lacking)
        for exercise in original.exercises
        for claim in exercise.claims
        for recipe in original.judged
        for reading in claim.readings
        if not reading.recipes or recipe in reading.recipes
    ]


def _row(
    original: Original,
    exercise: Exercise,
    claim: Claim,
    recipe: str,
    reading: Reading,
    trials: Sequence[StoredTrial],
    lacking: Sequence[tuple[Trial, UnreadableEntry]],
) -> Row:
    test = reading.test
    ids = {experiment.id for experiment in experiments_of(test)}
    there = [trial for trial in trials if trial.experiment in ids and trial.recipe == recipe]
    own, reduced = _chosen(test, there, reduced=False), _chosen(test, there, reduced=True)
    evidence: Evidence = "own" if own else "reduced" if reduced else "none"
    chosen = own or reduced
    unread = [(trial, error) for trial, error in lacking if trial.experiment.id in ids and trial.recipe.name == recipe]
    if evidence == "own" and not is_exact(test):
        unread = [(trial, error) for trial, error in unread if not trial.recipe.reduced]
    if unread:
        evidence, chosen = "none", {}
        finding, why = Finding("withheld"), withheld([error for _, error in unread])
    elif evidence == "none":
        verdict, why = absent(original, test, recipe, there)
        finding = Finding(verdict)
    else:
        finding = find(test, chosen, original.named)
        why = explain(original, test, recipe, chosen, finding, reduced=evidence == "reduced")
        if evidence == "reduced":
            finding = replace(finding, verdict="inconclusive")
    figure = getattr(test, "figure", None)
    return Row(
        **vars(finding),
        claim=claim,
        exercise=exercise,
        recipe=recipe,
        reading=reading,
        why=why,
        caveats=tuple(caveats(test, recipe, chosen)),
        published=test.published if isinstance(test, Reaches) else None,
        figure_value=figure(original.curves) if figure else None,
        evidence=evidence,
    )


def _chosen(test: Test, trials: Sequence[StoredTrial], reduced: bool) -> Chosen:
    """The trials of one kind by experiment; none unless every experiment of the test has some.

    Exact numbers do not depend on how long a network was trained, so every trial is full evidence of them.
    """
    of_kind = [trial for trial in trials if trial.reduced == reduced or is_exact(test)]
    chosen = {e: [trial for trial in of_kind if trial.experiment == e.id] for e in experiments_of(test)}
    return chosen if all(chosen.values()) else {}
