"""What stored trials say besides verdicts: to what the original asks, of what is wrong in it, in its figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from reensayo.evidence import stats
from reensayo.evidence.findings import FEWEST
from reensayo.figures import View
from reensayo.figures.numerals import interval, number
from reensayo.pages.trial_table import last_epoch
from reensayo.selection import as_run
from reensayo.spec import COSTS, Asked, Bounds, Condition, Figure, Metric, Mistake, Named, Panel
from reensayo.store import StoredTrial
from reensayo.text import PAIR, TRIAL, Language, Text, capitalised, counted


class Line(NamedTuple):
    """One run: its trials, the mean with its interval, and in words how far it is from the first run."""

    trials: Sequence[StoredTrial]
    mean: str
    interval: str
    against: Text


def answer(asked: Asked, view: View) -> tuple[list[Line], list[str]]:
    """What the stored trials say to a question, run by run, and the commands that give the runs that lack."""
    found = {run: view.trials(*run) for run in asked.runs}
    bounds = asked.metric.named(view.original.named).bounds
    values = {run: {(t.seed, t.reduced): asked.metric.of(t) for t in trials} for run, trials in found.items()}
    first, itself = asked.runs[0], Text(es="la primera", en="the first")
    lines = [
        Line(
            trials,
            *_mean_and_interval(list(values[run].values()), view.lang, bounds),
            itself if run == first else _against(values[run], values[first], view.lang, bounds),
        )
        for run, trials in found.items()
        if trials
    ]
    return lines, [f"{view.original.command} run {command}" for command in _commands(found)]


def _commands(found: Mapping[Condition, Sequence[StoredTrial]]) -> Iterator[str]:
    """What gives every run trials of one length: reduced ones where there are only such, and no run lacks them."""
    reduced = all(trial.reduced for trials in found.values() for trial in trials) and any(found.values())
    if reduced and all(as_run((e, e.recipe(name)), {}, quick=True)[1].reduced for e, name in found):
        yield from (f"{run} --profile quick" for run, trials in found.items() if not trials)
    else:
        yield from (str(run) for run, trials in found.items() if not trials or trials[0].reduced)


def _against(
    values: Mapping[tuple[int, bool], float], first: Mapping[tuple[int, bool], float], lang: Language, bounds: Bounds
) -> Text:
    """The paired difference to the first run, over the seeds that both have at the same length."""
    pairs = [(value, first[seed]) for seed, value in values.items() if seed in first]
    finite = [pair for pair in pairs if all(map(math.isfinite, pair))]
    if len(finite) < 2:
        return Text(es="faltan pares de la misma semilla", en="too few pairs of the same seed")
    ours, others = zip(*finite, strict=True)
    found = stats.paired_difference(ours, others, within=bounds)
    if len(finite) < FEWEST:
        said = Text(
            es="{difference}, {interval}, {pairs}: muy pocas semillas para concluir",
            en="{difference}, {interval}, {pairs}: too few seeds to conclude",
        )
    elif found.interval.low > 0:
        said = Text(es="{distance} más, {interval}, {pairs}", en="{distance} higher, {interval}, {pairs}")
    elif found.interval.high < 0:
        said = Text(es="{distance} menos, {interval}, {pairs}", en="{distance} lower, {interval}, {pairs}")
    else:
        said = Text(
            es="sin diferencia significativa: {interval}, {pairs}", en="no significant difference: {interval}, {pairs}"
        )
    return said.format(
        difference=number(found.estimate, lang),
        distance=number(abs(found.estimate), lang),
        interval=interval(found.interval.low, found.interval.high, lang),
        pairs=counted(len(finite), *PAIR),
    )


# ---------------------------------------------------------------- mistakes and figures


def demonstration(
    mistake: Mistake, view: View
) -> tuple[Mapping[str, Named], list[tuple[Sequence[StoredTrial], list[tuple[str, str]]]], list[str]]:
    """Metrics; of each run that shows a mistake its trials, mean and interval of each; commands for runs that lack."""
    lang = view.lang
    found = {run: view.trials(*run) for run in mistake.shown_by}
    runs = [trials for trials in found.values() if trials]
    numbers = [[_numbers(trial, mistake.measures) for trial in trials] for trials in runs]
    metrics = {name: view.original.named(name) for of_run in numbers for measured in of_run for name in measured}
    means = [
        [_mean_and_interval([m[name] for m in of_run if name in m], lang, metrics[name].bounds) for name in metrics]
        for of_run in numbers
    ]
    missing = [f"{view.original.command} run {run}" for run, trials in found.items() if not trials]
    return metrics, list(zip(runs, means, strict=True)), missing


def _numbers(trial: StoredTrial, names: Sequence[str]) -> dict[str, float]:
    """Validation in the last epoch, and what was measured: what is named, or without names all but the costs."""
    final = {name: value for name, value in last_epoch(trial).items() if name.startswith("val_")} | dict(trial.measures)
    return {name: value for name, value in final.items() if name in names or not (names or name in COSTS)}


def pale_lines(figure: Figure, view: View) -> Iterator[Text]:
    """What is to be known, recipe by recipe, of trials in a figure that come with the original."""
    first = figure.panels[0]
    if not isinstance(first, Panel):
        return
    said = Text(
        es="Líneas pálidas ({recipe}): {trials} a largo completo, de los incluidos con el original, en {devices}, "
        "{day}. {metric} en la última época: {mean}. Ningún veredicto se apoya en ellas.",
        en="Pale lines ({recipe}): {trials} at full length, of those shipped with the original, on {devices}, "
        "{day}. {metric} in the last epoch: {mean}. No verdict rests on them.",
    )
    metric = f"val_{first.metric}" if figure.experiment.validates else first.metric
    named, end = view.original.named(metric), Metric(metric, "last")
    for recipe in view.original.recipes_of(figure):
        if trials := view.shipped(figure.experiment, recipe):
            mean = _mean_and_interval([end.of(trial) for trial in trials], view.lang, named.bounds)
            yield said.format(
                recipe=recipe,
                trials=counted(len(trials), *TRIAL),
                devices=trials[0].about["hardware"]["devices"],
                day=trials[0].about["finished"][:10],
                metric=capitalised(named.words),
                mean=" ".join(filter(None, mean)),
            )


# ---------------------------------------------------------------- numbers


def _mean_and_interval(values: Sequence[float], lang: Language, within: Bounds) -> tuple[str, str]:
    """``("0.1263", "[0.125, 0.1276]")``; the interval is empty where one seed, or a count, has none."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return "–", ""
    found = stats.mean_interval(finite, within=within)
    mean = number(math.fsum(finite) / len(finite), lang)
    return mean, interval(found.low, found.high, lang) if 0 < found.width < math.inf else ""
