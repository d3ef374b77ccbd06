"""What the assignment asked, answered by runs side by side: each held against the first, seed by seed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reensayo.evidence import stats
from reensayo.evidence.judge import FEWEST, PAIR
from reensayo.figures import View
from reensayo.figures.numerals import interval, number
from reensayo.report import words
from reensayo.report.links import TrialsLink, links_to
from reensayo.selection import as_run, select_one
from reensayo.spec import Asked, Bounds, bounds_of_difference
from reensayo.store import StoredTrial
from reensayo.text import Language, Text, counted


@dataclass(frozen=True)
class Line:
    """One run: its trials, the mean with its interval, and in words how far it is from the first run."""

    trials: TrialsLink
    reduced: bool
    mean: str
    interval: str
    against: Text


@dataclass(frozen=True)
class Answer:
    """A question with the lines of the runs that there are, and the commands that give the others."""

    asked: Asked
    lines: tuple[Line, ...]
    commands: tuple[str, ...]


def answer(asked: Asked, view: View) -> Answer:
    """What the stored trials say to a question."""
    found = {run: view.trials(*run.split("@")) for run in asked.runs}
    reference = found[asked.runs[0]]
    return Answer(
        asked,
        tuple(_line(asked, run, trials, reference, view.lang) for run, trials in found.items() if trials),
        tuple(_commands(found)),
    )


def _commands(found: Mapping[str, Sequence[StoredTrial]]) -> Iterator[str]:
    """What gives every run trials of one length: reduced ones where there are only such, and no run lacks them."""
    reduced = all(trial.reduced for trials in found.values() for trial in trials) and any(found.values())
    if reduced and all(as_run(select_one(run), {}, quick=True)[1].reduced for run in found):
        yield from (f"reensayo run {run} --profile quick" for run, trials in found.items() if not trials)
    else:
        yield from (f"reensayo run {run}" for run, trials in found.items() if not trials or trials[0].reduced)


def mean_and_interval(values: Sequence[float], lang: Language, within: Bounds) -> tuple[str, str]:
    """``("0.1263", "[0.125, 0.1276]")``; the interval is empty where one seed, or a count, has none."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return "–", ""
    found = stats.mean_interval(finite, within=within)
    mean = number(math.fsum(finite) / len(finite), lang)
    return mean, interval(found.low, found.high, lang) if 0 < found.width < math.inf else ""


def _line(
    asked: Asked, run: str, trials: Sequence[StoredTrial], reference: Sequence[StoredTrial], lang: Language
) -> Line:
    against = words.REFERENCE if run == asked.runs[0] else _against(asked, trials, reference, lang)
    mean = mean_and_interval([asked.metric.of(trial) for trial in trials], lang, asked.metric.bounds)
    return Line(links_to(trials)[0], trials[0].reduced, *mean, against)


def _against(asked: Asked, trials: Sequence[StoredTrial], reference: Sequence[StoredTrial], lang: Language) -> Text:
    """The paired difference to the reference, over the seeds that both have at the same length."""
    first = {(trial.seed, trial.reduced): asked.metric.of(trial) for trial in reference}
    pairs = [
        (asked.metric.of(trial), first[trial.seed, trial.reduced])
        for trial in trials
        if (trial.seed, trial.reduced) in first
    ]
    finite = [(value, other) for value, other in pairs if math.isfinite(value) and math.isfinite(other)]
    if len(finite) < 2:
        return words.TOO_FEW_PAIRS
    values, others = zip(*finite, strict=True)
    found = stats.paired_difference(values, others, within=bounds_of_difference(asked.metric.bounds))
    if len(finite) < FEWEST:
        said = words.TOO_FEW_TO_TELL
    elif found.interval.low > 0:
        said = words.HIGHER
    elif found.interval.high < 0:
        said = words.LOWER
    else:
        said = words.NOT_TOLD_APART
    return said.format(
        difference=number(found.estimate, lang),
        distance=number(abs(found.estimate), lang),
        interval=interval(found.interval.low, found.interval.high, lang),
        pairs=counted(len(finite), *PAIR),
    )
