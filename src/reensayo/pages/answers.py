"""What stored trials say besides verdicts: to what the original asks, and of what is wrong in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reensayo.evidence import stats
from reensayo.evidence.findings import FEWEST
from reensayo.figures import View
from reensayo.figures.numerals import interval, number
from reensayo.pages.trial_table import last_epoch
from reensayo.spec import COSTS, AnyMetric, Asked, Bounds, Condition, Mistake, Named
from reensayo.store import StoredTrial
from reensayo.text import PAIR, Language, Text, counted, joined


class Line(NamedTuple):
    """One run: its trials, the mean with its interval, and in words how far it is from the first run."""

    trials: Sequence[StoredTrial]
    mean: str
    interval: str
    against: Text


def answer(asked: Asked, view: View) -> tuple[list[Line], list[str]]:
    """What the stored trials say to a question, run by run, and the runs that lack, or that lack whole trials."""
    found = {run: view.trials(*run) for run in asked.runs}
    bounds = asked.metric.named(view.original.named).bounds
    first, itself = asked.runs[0], Text(es="la primera", en="the first")
    lines = [
        Line(
            trials,
            *_mean_and_interval([asked.metric.of(trial) for trial in trials], view.lang, bounds),
            itself if run == first else _against(asked.metric, run, first, view),
        )
        for run, trials in found.items()
        if trials
    ]
    return lines, [str(run) for run, trials in found.items() if not trials or trials[0].reduced]


def _against(metric: AnyMetric, run: Condition, first: Condition, view: View) -> Text:
    """The paired difference to the first run, over the seeds that both have, of one kind."""
    pairs = [(metric.of(one), metric.of(other)) for one, other in view.pairs(run, first)]
    finite = [pair for pair in pairs if all(map(math.isfinite, pair))]
    if len(finite) < 2:
        return Text(es="faltan pares de la misma semilla", en="too few pairs of the same seed")
    ours, others = zip(*finite, strict=True)
    found = stats.paired_difference(ours, others, within=metric.named(view.original.named).bounds)
    ends = interval(found.interval.low, found.interval.high, view.lang, 3)
    difference = f"{number(found.estimate, view.lang, 3)} {ends}"
    numbers = joined(", ", [Text(difference, difference), counted(len(finite), *PAIR)])
    if len(finite) < FEWEST:
        few = Text(es="{numbers}: con tan pocos no se puede decidir", en="{numbers}: too few to decide")
        return few.format(numbers=numbers)
    if found.interval.contains(0):
        none = Text(es="{numbers}: sin diferencia significativa", en="{numbers}: no significant difference")
        return none.format(numbers=numbers)
    return numbers


# ---------------------------------------------------------------- mistakes


def demonstration(
    mistake: Mistake, view: View
) -> tuple[Mapping[str, Named], list[tuple[Sequence[StoredTrial], list[tuple[str, str]]]], list[str]]:
    """Metrics; of each run that shows a mistake its trials, mean and interval of each; the runs that lack."""
    lang = view.lang
    found = {run: view.trials(*run) for run in mistake.shown_by}
    runs = [trials for trials in found.values() if trials]
    numbers = [[_numbers(trial, mistake.measures) for trial in trials] for trials in runs]
    metrics = {name: view.original.named(name) for of_run in numbers for measured in of_run for name in measured}
    means = [
        [_mean_and_interval([m[name] for m in of_run if name in m], lang, metrics[name].bounds) for name in metrics]
        for of_run in numbers
    ]
    missing = [str(run) for run, trials in found.items() if not trials]
    return metrics, list(zip(runs, means, strict=True)), missing


def _numbers(trial: StoredTrial, names: Sequence[str]) -> dict[str, float]:
    """Validation in the last epoch, and what was measured: what is named, or without names all but the costs."""
    final = {name: value for name, value in last_epoch(trial).items() if name.startswith("val_")} | dict(trial.measures)
    return {name: value for name, value in final.items() if name in names or not (names or name in COSTS)}


# ---------------------------------------------------------------- numbers


def _mean_and_interval(values: Sequence[float], lang: Language, within: Bounds) -> tuple[str, str]:
    """``("0.1263", "[0.125, 0.1276]")``; the interval is empty where one seed, or a count, has none."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return "–", ""
    found = stats.mean_interval(finite, within=within)
    mean = number(math.fsum(finite) / len(finite), lang)
    return mean, interval(found.low, found.high, lang) if 0 < found.width < math.inf else ""
