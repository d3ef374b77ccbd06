"""From stored trials to a verdict on every claim: one row a claim, recipe and reading.

Evidence is never mixed: a row rests on our own full-length trials where there are any, else on reduced ones (then it
is at most inconclusive), else on none, and says which.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, assert_never

from reensayo.evidence import stats
from reensayo.evidence.current import Lost, current, lost
from reensayo.evidence.original import curves
from reensayo.exercises import EXERCISES, EXPERIMENTS
from reensayo.selection import MOST_SEEDS
from reensayo.spec import (
    Alike,
    Claim,
    Equals,
    Exceeds,
    Exercise,
    Happens,
    AnyMetric,
    Metric,
    Reaches,
    Reading,
    Test,
    Times,
    arms,
    bounds_of_difference,
    said,
)
from reensayo.store import StoredTrial, UnreadableEntry
from reensayo.text import LANGUAGES, Text, capitalised, counted, number

Verdict = Literal["reproduced", "not reproduced", "inconclusive", "not testable", "withheld"]
Evidence = Literal["own", "reduced", "none"]

SEED = Text(es="semilla", en="seed"), Text(es="semillas", en="seeds")
PAIR = Text(es="par", en="pair"), Text(es="pares", en="pairs")
TOO_FEW = Text(es="y tan pocos no deciden nada.", en="and so few decide nothing.")
NO_DIFFERENCE = Text(
    es="no hay diferencia que importe: al 90 % cae dentro de ±{margin}.",
    en="no difference that margin: at 90 % it lies within ±{margin}.",
)
SAME_SEED = Text(es="de la misma semilla", en="of the same seed")
BLOCKS = Text(es="de bloques de igual cantidad de semillas", en="of blocks of equally many seeds")
FEWEST = 3
"""Values from which a mean decides: two that happen to be alike would."""
JUDGED_RECIPES = ("text", "script")
"""The recipes that claims are judged under, in this order."""


@dataclass(frozen=True)
class Row:
    """One verdict with everything that it rests on; numbers are None where there are none."""

    claim: Claim
    exercise: Exercise
    recipe: str
    reading: Reading
    verdict: Verdict
    why: Text
    caveats: tuple[Text, ...]
    published: float | None
    figure_value: float | None
    estimate: float | None
    interval: stats.Interval | None
    n: int
    evidence: Evidence
    trials: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """What a test gives for trials of its experiments, and what would give more."""

    verdict: Verdict
    why: Text
    estimate: float | None = None
    interval: stats.Interval | None = None
    n: int = 0
    used: tuple[StoredTrial, ...] = ()
    advice: Text | None = None


def verdicts(trials: Sequence[StoredTrial], unreadable: Sequence[UnreadableEntry] = ()) -> list[Row]:
    """A row for every claim of every exercise, under each recipe and in each reading.

    Args:
        trials: everything stored.
        unreadable: what of the store cannot be read or believed. The rows that would rest on it are withheld: with
            fewer seeds they might say something else.
    """
    counting = current(trials)
    lacking = list(lost(unreadable, trials))
    return [
        _row(exercise, claim, recipe, reading, counting, lacking)
        for exercise in EXERCISES
        for claim in exercise.claims
        for recipe in JUDGED_RECIPES
        for reading in claim.readings
    ]


def _row(
    exercise: Exercise,
    claim: Claim,
    recipe: str,
    reading: Reading,
    trials: Sequence[StoredTrial],
    lacking: Sequence[Lost],
) -> Row:
    test = reading.test
    evidence, chosen = _evidence(test, recipe, trials)
    if without := _would_use(test, recipe, evidence, lacking):
        evidence, chosen = "none", {}
        finding = _withheld(without)
    elif evidence == "none":
        finding = _nothing(test, recipe, trials)
    else:
        finding = _judge(test, recipe, chosen)
    if evidence == "reduced" and finding.verdict != "not testable":
        finding = _only_reduced(test, recipe, finding)
    figure = getattr(test, "figure", None)
    return Row(
        claim,
        exercise,
        recipe,
        reading,
        finding.verdict,
        _sentences(finding.why, finding.advice),
        (*_caveats(test, recipe, chosen), *_left_out(test, chosen)),
        test.published if isinstance(test, Reaches) else None,
        figure(curves()) if figure else None,
        finding.estimate,
        finding.interval,
        finding.n,
        evidence,
        tuple(trial.id for trial in finding.used),
    )


# ---------------------------------------------------------------- evidence


def _evidence(
    test: Test, recipe: str, trials: Sequence[StoredTrial]
) -> tuple[Evidence, Mapping[str, list[StoredTrial]]]:
    """The best kind of evidence that every arm has, and its trials by experiment.

    Exact numbers do not depend on how long a net was trained, so every trial is full evidence of them.
    """
    kinds: tuple[tuple[Evidence, bool], ...] = (("own", False), ("reduced", True))
    for evidence, reduced in kinds:
        chosen = {
            arm: [t for t in _trials_of(arm, recipe, trials) if t.reduced == reduced or _is_exact(test)]
            for arm in arms(test)
        }
        if all(chosen.values()):
            return evidence, chosen
    return "none", {}


def _is_exact(test: Test) -> bool:
    return isinstance(test, Equals) or (isinstance(test, Times) and test.exact)


def _trials_of(experiment: str, recipe: str, trials: Sequence[StoredTrial]) -> list[StoredTrial]:
    return [t for t in trials if (t.experiment, t.recipe) == (experiment, recipe)]


# ---------------------------------------------------------------- tests


def _judge(test: Test, recipe: str, chosen: Mapping[str, list[StoredTrial]]) -> Finding:
    match test:
        case Reaches():
            return _reaches(test, recipe, chosen[test.experiment])
        case Exceeds() | Alike():
            return _paired(test, recipe, chosen)
        case Times():
            return _multiple(test, recipe, chosen) if test.exact else _times(test, recipe, chosen)
        case Equals():
            return _equals(test, chosen)
        case Happens():
            return _happens(test, recipe, chosen[test.experiment])
        case _:
            assert_never(test)


def _reaches(test: Reaches, recipe: str, trials: Sequence[StoredTrial]) -> Finding:
    used = _with_value(test.metric, trials)
    if not used:
        return _no_value(test, recipe, trials)
    values = [test.metric.of(trial) for trial in used]
    interval = stats.prediction_interval(values, within=test.metric.bounds)
    mean = math.fsum(values) / len(values)
    advice: Text | None = None
    inside = interval.meets(test.published - test.tolerance, test.published + test.tolerance)
    facts = {
        "quantity": capitalised(test.metric.words()),
        "published": number(test.published),
        "tolerance": number(test.tolerance),
        "mean": number(mean),
        "interval": _interval(interval),
        "seeds": _seeds(len(values)),
    }
    if len(values) < FEWEST:
        verdict: Verdict = "inconclusive"
        advice = _run_more(test, recipe, trials)
        why = Text(
            es="{quantity}: media de {seeds}: {mean}; tan pocas no deciden nada.",
            en="{quantity}: mean of {seeds}: {mean}; so few decide nothing.",
        )
    elif inside and interval.width < test.margin:
        verdict = "reproduced"
        why = Text(
            es="{quantity}: media de {seeds}: {mean}; lo publicado ({published} ± {tolerance}) toca lo que daría una "
            "corrida más, {interval}.",
            en="{quantity}: mean of {seeds}: {mean}; the published {published} ± {tolerance} meets what one more run "
            "would give, {interval}.",
        )
    elif inside:
        verdict = "inconclusive"
        facts |= {"margin": number(test.margin), "width": number(interval.width)}
        advice = _more_seeds(test, recipe, values, trials)
        why = Text(
            es="{quantity}: media de {seeds}: {mean}; una corrida más daría {interval}, que toca lo publicado "
            "({published} ± {tolerance}), pero su ancho entero, {width}, es más que lo que importa ({margin}).",
            en="{quantity}: mean of {seeds}: {mean}; one more run would give {interval}, which meets the published "
            "{published} ± {tolerance}, but its whole width, {width}, is more than what matters ({margin}).",
        )
    else:
        verdict = "not reproduced"
        why = Text(
            es="{quantity}: media de {seeds}: {mean}; una corrida más daría {interval}, y lo publicado "
            "({published} ± {tolerance}) queda fuera.",
            en="{quantity}: mean of {seeds}: {mean}; one more run would give {interval}, and the published "
            "{published} ± {tolerance} lies outside.",
        )
    return Finding(verdict, why.format(**facts), mean, interval, len(values), tuple(used), advice)


def _paired(test: Exceeds | Alike, recipe: str, chosen: Mapping[str, list[StoredTrial]]) -> Finding:
    """The difference of two arms, seed by seed."""
    first, second = arms(test)
    pairs = _pairs(test, chosen)
    if not pairs:
        return _no_pairs(test, recipe, chosen)
    values = [[test.metric.of(pair[arm]) for pair in pairs] for arm in (0, 1)]
    difference = stats.paired_difference(values[0], values[1], within=bounds_of_difference(test.metric.bounds))
    judge = _one_sided if isinstance(test, Exceeds) else _two_sided
    each = [a - b for a, b in zip(*values, strict=True)]
    verdict, end = judge(difference.interval, test.margin > 0 and stats.tost(each, test.margin).equivalent)
    if len(pairs) < FEWEST:
        verdict, end = "inconclusive", TOO_FEW
    why = Text(
        es="{quantity}: {first} menos {second}, {pairs} {of}: {difference}, {interval}, {end}",
        en="{quantity}: {first} minus {second}, {pairs} {of}: {difference}, {interval}, {end}",
    ).format(
        metric=capitalised(test.metric.words()),
        first=first,
        second=second,
        pairs=counted(len(pairs), *PAIR),
        of=BLOCKS if test.metric.per_block else SAME_SEED,
        difference=number(difference.estimate),
        interval=_named_interval(difference.interval),
        end=end.format(margin=number(test.margin)),
    )
    used = tuple(trial for pair in pairs for trial in pair)
    advice = _run_more(test, recipe, *chosen.values()) if verdict == "inconclusive" else None
    return Finding(verdict, why, difference.estimate, difference.interval, len(pairs), used, advice)


def _times(test: Times, recipe: str, chosen: Mapping[str, list[StoredTrial]]) -> Finding:
    """How many times as much, by the mean of the logarithms of the pairs that have one."""
    pairs = [pair for pair in _pairs(test, chosen) if all(test.metric.of(trial) > 0 for trial in pair)]
    if not pairs:
        return _no_pairs(test, recipe, chosen)
    logarithms = [math.log(test.metric.of(more) / test.metric.of(less)) for more, less in pairs]
    of_logarithms = stats.mean_interval(logarithms)
    low, high = (math.inf if end == math.inf else math.exp(end) for end in (of_logarithms.low, of_logarithms.high))
    interval = stats.Interval(low, high, of_logarithms.level, of_logarithms.kind)
    estimate = math.exp(math.fsum(logarithms) / len(pairs))
    verdict: Verdict = "inconclusive"
    end = Text(es="en parte fuera.", en="part of it outside.")
    if len(pairs) < FEWEST:
        end = TOO_FEW
    elif test.low <= low and high <= test.high:
        verdict, end = "reproduced", Text(es="todo donde se dijo.", en="all of it where it was said to be.")
    elif not interval.meets(test.low, test.high):
        verdict, end = "not reproduced", Text(es="todo fuera.", en="all of it outside.")
    why = Text(
        es="{quantity}: {more} da {estimate} veces lo que {less} ({pairs} {of}), {interval}; se dijo de "
        "{low} a {high}, {end}",
        en="{quantity}: {more} gives {estimate} times what {less} gives ({pairs} {of}), {interval}; said to "
        "be {low} to {high}, {end}",
    ).format(
        metric=capitalised(test.metric.words()),
        more=test.more,
        less=test.less,
        estimate=number(estimate, 3),
        pairs=counted(len(pairs), *PAIR),
        of=BLOCKS if test.metric.per_block else SAME_SEED,
        interval=_named_interval(interval),
        low=number(test.low),
        high=number(test.high),
        end=end,
    )
    used = tuple(trial for pair in pairs for trial in pair)
    advice = _run_more(test, recipe, *chosen.values()) if verdict == "inconclusive" else None
    return Finding(verdict, why, estimate, interval, len(pairs), used, advice)


def _multiple(test: Times, recipe: str, chosen: Mapping[str, list[StoredTrial]]) -> Finding:
    """How many times as much a count is."""
    positive = [[t for t in _with_value(test.metric, chosen[arm]) if test.metric.of(t) > 0] for arm in arms(test)]
    used = tuple(trial for trials in positive for trial in trials)
    values = [{test.metric.of(trial) for trial in trials} for trials in positive]
    if not all(values):
        return _no_value(test, recipe, next(chosen[a] for a, v in zip(arms(test), values, strict=True) if not v))
    estimate = max(values[0]) / max(values[1])
    why = Text(
        es="{quantity}, según el recuento: {a} en {more}, {b} en {less}, {estimate} veces; se dijo de {low} a "
        "{high}. Es exacto, no hace falta intervalo.",
        en="{quantity}, counted: {a} in {more}, {b} in {less}, {estimate} times; said to be {low} to {high}. This is "
        "exact and needs no interval.",
    ).format(
        metric=capitalised(test.metric.words()),
        a=number(max(values[0])),
        more=test.more,
        b=number(max(values[1])),
        less=test.less,
        estimate=number(estimate, 3),
        low=number(test.low),
        high=number(test.high),
    )
    inside = test.low <= estimate <= test.high
    return Finding("reproduced" if inside else "not reproduced", why, estimate, n=len(used), used=used)


def _pairs(
    test: Exceeds | Alike | Times, chosen: Mapping[str, list[StoredTrial]]
) -> list[tuple[StoredTrial, StoredTrial]]:
    """Trials of the two arms with the same seed and a value each; of a time, one trial of each of two like blocks."""
    first, second = (_with_value(test.metric, chosen[arm]) for arm in arms(test))
    if test.metric.per_block:
        return _pairs_of_blocks(first, second)
    by_seed = {trial.seed: trial for trial in second}
    return [(trial, by_seed[trial.seed]) for trial in first if trial.seed in by_seed]


def _no_pairs(test: Exceeds | Alike | Times, recipe: str, chosen: Mapping[str, list[StoredTrial]]) -> Finding:
    without = [arm for arm in arms(test) if not _with_value(test.metric, chosen[arm])]
    if without:
        return _no_value(test, recipe, chosen[without[0]])
    of = BLOCKS if test.metric.per_block else SAME_SEED
    why = Text(es="No hay pares {of}.", en="There are no pairs {of}.").format(of=of)
    return Finding("inconclusive", why, advice=_run_more(test, recipe, *chosen.values()))


def _one_sided(interval: stats.Interval, equivalent: bool) -> tuple[Verdict, Text]:
    """Whether a difference is above zero."""
    if interval.low > 0:
        return "reproduced", Text(es="todo sobre cero.", en="all of it above zero.")
    if interval.high < 0:
        return "not reproduced", Text(es="todo bajo cero: es al revés.", en="all of it below zero: the opposite.")
    if equivalent:
        return "not reproduced", NO_DIFFERENCE
    return "inconclusive", Text(es="con el cero dentro.", en="with zero inside.")


def _two_sided(interval: stats.Interval, equivalent: bool) -> tuple[Verdict, Text]:
    """Whether there is no difference, or one too small to matter."""
    if equivalent:
        return "reproduced", NO_DIFFERENCE
    if not interval.contains(0):
        return "not reproduced", Text(
            es="con el cero fuera: hay una diferencia, y puede importar ({margin}).",
            en="with zero outside: there is a difference, and it may matter ({margin}).",
        )
    return "inconclusive", Text(
        es="con el cero dentro, y lo que importa ({margin}) también.",
        en="with zero inside, and what matters ({margin}) too.",
    )


def _pairs_of_blocks(
    first: Sequence[StoredTrial], second: Sequence[StoredTrial]
) -> list[tuple[StoredTrial, StoredTrial]]:
    """Blocks as wide as each other, on the same machine, in their order: seeds side by side share one time."""
    one, other = _blocks(first), _blocks(second)
    return [pair for kind in sorted(one.keys() & other.keys()) for pair in zip(one[kind], other[kind], strict=False)]


def _blocks(trials: Sequence[StoredTrial]) -> dict[tuple[int, str], list[StoredTrial]]:
    """A trial of every block, by the block's width and machine."""
    one_of: dict[tuple[int, ...], StoredTrial] = {}
    for trial in trials:
        one_of.setdefault(trial.block, trial)
    kinds: dict[tuple[int, str], list[StoredTrial]] = {}
    for trial in one_of.values():
        kinds.setdefault((len(trial.block), str(trial.about.get("hardware"))), []).append(trial)
    return kinds


def _equals(test: Equals, chosen: Mapping[str, list[StoredTrial]]) -> Finding:
    used = tuple(trial for trials in chosen.values() for trial in trials)
    found = {arm: sorted({test.metric.of(trial) for trial in trials}) for arm, trials in chosen.items()}
    same = all(values == [test.published[arm]] for arm, values in found.items())
    told = "; ".join(
        f"{arm}: {', '.join(f'{value:g}' for value in values)} ({test.published[arm]:g})"
        for arm, values in found.items()
    )
    why = Text(
        es="{quantity}, según el recuento (publicado): {told}. Es exacto, no hace falta intervalo.",
        en="{quantity}, counted (published): {told}. This is exact and needs no interval.",
    )
    words = capitalised(test.metric.words())
    return Finding(
        "reproduced" if same else "not reproduced", why.format(metric=words, told=told), n=len(used), used=used
    )


def _happens(test: Happens, recipe: str, trials: Sequence[StoredTrial]) -> Finding:
    seen = [(trial, saw) for trial in trials if (saw := _saw(test, trial)) is not None]
    if not seen:
        return _from_before(
            trials,
            Text(es='lo que diría si "{words}"', en='what would tell whether "{words}"').format(words=test.words),
        )
    used, n, count = tuple(trial for trial, _ in seen), len(seen), sum(saw for _, saw in seen)
    interval = stats.wilson(count, n)
    verdict: Verdict = "inconclusive"
    if interval.low > 0.5:
        verdict = "reproduced"
    elif interval.high < 0.5:
        verdict = "not reproduced"
    why = Text(
        es="En {count} de {seeds} {words}; en general, con 95 % de confianza, en {interval} de las corridas.",
        en="In {count} of {seeds} {words}; in general, at 95 % confidence, in {interval} of runs.",
    ).format(count=count, seeds=_seeds(n), words=test.words, interval=_interval(interval))
    advice = _run_more(test, recipe, trials) if verdict == "inconclusive" else None
    return Finding(verdict, why, count / n, interval, n, used, advice)


def _saw(test: Happens, trial: StoredTrial) -> bool | None:
    """Whether it happened, and nothing good is seen in NaN; None where an earlier version did not measure it."""
    try:
        return trial.status == "finished" and test.event(trial)
    except KeyError:
        return None


def _with_value(quantity: AnyMetric, trials: Sequence[StoredTrial]) -> list[StoredTrial]:
    """Trials that ran to their end and have a finite value."""
    return [t for t in trials if t.status == "finished" and math.isfinite(quantity.of(t))]


# ---------------------------------------------------------------- what could not be judged


def _would_use(test: Test, recipe: str, evidence: Evidence, lacking: Sequence[Lost]) -> list[Lost]:
    """What a row lacks: reduced trials only where it does not rest on full-length ones anyway."""
    return [
        one
        for one in lacking
        if one.experiment in arms(test)
        and one.recipe == recipe
        and (evidence != "own" or not one.reduced or _is_exact(test))
    ]


def _withheld(lacking: Sequence[Lost]) -> Finding:
    reasons = list(dict.fromkeys(one.error.message for one in lacking))
    why = Text(es="No se puede juzgar: {reasons}.", en="Cannot be judged: {reasons}.")
    return Finding("withheld", why.format(reasons=Text(*("; ".join(r(lang) for r in reasons) for lang in LANGUAGES))))


def _nothing(test: Test, recipe: str, trials: Sequence[StoredTrial]) -> Finding:
    lacking = [arm for arm in arms(test) if recipe not in {r.name for r in EXPERIMENTS[arm].recipes}]
    if lacking:
        why = Text(es="{arms} no tiene receta {recipe}.", en="{arms} has no recipe {recipe}.")
        return Finding("not testable", why.format(arms=", ".join(lacking), recipe=recipe))
    without = [arm for arm in arms(test) if not _trials_of(arm, recipe, trials)]
    why = Text(es="No hay ensayos de {arms}.", en="There are no trials of {arms}.")
    if not without:  # each arm has some, but one only reduced ones and another none of these
        without = [arm for arm in arms(test) if all(trial.reduced for trial in _trials_of(arm, recipe, trials))]
        why = Text(es="No hay ensayos a largo completo de {arms}.", en="There are no full-length trials of {arms}.")
    named = [f"{arm}@{recipe}" for arm in without]
    words = Text(es=" y ".join(named), en=" and ".join(named))
    advice = Text(es="Ejecute: {command}", en="Run: {command}").format(command=_command(recipe, without))
    return Finding("inconclusive", why.format(arms=words), advice=advice)


def _only_reduced(test: Test, recipe: str, finding: Finding) -> Finding:
    why = Text(
        es="Solo hay ensayos reducidos, que no bastan para un veredicto.",
        en="There are only reduced trials, which are not enough for a verdict.",
    )
    advice = Text(es="A largo completo: {command}", en="At full length: {command}")
    return replace(
        finding,
        verdict="inconclusive",
        why=_sentences(why, finding.why),
        advice=advice.format(command=_command(recipe, arms(test))),
    )


def _no_value(test: Reaches | Exceeds | Alike | Times, recipe: str, trials: Sequence[StoredTrial]) -> Finding:
    quantity = test.metric
    finished = [trial for trial in trials if trial.status == "finished"]
    at = quantity.at if isinstance(quantity, Metric) else None
    if finished and isinstance(at, int) and all(len(trial.history.get("loss", ())) < at for trial in finished):
        why = Text(
            es="Ninguno de los ensayos guardados ({n}) llega a la época {at}.",
            en="None of the stored trials ({n}) comes to epoch {at}.",
        ).format(n=len(trials), at=at)
        return Finding("inconclusive", why, used=tuple(trials))
    if finished:
        return _from_before(trials, quantity.words())
    why = Text(
        es="Ninguna corrida ({seeds}) llegó al final con un valor finito: el costo se hizo infinito o NaN.",
        en="No run ({seeds}) came to its end with a finite value: the loss became infinite or NaN.",
    ).format(seeds=_seeds(len(trials)))
    if len(trials) < FEWEST:
        return Finding("inconclusive", why, used=tuple(trials), advice=_run_more(test, recipe, trials))
    return Finding("not reproduced", why, used=tuple(trials))


def _from_before(trials: Sequence[StoredTrial], what: Text) -> Finding:
    measured = dict.fromkeys(name for trial in trials for name in trial.measures)
    why = Text(
        es="En los {n} ensayos guardados no se midió {what}; se midieron {measured}. Si son de antes de que se "
        "midiera, ejecútelos de nuevo en otra carpeta (--store).",
        en="The {n} stored trials did not measure {what}; they measured {measured}. If they are from before it was "
        "measured, run them again into another folder (--store).",
    )
    return Finding(
        "inconclusive", why.format(n=len(trials), what=what, measured=", ".join(measured) or "–"), used=tuple(trials)
    )


def _command(recipe: str, arms: Sequence[str], seeds: int | None = None) -> str:
    """The command that gives more evidence."""
    ids = " ".join(f"{arm}@{recipe}" for arm in arms)
    return f"reensayo run {ids}" + (f" --seeds {min(seeds, MOST_SEEDS)}" if seeds else "")


def _run_more(test: Test, recipe: str, *stored: Sequence[StoredTrial]) -> Text:
    """At least ten seeds, and where each of the arms has as many, twice as many."""
    there = min(1 + max(trial.seed for trial in trials) for trials in stored)
    words = Text(es="Más semillas: {command}", en="More seeds: {command}")
    return words.format(command=_command(recipe, arms(test), 2 * there if there >= 10 else 10))


def _more_seeds(test: Reaches, recipe: str, values: Sequence[float], trials: Sequence[StoredTrial]) -> Text:
    needed = stats.seeds_needed(values, half_width=test.margin / 2)
    if needed is None:
        return Text(
            es="Si las corridas siguen difiriendo tanto, más semillas no lo cambian.",
            en="If runs go on to differ that much, more seeds will not change that.",
        )
    seeds = max(
        needed + len(trials) - len(values), 2 + max(trial.seed for trial in trials)
    )  # as many may diverge again
    words = Text(es="Bastarían unas {seeds} semillas: {command}", en="About {seeds} seeds would do: {command}")
    return words.format(seeds=seeds, command=_command(recipe, arms(test), seeds))


# ---------------------------------------------------------------- caveats


def _caveats(test: Test, recipe: str, chosen: Mapping[str, list[StoredTrial]]) -> Iterator[Text]:
    """Which settings that both arms have differ between them, but for those that the comparison is about.

    What time arms take may differ for any reason that is theirs: there only what reducing made of them counts.
    """
    if not isinstance(test, Exceeds | Alike | Times) or _is_exact(test):
        return
    first, second = arms(test)
    one, other = (_settings(arm, recipe, chosen.get(arm, ())) for arm in (first, second))
    declared, of_other = (_settings(arm, recipe, ()) for arm in (first, second))
    compared = test.compares if isinstance(test, Exceeds) else ()
    for name in one:
        if test.metric.per_block and declared[name] != of_other.get(name):
            continue
        if name in other and one[name] != other[name] and name not in compared:
            yield Text(
                es="también difiere {name}: {value} en {first}, {other} en {second}",
                en="{name} differs too: {value} in {first}, {other} in {second}",
            ).format(name=name, value=said(one[name]), first=first, other=said(other[name]), second=second)


def _settings(arm: str, recipe: str, trials: Sequence[StoredTrial]) -> Mapping[str, Any]:
    """Those of the arm's trials, in the order of the recipe; without trials the recipe's, empty if there is none."""
    declared: Mapping[str, Any] = next((r.settings for r in EXPERIMENTS[arm].recipes if r.name == recipe), {})
    return {name: trials[0].settings.get(name, value) if trials else value for name, value in declared.items()}


def _left_out(test: Test, chosen: Mapping[str, list[StoredTrial]]) -> Iterator[Text]:
    """Runs that diverged have no value, so a mean speaks of the others only."""
    for arm, trials in chosen.items():
        lost = sum(trial.status == "diverged" for trial in trials)
        if lost and not isinstance(test, Happens | Equals | Times):
            yield Text(
                es="{k} de {seeds} de {arm} con divergencia, fuera de la media",
                en="{k} of {seeds} of {arm} diverged, left out of the mean",
            ).format(k=lost, seeds=_seeds(len(trials)), arm=arm)


# ---------------------------------------------------------------- numbers in words


def _sentences(first: Text, second: Text | None) -> Text:
    return Text(es=f"{first.es} {second.es}", en=f"{first.en} {second.en}") if second else first


def _seeds(n: int) -> Text:
    return counted(n, *SEED)


def _named_interval(interval: stats.Interval) -> Text:
    """One pair alone has none."""
    if not math.isfinite(interval.width):
        return Text(es="sin intervalo", en="no interval")
    return Text(es="intervalo {ends}", en="interval {ends}").format(ends=_interval(interval))


def _interval(interval: stats.Interval) -> Text:
    ends = {"low": number(interval.low), "high": number(interval.high)}
    return Text(es="[{low}; {high}]", en="[{low}, {high}]").format(**ends)
