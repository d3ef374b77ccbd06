"""Which stored trials count: those of recipes as declared today; which cannot be read, which come with an original."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from typing import TypeVar

from reensayo.selection import trial_ids
from reensayo.spec import Original, Trial
from reensayo.store import Store, StoredTrial, UnderWay, UnreadableEntry

AnyTrial = TypeVar("AnyTrial", StoredTrial, UnderWay)


def of_original(original: Original, trials: Sequence[AnyTrial]) -> list[AnyTrial]:
    """The trials of this original; a store may hold those of others, too."""
    return [trial for trial in trials if trial.original == original.name]


def current(original: Original, trials: Sequence[AnyTrial]) -> list[AnyTrial]:
    """The trials of recipes as they are declared today, whole or as the quick profile reduces them.

    What a store still holds of an earlier version of a recipe, of its data or of the training, counts no more.
    """
    declared = cache(partial(_declared, original))
    return [trial for trial in trials if trial.id in declared(trial.experiment, trial.seed)]


@cache
def shipped(original: Original) -> tuple[StoredTrial, ...]:
    """Trials that come with an original: trained once at full length on a GPU, where a laptop would take hours.

    They lie in its folder ``shipped`` as in any store, without their models and arrays; what trained them stands in
    each trial.json. They are shown beside trials of the reader's own and never count as such: no verdict rests on them.
    """
    return tuple(current(original, Store(original.folder / "shipped").trials()))


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
