"""What the original was to answer, answered by runs side by side: each against the first, seed by seed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reensayo.evidence import stats
from reensayo.evidence.judge import FEWEST
from reensayo.figures import View
from reensayo.figures.numerals import interval, number
from reensayo.pages import words
from reensayo.pages.links import TrialsLink, links_to
from reensayo.selection import as_run
from reensayo.spec import Asked, Bounds, Condition, bounds_of_difference
from reensayo.store import StoredTrial
from reensayo.text import PAIR, Language, Text, counted


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

    question: Text
    metric: Text
    lines: tuple[Line, ...]
    commands: tuple[str, ...]


def answer(asked: Asked, view: View) -> Answer:
    """What the stored trials say to a question."""
    found = {run: view.trials(*run) for run in asked.runs}
    bounds = asked.metric.bounds_in(view.original.named)
    values = {run: {(t.seed, t.reduced): asked.metric.of(t) for t in trials} for run, trials in found.items()}
    first, *_ = values.values()
    return Answer(
        asked.question,
        asked.metric.words(view.original.named),
        tuple(
            Line(
                links_to(trials)[0],
                trials[0].reduced,
                *mean_and_interval(list(values[run].values()), view.lang, bounds),
                words.FIRST if run == asked.runs[0] else _against(values[run], first, view.lang, bounds),
            )
            for run, trials in found.items()
            if trials
        ),
        tuple(f"{view.original.command} run {command}" for command in _commands(found)),
    )


def _commands(found: Mapping[Condition, Sequence[StoredTrial]]) -> Iterator[str]:
    """What gives every run trials of one length: reduced ones where there are only such, and no run lacks them."""
    reduced = all(trial.reduced for trials in found.values() for trial in trials) and any(found.values())
    if reduced and all(as_run((e, e.recipe(name)), {}, quick=True)[1].reduced for e, name in found):
        yield from (f"{run} --profile quick" for run, trials in found.items() if not trials)
    else:
        yield from (str(run) for run, trials in found.items() if not trials or trials[0].reduced)


def mean_and_interval(values: Sequence[float], lang: Language, within: Bounds) -> tuple[str, str]:
    """``("0.1263", "[0.125, 0.1276]")``; the interval is empty where one seed, or a count, has none."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return "–", ""
    found = stats.mean_interval(finite, within=within)
    mean = number(math.fsum(finite) / len(finite), lang)
    return mean, interval(found.low, found.high, lang) if 0 < found.width < math.inf else ""


def _against(
    values: Mapping[tuple[int, bool], float], first: Mapping[tuple[int, bool], float], lang: Language, bounds: Bounds
) -> Text:
    """The paired difference to the first run, over the seeds that both have at the same length."""
    pairs = [(value, first[seed]) for seed, value in values.items() if seed in first]
    finite = [pair for pair in pairs if all(map(math.isfinite, pair))]
    if len(finite) < 2:
        return words.TOO_FEW_PAIRS
    ours, others = zip(*finite, strict=True)
    found = stats.paired_difference(ours, others, within=bounds_of_difference(bounds))
    if len(finite) < FEWEST:
        said = words.TOO_FEW_TO_CONCLUDE
    elif found.interval.low > 0:
        said = words.HIGHER
    elif found.interval.high < 0:
        said = words.LOWER
    else:
        said = words.NO_DIFFERENCE
    return said.format(
        difference=number(found.estimate, lang),
        distance=number(abs(found.estimate), lang),
        interval=interval(found.interval.low, found.interval.high, lang),
        pairs=counted(len(finite), *PAIR),
    )
