"""Two arms side by side: any two experiments or recipes, over the seeds that both have."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reensayo.errors import InputError
from reensayo.evidence import stats
from reensayo.selection import as_run, parse_changes, select_one
from reensayo.spec import COSTS, Trial
from reensayo.store import StoredTrial
from reensayo.text import Text

LOSSES = ("loss", "val_loss")
"""What two arms that are trained by different losses do not have in common."""


@dataclass(frozen=True)
class Comparison:
    """What two arms have in common: per measure both means and their paired difference (a - b)."""

    seeds: tuple[int, ...]
    reduced: bool
    measures: Mapping[str, tuple[float, float, stats.Difference]]
    settings: tuple[tuple[str, Any, Any], ...]


def compare(trials: Sequence[StoredTrial], a: str, b: str) -> Comparison:
    """Paired differences of every measure that both arms have, at the last epoch and after training.

    Args:
        trials: everything stored.
        a: ``experiment@recipe``, the recipe's label with what ``--set`` changed.
        b: the other arm, likewise.

    Raises:
        InputError: there is no such arm, the two are one, or they have no seed in common.
    """
    if a == b:
        raise InputError(
            Text(
                es="compare espera dos brazos distintos; se recibió {a} dos veces",
                en="compare expects two different arms; received {a} twice",
            ).format(a=a)
        )
    reduced = not all(_arm(trials, name, reduced=False) for name in (a, b))
    arms = [_arm(trials, name, reduced) for name in (a, b)]
    seeds = tuple(sorted(arms[0].keys() & arms[1].keys()))
    if not seeds:
        raise _nothing_in_common(trials, a, b)
    values = [[_values(arm[seed]) for seed in seeds] for arm in arms]
    first, second = ({"data": _data(name), **arm[seeds[0]].settings} for name, arm in zip((a, b), arms, strict=True))
    unlike = LOSSES if first.get("loss") != second.get("loss") else ()
    names = [
        name for name in values[0][0] if name not in unlike and all(name in found for arm in values for found in arm)
    ]
    return Comparison(
        seeds,
        reduced,
        {name: _difference(*([found[name] for found in arm] for arm in values)) for name in names},
        tuple((name, first[name], second[name]) for name in first if name in second and first[name] != second[name]),
    )


def _data(name: str) -> str:
    """What the arm's net learns: measures of different data differ by more than the nets do."""
    experiment, _ = select_one(name.split("+")[0])
    return experiment.dataset.name if experiment.dataset else f"generated ({experiment.exercise})"


def _nothing_in_common(trials: Sequence[StoredTrial], a: str, b: str) -> InputError:
    """What there is of each of the two, so that it is clear what is missing."""

    def has(name: str) -> Text:
        kinds = {
            Text(es="a largo completo", en="at full length"): sorted(_arm(trials, name, reduced=False)),
            Text(es="reducidas", en="reduced"): sorted(_arm(trials, name, reduced=True)),
        }
        said = [(kind, ", ".join(map(str, seeds))) for kind, seeds in kinds.items() if seeds]
        if not said:
            run, *changes = name.split("+")
            command = " --set ".join([f"reensayo run {run}", *changes])
            return Text(es="ninguna; {command}", en="none; {command}").format(command=command)
        return Text(*("; ".join(f"{seeds} {kind(lang)}" for kind, seeds in said) for lang in ("es", "en")))

    known = sorted({f"{t.experiment}@{t.recipe}" for t in trials})
    return InputError(
        Text(
            es="{a} y {b} no tienen en común semillas terminadas de igual largo.\n  {a}: {has_a}\n  {b}: {has_b}\n"
            "Hay ensayos de:{known}",
            en="{a} and {b} have no finished seeds of the same length in common.\n  {a}: {has_a}\n  {b}: {has_b}\n"
            "There are trials of:{known}",
        ).format(a=a, b=b, has_a=has(a), has_b=has(b), known="".join(f"\n  {name}" for name in known) or " –")
    )


def _arm(trials: Sequence[StoredTrial], name: str, reduced: bool) -> dict[int, StoredTrial]:
    """The arm's finished trials by seed, those of an earlier form of the recipe or of the training left out."""
    run, *changes = name.split("+")
    experiment, recipe = as_run(select_one(run), parse_changes(changes), reduced)
    arm = experiment.id, recipe.label, reduced, "finished"
    named = [t for t in trials if (t.experiment, t.recipe, t.reduced, t.status) == arm]
    return {t.seed: t for t in named if t.id == Trial(experiment, recipe, t.seed).id}


def _values(trial: StoredTrial) -> dict[str, float]:
    last = {name: float(curve[-1]) for name, curve in trial.history.items()}
    measured = {name: value for name, value in trial.measures.items() if name not in COSTS}
    return {name: value for name, value in {**last, **measured}.items() if math.isfinite(value)}


def _difference(a: Sequence[float], b: Sequence[float]) -> tuple[float, float, stats.Difference]:
    return math.fsum(a) / len(a), math.fsum(b) / len(b), stats.paired_difference(a, b)
