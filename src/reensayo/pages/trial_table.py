"""The end of the page: where the trials ran, and every one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from reensayo.figures.numerals import number
from reensayo.pages import words
from reensayo.pages.links import anchor
from reensayo.spec import Original
from reensayo.store import StoredTrial
from reensayo.text import Language


@dataclass(frozen=True)
class Machine:
    """One processor with one set of versions, and how many trials ran there, from when to when."""

    processor: str
    cores: str
    system: str
    versions: str
    n: int
    dates: str


@dataclass(frozen=True)
class Entry:
    """One trial."""

    trial: StoredTrial
    status: str
    counts: bool
    seconds: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """The trials of one recipe."""

    recipe: str
    anchor: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Table:
    """The trials of one experiment, with a column for everything that any of them has."""

    experiment: str
    title: str
    columns: tuple[str, ...]
    groups: tuple[Group, ...]

    @property
    def n(self) -> int:
        return sum(len(group.entries) for group in self.groups)


def machines(trials: Sequence[StoredTrial]) -> list[Machine]:
    """Every kind of machine and set of versions, those with most trials first."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for trial in trials:
        hardware: Mapping[str, Any] = trial.about.get("hardware") or {}
        versions: Mapping[str, Any] = trial.about.get("versions") or {}
        processor, cores, system = (str(hardware.get(name, "–")) for name in ("processor", "cores", "system"))
        said = ", ".join(f"{name} {version}" for name, version in versions.items()) or "–"
        found.setdefault((processor, cores, system, said), []).append(str(trial.about.get("finished", ""))[:10])
    kinds = [Machine(*kind, len(days), " … ".join(sorted({min(days), max(days)}))) for kind, days in found.items()]
    return sorted(kinds, key=lambda machine: -machine.n)


def tables(original: Original, trials: Sequence[StoredTrial], counting: Set[str], lang: Language) -> list[Table]:
    """A table an experiment, in the order of the original; what is no longer declared comes last.

    ``counting`` has the ids of the trials that verdicts and figures rest on.
    """
    order = {name: place for place, name in enumerate(original.experiments)}
    found = _grouped(trials, lambda trial: trial.experiment)
    names = sorted(found, key=lambda name: (order.get(name, len(order)), name))
    return [_table(original, name, found[name], counting, lang) for name in names]


def _grouped(trials: Iterable[StoredTrial], key: Callable[[StoredTrial], str]) -> dict[str, list[StoredTrial]]:
    found: dict[str, list[StoredTrial]] = {}
    for trial in trials:
        found.setdefault(key(trial), []).append(trial)
    return found


def _table(
    original: Original, experiment: str, trials: Sequence[StoredTrial], counting: Set[str], lang: Language
) -> Table:
    values = {trial.id: _values(trial) for trial in trials}
    columns = tuple(dict.fromkeys(name for found in values.values() for name in found))
    declared = original.experiments.get(experiment)
    recipes = [recipe.name for recipe in declared.recipes] if declared else []
    found = _grouped(sorted(trials, key=lambda t: (t.reduced, t.seed)), lambda trial: trial.recipe)
    labels = sorted(found, key=lambda label: (recipes.index(label) if label in recipes else len(recipes), label))
    return Table(
        experiment,
        declared.title(lang) if declared else "",
        columns,
        tuple(
            Group(
                label,
                anchor(experiment, label),
                tuple(
                    _entry(trial, [values[trial.id].get(column) for column in columns], trial.id in counting, lang)
                    for trial in found[label]
                ),
            )
            for label in labels
        ),
    )


def _values(trial: StoredTrial) -> dict[str, float]:
    final = {name: float(curve[-1]) for name, curve in trial.history.items() if len(curve)}
    return final | {name: value for name, value in trial.measures.items() if name != "parameters"}


def _entry(trial: StoredTrial, values: Sequence[float | None], counts: bool, lang: Language) -> Entry:
    status = words.FINISHED
    if trial.diverged is not None:
        status = words.DIVERGED.format(epoch=trial.diverged)
    elif twin := trial.about.get("same_as"):
        status = words.TRAINED_AS.format(trial=twin)
    return Entry(
        trial,
        status(lang),
        counts,
        number(trial.wall_s, lang, 3),
        tuple(number(value, lang) if value is not None else "" for value in values),
    )
