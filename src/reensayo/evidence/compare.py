"""Two arms side by side: any two experiments or recipes, over the seeds that both have."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reensayo.errors import InputError
from reensayo.evidence import stats
from reensayo.exercises import EXPERIMENTS
from reensayo.selection import meant
from reensayo.spec import COSTS, Trial, bounds, bounds_of_difference
from reensayo.store import USUAL, StoredTrial
from reensayo.text import LANGUAGES, Text, seeds_in_words

LOSSES = ("loss", "val_loss")
"""What two arms that are trained by different losses do not have in common."""
LENGTHS = {
    False: Text(es="largo completo", en="full length"),
    True: Text(es="reducidos", en="reduced"),
}


@dataclass(frozen=True)
class Arm:
    """One side at one length: its finished trials by seed, and the seeds that diverged."""

    finished: Mapping[int, StoredTrial]
    diverged: tuple[int, ...]

    def without(self, seeds: Iterable[int]) -> tuple[int, ...]:
        """The finished seeds that are not among those given."""
        return tuple(sorted(self.finished.keys() - set(seeds)))


@dataclass(frozen=True)
class Comparison:
    """What two arms have in common: per measure both means and their paired difference (a - b).

    ``settings`` are those that differ, None on the side that has no such setting; ``unlike`` the losses that are left
    out, as they are not the same in both.
    """

    arms: tuple[Arm, Arm]
    seeds: tuple[int, ...]
    reduced: bool
    measures: Mapping[str, tuple[float, float, stats.Difference]]
    settings: tuple[tuple[str, Any, Any], ...]
    unlike: tuple[str, ...]


def compare(trials: Sequence[StoredTrial], a: str, b: str, store: Path = USUAL) -> Comparison:
    """Paired differences of every measure that both arms have, at the last epoch and after training.

    Full-length trials are compared, or reduced ones where only those have a seed in common.

    Args:
        trials: everything stored.
        a: ``experiment@recipe``, the recipe's label with what ``--set`` changed.
        b: the other arm, likewise.
        store: where they lie, for the commands that are advised.

    Raises:
        InputError: there is no such arm, the two are one, or they have no seed in common.
    """
    if len({_label(name) for name in (a, b)}) == 1:
        raise InputError(
            Text(
                es="compare espera dos brazos distintos; se recibió {a} y {b}, que son el mismo",
                en="compare expects two different arms; received {a} and {b}, which are the same",
            ).format(a=a, b=b)
        )
    found = {reduced: (_arm(trials, a, reduced), _arm(trials, b, reduced)) for reduced in LENGTHS}
    common = {reduced: tuple(sorted(one.finished.keys() & other.finished)) for reduced, (one, other) in found.items()}
    reduced = next((reduced for reduced, seeds in common.items() if seeds), None)
    if reduced is None:
        raise _nothing_in_common(trials, (a, b), found, store)
    seeds = common[reduced]
    one, other = (arm.finished[seeds[0]] for arm in found[reduced])
    values = [[_values(arm.finished[seed]) for seed in seeds] for arm in found[reduced]]
    names = [name for name in values[0][0] if all(name in measured for arm in values for measured in arm)]
    unlike = () if _have_one_loss((one, other)) else LOSSES
    return Comparison(
        found[reduced],
        seeds,
        reduced,
        {
            name: _difference(name, *([measured[name] for measured in arm] for arm in values))
            for name in names
            if name not in unlike
        },
        tuple(_differing({"data": _data(a), **one.settings}, {"data": _data(b), **other.settings})),
        tuple(name for name in unlike if name in names),
    )


def _label(name: str) -> str:
    """The one way in which an arm is written."""
    experiment, recipe = meant(name)
    return f"{experiment.id}@{recipe.label}"


def _arm(trials: Sequence[StoredTrial], name: str, reduced: bool) -> Arm:
    """The arm's trials, those of an earlier form of the recipe or of the training left out."""
    experiment, recipe = meant(name, reduced)
    named = [t for t in trials if (t.experiment, t.recipe, t.reduced) == (experiment.id, recipe.label, reduced)]
    counting = [t for t in named if t.id == Trial(experiment, recipe, t.seed).id]
    return Arm(
        {t.seed: t for t in counting if t.status == "finished"},
        tuple(sorted(t.seed for t in counting if t.status != "finished")),
    )


# ---------------------------------------------------------------- what is compared


def _data(name: str) -> str:
    """What the arm's net learns: measures of different data differ by more than the nets do."""
    experiment, _ = meant(name)
    return experiment.dataset.name if experiment.dataset else f"generated ({experiment.exercise})"


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in dict.fromkeys([*one, *other]):
        if one.get(name) != other.get(name):
            yield name, one.get(name), other.get(name)


def _have_one_loss(trials: Iterable[StoredTrial]) -> bool:
    """Whether those of the trials that have a loss have the same: one function of the outputs, and one penalty.

    A penalty is a sum over the network's weights: of networks of different size it is another one.
    """
    losses = set()
    for trial in trials:
        experiment = EXPERIMENTS[trial.experiment]
        loss = experiment.loss_of(trial.settings)
        parts = {experiment.setting(name).loss_part for name in loss}
        if "function" in parts:  # else a baseline
            size = trial.measures.get("parameters") if "penalty" in parts else None
            losses.add((frozenset(loss.items()), size))
    return len(losses) <= 1


def _values(trial: StoredTrial) -> dict[str, float]:
    last = {name: float(curve[-1]) for name, curve in trial.history.items()}
    measured = {name: value for name, value in trial.measures.items() if name not in COSTS}
    return {name: value for name, value in {**last, **measured}.items() if math.isfinite(value)}


def _difference(name: str, a: Sequence[float], b: Sequence[float]) -> tuple[float, float, stats.Difference]:
    difference = stats.paired_difference(a, b, within=bounds_of_difference(bounds(name)))
    return math.fsum(a) / len(a), math.fsum(b) / len(b), difference


# ---------------------------------------------------------------- what cannot be compared


def _nothing_in_common(
    trials: Sequence[StoredTrial], names: tuple[str, str], found: Mapping[bool, tuple[Arm, Arm]], store: Path
) -> InputError:
    """What there is of each of the two, so that it is clear what is missing, and what gives it."""
    a, b = names
    has_a, has_b = (_has({reduced: arms[side] for reduced, arms in found.items()}) for side in (0, 1))
    commands = [shlex.join(command) for command in _commands(names, found, store)]
    advice = Text(es="\nPara compararlos:{commands}", en="\nTo compare them:{commands}")
    experiments = {meant(name)[0].id for name in names}
    known = sorted({f"{t.experiment}@{t.recipe}" for t in trials if t.experiment in experiments})
    return InputError(
        Text(
            es="{a} y {b} no tienen en común semillas terminadas de igual largo.\n  {a}: {has_a}\n  {b}: {has_b}\n"
            "Hay ensayos de:{known}{advice}",
            en="{a} and {b} have no finished seeds of the same length in common.\n  {a}: {has_a}\n  {b}: {has_b}\n"
            "There are trials of:{known}{advice}",
        ).format(
            a=a,
            b=b,
            has_a=has_a,
            has_b=has_b,
            known="".join(f"\n  {name}" for name in known) or " –",
            advice=advice.format(commands="".join(f"\n  {command}" for command in commands)) if commands else "",
        )
    )


def _has(lengths: Mapping[bool, Arm]) -> Text:
    """``seeds 0-4 (full length); 1 of 2 diverged (reduced)``."""
    parts = []
    for reduced, arm in lengths.items():
        if arm.finished:
            words = Text(es="semillas {seeds} ({length})", en="seeds {seeds} ({length})")
            parts.append(words.format(seeds=seeds_in_words(sorted(arm.finished)), length=LENGTHS[reduced]))
        if lost := len(arm.diverged):
            words = Text(es="{k} de {n} divergieron ({length})", en="{k} of {n} diverged ({length})")
            parts.append(words.format(k=lost, n=lost + len(arm.finished), length=LENGTHS[reduced]))
    if not parts:
        return Text(es="ninguna", en="none")
    return Text(*("; ".join(part(lang) for part in parts) for lang in LANGUAGES))


def _commands(names: tuple[str, str], found: Mapping[bool, tuple[Arm, Arm]], store: Path) -> Iterator[list[str]]:
    """What gives each arm the seeds that only the other has, at its length; nothing where one always diverged."""
    both_reduce = all(meant(name, reduced=True)[1].reduced for name in names)
    reduced = both_reduce and not any(arm.finished for arm in found[False]) and any(a.finished for a in found[True])
    arms = found[reduced]
    if any(arm.diverged and not arm.finished for arm in arms):
        return
    lost = {seed for arm in arms for seed in arm.diverged}
    stored = lost.union(*(arm.finished for arm in arms))
    wanted = (stored - lost) or {max(stored, default=-1) + 1}
    for name, arm in zip(names, arms, strict=True):
        if wanted - arm.finished.keys():
            run, *changes = name.split("+")
            yield [
                *("reensayo", "run", run),
                *(("--profile", "quick") if reduced else ()),
                *(("--seeds", str(max(wanted) + 1)) if stored else ()),
                *(word for change in changes for word in ("--set", change)),
                *(("--store", str(store)) if store != USUAL else ()),
            ]
