"""The end of the page: where the trials ran, and every one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from reensayo.spec import Original
from reensayo.store import StoredTrial

Grouped = dict[str, list[StoredTrial]]


def anchor(trial: StoredTrial) -> str:
    """Where the table has the trials of its recipe; an anchor has no spaces, a changed setting may."""
    return f"trials-{trial.experiment}-{trial.recipe}".replace(" ", "_")


def machines(trials: Sequence[StoredTrial]) -> list[tuple[Sequence[str], list[str]]]:
    """(processor, cores, system, versions) and the day of each trial there, those with most trials first."""
    found: dict[Sequence[str], list[str]] = {}
    for trial in trials:
        machine = [str(trial.hardware.get(name, "–")) for name in ("processor", "cores", "system")]
        said = ", ".join(f"{name} {version}" for name, version in trial.versions.items()) or "–"
        found.setdefault((*machine, said), []).append(trial.finished[:10])
    return sorted(found.items(), key=lambda each: -len(each[1]))


def tables(original: Original, trials: Sequence[StoredTrial]) -> list[tuple[str, list[str], Grouped]]:
    """Of each experiment its name, the columns for all that any trial has, and the trials by recipe.

    Experiments and recipes are in the order of the original; what is no longer declared comes last.
    """
    found = []
    for name, of_name in _grouped(trials, lambda trial: trial.experiment, original.experiments).items():
        columns = list(dict.fromkeys(column for trial in of_name for column in values(trial)))
        declared = original.experiments.get(name)
        recipes = [recipe.name for recipe in declared.recipes] if declared else []
        in_order = sorted(of_name, key=lambda trial: (trial.reduced, trial.seed))
        found.append((name, columns, _grouped(in_order, lambda trial: trial.recipe, recipes)))
    return found


def _grouped(trials: Iterable[StoredTrial], key: Callable[[StoredTrial], str], declared: Iterable[str]) -> Grouped:
    found: Grouped = {}
    for trial in trials:
        found.setdefault(key(trial), []).append(trial)
    return {name: found[name] for name in [*declared, *sorted(found.keys() - declared)] if name in found}


def last_epoch(trial: StoredTrial) -> dict[str, float]:
    """Every metric's last value; none of a trial that has no epoch."""
    return {name: float(curve[-1]) for name, curve in trial.history.items() if len(curve)}


def values(trial: StoredTrial) -> dict[str, float]:
    """What a trial gave: every metric in the last epoch, and what was measured afterwards."""
    return last_epoch(trial) | {name: value for name, value in trial.measures.items() if name != "parameters"}
