"""Two recipes side by side: any two, of any experiments, over the seeds that both have."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reensayo.errors import InputError
from reensayo.evidence import stats
from reensayo.selection import meant
from reensayo.spec import COSTS, LOSSES, Experiment, Original, Recipe, Trial
from reensayo.store import USUAL, StoredTrial
from reensayo.text import Text, joined, seeds_in_words

LENGTHS = {False: Text(es="largo completo", en="full length"), True: Text(es="reducidos", en="reduced")}


@dataclass(frozen=True)
class Arm:
    """One side at one length: as it was named, what that is, its finished trials by seed, the seeds that diverged."""

    label: str
    experiment: Experiment
    recipe: Recipe
    finished: Mapping[int, StoredTrial]
    diverged: tuple[int, ...]


Found = Mapping[bool, tuple[Arm, Arm]]
"""Both sides at full length and reduced."""


@dataclass(frozen=True)
class Comparison:
    """What two sides have in common: per measure both means and their paired difference (a - b).

    ``settings`` are those that differ, None on the side that has no such setting; ``unlike`` the losses that are left
    out, as they are not the same in both.
    """

    arms: tuple[Arm, Arm]
    seeds: tuple[int, ...]
    reduced: bool
    measures: Mapping[str, tuple[float, float, stats.Difference]]
    settings: tuple[tuple[str, Any, Any], ...]
    unlike: tuple[str, ...]

    def __repr__(self) -> str:
        """One line: everything would fill pages."""
        sides, seeds = " and ".join(arm.label for arm in self.arms), seeds_in_words(self.seeds)
        return f"<Comparison of {sides}: seeds={seeds}, reduced={self.reduced}, measures={', '.join(self.measures)}>"


def compare(original: Original, trials: Sequence[StoredTrial], a: str, b: str, store: Path = USUAL) -> Comparison:
    """Paired differences of every measure that both sides have, at the last epoch and after training.

    ``a`` and ``b`` are ``experiment@recipe``, the recipe's label with what ``--set`` changed; ``store`` is named in the
    commands that are advised. Full-length trials are compared, or reduced ones where only those have a seed in common.
    No such recipe, twice the same one, or no seed in common is an InputError.
    """
    found = {reduced: (_arm(original, trials, a, reduced), _arm(original, trials, b, reduced)) for reduced in LENGTHS}
    if len({(arm.experiment.id, arm.recipe.label) for arm in found[False]}) == 1:
        words = Text(
            es="compare espera dos recetas distintas; se recibió {a} y {b}, que son la misma",
            en="compare expects two different recipes; received {a} and {b}, which are the same",
        )
        raise InputError(words.format(a=a, b=b))
    common = {reduced: tuple(sorted(one.finished.keys() & other.finished)) for reduced, (one, other) in found.items()}
    reduced = next((reduced for reduced, seeds in common.items() if seeds), None)
    if reduced is None:
        raise InputError(_nothing_in_common(original, trials, found, store))
    arms, seeds = found[reduced], common[reduced]
    values = [[_values(arm.finished[seed]) for seed in seeds] for arm in arms]
    names = [name for name in values[0][0] if all(name in measured for arm in values for measured in arm)]
    unlike = () if _have_one_loss(arms, seeds[0]) else tuple(name for name in LOSSES if name in names)
    measures = {}
    for name in names:
        if name not in unlike:
            one, other = ([measured[name] for measured in arm] for arm in values)
            difference = stats.paired_difference(one, other, within=original.named(name).bounds)
            measures[name] = math.fsum(one) / len(seeds), math.fsum(other) / len(seeds), difference
    a_has, b_has = (_settings(arm.experiment, arm.finished[seeds[0]]) for arm in arms)
    settings = ((name, a_has.get(name), b_has.get(name)) for name in a_has | b_has)
    differing = tuple((name, of_a, of_b) for name, of_a, of_b in settings if of_a != of_b)
    return Comparison(arms, seeds, reduced, measures, differing, unlike)


def _arm(original: Original, trials: Sequence[StoredTrial], label: str, reduced: bool) -> Arm:
    """One side's trials, those of an earlier form of the recipe or of the training left out."""
    experiment, recipe = meant(original, label, reduced)
    named = [t for t in trials if (t.experiment, t.recipe, t.reduced) == (experiment.id, recipe.label, reduced)]
    counting = [t for t in named if t.id == Trial(original, experiment, recipe, t.seed).id]
    finished = {t.seed: t for t in counting if t.status == "finished"}
    return Arm(label, experiment, recipe, finished, tuple(sorted({t.seed for t in counting} - finished.keys())))


# ---------------------------------------------------------------- what is compared


def _settings(experiment: Experiment, trial: StoredTrial) -> dict[str, Any]:
    """With the data that is learned: measures of different data differ by more than the networks do."""
    data = experiment.dataset.name if experiment.dataset else f"generated ({experiment.exercise})"
    return {"data": data, **trial.settings}


def _have_one_loss(arms: Iterable[Arm], seed: int) -> bool:
    """Whether those that have a loss have the same: one function of the outputs, and one penalty.

    A penalty is a sum over the network's weights: of networks of different size it is another one.
    """
    losses = set()
    for arm in arms:
        trial = arm.finished[seed]
        loss = arm.experiment.loss_of(trial.settings)
        parts = {arm.experiment.setting(name).loss_part for name in loss}
        if "function" in parts:  # else a baseline
            size = trial.measures.get("parameters") if "penalty" in parts else None
            losses.add((frozenset(loss.items()), size))
    return len(losses) <= 1


def _values(trial: StoredTrial) -> dict[str, float]:
    last = {name: float(curve[-1]) for name, curve in trial.history.items()}
    measured = {name: value for name, value in trial.measures.items() if name not in COSTS}
    return {name: value for name, value in {**last, **measured}.items() if math.isfinite(value)}


# ---------------------------------------------------------------- what cannot be compared


def _nothing_in_common(original: Original, trials: Sequence[StoredTrial], found: Found, store: Path) -> Text:
    """What there is of each of the two, so that it is clear what is missing, and what gives it."""
    a, b = found[False]
    has_a, has_b = map(_has, zip(*found.values(), strict=True))
    commands = "".join(f"\n  {original.command} {shlex.join(words)}" for words in _commands(found, store))
    advice = Text(es="\nPara compararlos:{commands}", en="\nTo compare them:{commands}").format(commands=commands)
    of_either = (t for t in trials if t.experiment in (a.experiment.id, b.experiment.id))
    known = "".join(sorted({f"\n  {t.experiment}@{t.recipe}" for t in of_either})) or " –"
    words = Text(
        es="{a} y {b} no tienen en común semillas terminadas de igual largo.\n  {a}: {has_a}\n  {b}: {has_b}\n"
        "Hay ensayos de:{known}{advice}",
        en="{a} and {b} have no finished seeds of the same length in common.\n  {a}: {has_a}\n  {b}: {has_b}\n"
        "There are trials of:{known}{advice}",
    )
    given = {"known": known, "advice": advice if commands else ""}
    return words.format(a=a.label, b=b.label, has_a=has_a, has_b=has_b, **given)


def _has(arms: Iterable[Arm]) -> Text:
    """What there is of one side, full length first: ``seeds 0-4 (full length); 1 of 2 diverged (reduced)``."""
    finished = Text(es="semillas {seeds} ({length})", en="seeds {seeds} ({length})")
    diverged = Text(es="{k} de {n} divergieron ({length})", en="{k} of {n} diverged ({length})")
    told = []
    for length, arm in zip(LENGTHS.values(), arms, strict=True):
        if arm.finished:
            told.append(finished.format(seeds=seeds_in_words(sorted(arm.finished)), length=length))
        if k := len(arm.diverged):
            told.append(diverged.format(k=k, n=k + len(arm.finished), length=length))
    return joined("; ", told or [Text(es="ninguna", en="none")])


def _commands(found: Found, store: Path) -> Iterator[list[str]]:
    """What gives each side the seeds that only the other has, at its length; nothing where one always diverged."""
    both_reduce = all(arm.recipe.reduced for arm in found[True])
    reduced = both_reduce and not any(arm.finished for arm in found[False]) and any(a.finished for a in found[True])
    arms = found[reduced]
    if any(arm.diverged and not arm.finished for arm in arms):
        return
    lost = {seed for arm in arms for seed in arm.diverged}
    stored = lost.union(*(arm.finished for arm in arms))
    wanted = (stored - lost) or {max(stored, default=-1) + 1}
    for arm in arms:
        if wanted - arm.finished.keys():
            run, *changes = arm.label.split("+")
            yield [
                *("run", run),
                *(("--profile", "quick") if reduced else ()),
                *(("--seeds", str(max(wanted) + 1)) if stored else ()),
                *(word for change in changes for word in ("--set", change)),
                *(("--store", str(store)) if store != USUAL else ()),
            ]
