"""Which stored trials count: those of recipes as declared today; which cannot be read, which come with an original."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Generic, NamedTuple, TypeVar

from reensayo.selection import trial_ids
from reensayo.spec import Original, Trial
from reensayo.store import StoredTrial, UnderWay, UnreadableEntry, read_pack

AnyTrial = TypeVar("AnyTrial", StoredTrial, UnderWay)

SHIPPED = "shipped"
"""The folder of an original's packs, within its own."""


class Standing(NamedTuple, Generic[AnyTrial]):
    """The trials of a store by what they are to an original.

    ``counting``: of recipes as they are declared today, whole or as the quick profile reduces them. ``changed``: of
    such a recipe with what ``--set`` changed. ``outdated``: of an earlier version of a recipe, of its data or of the
    training; they count no more. ``others``: of other works.
    """

    counting: list[AnyTrial]
    changed: list[AnyTrial]
    outdated: list[AnyTrial]
    others: list[AnyTrial]


def standing(original: Original, trials: Iterable[AnyTrial]) -> Standing[AnyTrial]:
    """Which of these trials count today."""
    found: Standing[AnyTrial] = Standing([], [], [], [])
    declared = cache(partial(_declared, original))
    for trial in trials:
        if trial.original != original.name:
            found.others.append(trial)
        elif trial.id in declared(trial.experiment, trial.seed):
            found.counting.append(trial)
        elif "+" in trial.recipe and (trial.id,) in _of_label(original, trial):
            found.changed.append(trial)
        else:
            found.outdated.append(trial)
    return found


def shipped(original: Original) -> tuple[StoredTrial, ...]:
    """Trials that come with an original: trained once at full length, some of them where a laptop would take days.

    They lie in its folder ``shipped``, a pack a recipe; what trained them stands with each.
    """
    return _packs(original).trials


def is_shipped(original: Original, trial: StoredTrial) -> bool:
    """Whether a trial is one of those."""
    return trial.directory.is_relative_to(original.folder / SHIPPED)


def perturbed(original: Original) -> tuple[StoredTrial, ...]:
    """Shipped trials of seed 0 that began from weights which differ in their last bits.

    How far one comes from the shipped trial of its name is what rounding explains.
    """
    return _packs(original).perturbed


def unreadable_packs(original: Original) -> tuple[UnreadableEntry, ...]:
    """The packs of an original that cannot be read, or not be believed: nothing of them counts."""
    return _packs(original).unreadable


class _Packs(NamedTuple):
    trials: tuple[StoredTrial, ...]
    perturbed: tuple[StoredTrial, ...]
    unreadable: tuple[UnreadableEntry, ...]


@cache
def _packs(original: Original) -> _Packs:
    trials, perturbed, unreadable = list[StoredTrial](), list[StoredTrial](), list[UnreadableEntry]()
    for path in sorted((original.folder / SHIPPED).glob("*.zip")):
        try:
            pack = read_pack(path)
        except UnreadableEntry as error:
            unreadable.append(error)
            continue
        trials += pack.trials
        perturbed += pack.perturbed
    whole, of_bit = (tuple(standing(original, each).counting) for each in (trials, perturbed))
    return _Packs(whole, of_bit, tuple(unreadable))


def lost(
    original: Original, unreadable: Sequence[UnreadableEntry], trials: Sequence[StoredTrial]
) -> Iterator[tuple[Trial, UnreadableEntry]]:
    """What the verdicts lack because it cannot be read; a copy of a trial that is there too costs nothing."""
    for name, error in _absent(unreadable, trials):
        if trial := _declared(original, *_parsed(name)).get(name):
            yield trial, error


def lost_to(
    original: Original, label: str, unreadable: Sequence[UnreadableEntry], trials: Sequence[StoredTrial]
) -> list[UnreadableEntry]:
    """What of it stands for a trial of ``exercise.network@recipe+epochs=3``."""
    absent = _absent(unreadable, trials)
    return [error for name, error in absent if (name,) in trial_ids(original, label, [_parsed(name)[1]])]


def _absent(unreadable: Sequence[UnreadableEntry], trials: Sequence[StoredTrial]) -> list[tuple[str, UnreadableEntry]]:
    """The trials that something unreadable stands for and nothing else."""
    there = {trial.id for trial in trials}
    return [(name, error) for error in unreadable for name in sorted(error.ids - there)]


def _of_label(original: Original, trial: StoredTrial | UnderWay) -> list[tuple[str, ...]]:
    return trial_ids(original, f"{trial.experiment}@{trial.recipe}", [trial.seed])


def _parsed(name: str) -> tuple[str, int]:
    """Experiment and seed of a trial's name; empty and 0 where it is none."""
    parts = re.fullmatch(r"(.+)@.+-s(\d{1,10})-[0-9a-f]{10}", name)
    return (parts[1], int(parts[2])) if parts else ("", 0)


def _declared(original: Original, experiment: str, seed: int) -> Mapping[str, Trial]:
    """The trials that an experiment has today with one seed, by name."""
    if (e := original.experiments.get(experiment)) is None:
        return {}
    forms = (Trial(original, e, form, seed) for r in e.runnable for form in (r, r.reduce(e.quick.changes)))
    return {trial.id: trial for trial in forms}
