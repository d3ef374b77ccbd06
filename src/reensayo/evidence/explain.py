"""What was found, in words; what must be minded about it; and the command that would find more."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reensayo import spec
from reensayo.evidence import stats
from reensayo.evidence.findings import FEWEST, Chosen, Finding, OfPairs, Verdict, is_exact, values_by_experiment
from reensayo.selection import MOST_SEEDS
from reensayo.store import StoredTrial, UnreadableEntry
from reensayo.text import PAIR, SEED, Text, capitalised, counted, joined, number

DIFFERENCE = Text(
    es="{metric}: {first} menos {second}, {n} {of}: {estimate}, {interval}, {end}",
    en="{metric}: {first} minus {second}, {n} {of}: {estimate}, {interval}, {end}",
)
WORDS: Mapping[type[spec.Test], Text] = {
    spec.Reaches: Text(es="{metric}: media de {n}: {estimate}; {end}", en="{metric}: mean of {n}: {estimate}; {end}"),
    spec.Exceeds: DIFFERENCE,
    spec.Alike: DIFFERENCE,
    spec.Differs: DIFFERENCE,
    spec.Times: Text(
        es="{metric}: {first} da {estimate} veces lo que da {second} ({claimed}), {n} {of}, {interval}, {end}",
        en="{metric}: {first} gives {estimate} times what {second} gives ({claimed}), {n} {of}, {interval}, {end}",
    ),
}
NO_DIFFERENCE = Text(
    es="no hay diferencia que importe: el intervalo del 90 % queda dentro de ±{margin}.",
    en="no difference that matters: the 90 % interval lies within ±{margin}.",
)
MAYBE_A_DIFFERENCE = Text(
    es="que contiene el cero, pero no excluye una diferencia que importe ({margin}).",
    en="which contains zero, but does not exclude a difference that matters ({margin}).",
)
A_DIFFERENCE = Text(
    es="que excluye el cero: la diferencia es significativa y puede importar ({margin}).",
    en="which excludes zero: the difference is significant and may matter ({margin}).",
)
ENDS: Mapping[type[spec.Test], Mapping[Verdict, Text]] = {
    spec.Reaches: {
        "reproduced": Text(
            es="lo publicado ({published} ± {tolerance}) cae dentro del intervalo de predicción del 95 % {ends}.",
            en="the published {published} ± {tolerance} lies within the 95 % prediction interval {ends}.",
        ),
        "inconclusive": Text(
            es="lo publicado ({published} ± {tolerance}) cae dentro del intervalo de predicción del 95 % {ends}, "
            "pero su ancho entero, {width}, supera la menor diferencia que importa ({margin}).",
            en="the published {published} ± {tolerance} lies within the 95 % prediction interval {ends}, but its "
            "whole width, {width}, is more than the smallest difference that matters ({margin}).",
        ),
        "not reproduced": Text(
            es="lo publicado ({published} ± {tolerance}) queda fuera del intervalo de predicción del 95 % {ends}.",
            en="the published {published} ± {tolerance} lies outside the 95 % prediction interval {ends}.",
        ),
    },
    spec.Exceeds: {
        "reproduced": Text(es="todo por encima de cero.", en="all above zero."),
        "inconclusive": Text(
            es="que contiene el cero: no hay diferencia significativa.",
            en="which contains zero: no significant difference.",
        ),
        "not reproduced": NO_DIFFERENCE,
    },
    spec.Alike: {
        "reproduced": NO_DIFFERENCE,
        "inconclusive": MAYBE_A_DIFFERENCE,
        "not reproduced": A_DIFFERENCE,
    },
    spec.Differs: {
        "reproduced": A_DIFFERENCE,
        "inconclusive": MAYBE_A_DIFFERENCE,
        "not reproduced": NO_DIFFERENCE,
    },
    spec.Times: {
        "reproduced": Text(es="todo dentro de lo afirmado.", en="all within what is claimed."),
        "inconclusive": Text(es="en parte fuera de lo afirmado.", en="partly outside what is claimed."),
        "not reproduced": Text(es="todo fuera de lo afirmado.", en="all outside what is claimed."),
    },
}
PAIRED = {
    False: Text(es="de la misma semilla", en="of the same seed"),
    True: Text(es="de bloques del mismo tamaño", en="of blocks of the same size"),
}
"""What two trials of a pair share, by whether the metric is one ``per_block``."""


def explain(
    original: spec.Original, test: spec.Test, recipe: str, chosen: Chosen, finding: Finding, reduced: bool
) -> Text:
    """What was found, and the command that would find more where that helps."""
    found = _found(original.named, test, finding)
    if not reduced:
        return joined(" ", [found, *_advice(original, test, recipe, chosen, finding)])
    return Text(
        es="Solo hay ensayos reducidos, que no bastan para un veredicto. {found} A largo completo: {command}",
        en="There are only reduced trials, which are not enough for a verdict. {found} At full length: {command}",
    ).format(found=found, command=_command(original, recipe, spec.experiments_of(test)))


def absent(original: spec.Original, test: spec.Test, recipe: str, there: Sequence[StoredTrial]) -> tuple[Verdict, Text]:
    """What is missing; ``there`` are the trials of the test's experiments under the recipe."""
    if lacking := [e.id for e in spec.experiments_of(test) if recipe not in {r.name for r in e.recipes}]:
        words = Text(es="{experiments} no tiene receta {recipe}.", en="{experiments} has no recipe {recipe}.")
        return "not testable", words.format(experiments=", ".join(lacking), recipe=recipe)
    without = _without_any(test, there)
    full = Text("", "") if without else Text(es=" a largo completo", en=" full-length")
    if not without:  # each has some, but one only reduced ones and another none of these
        without = _without_any(test, [trial for trial in there if not trial.reduced])
    names = [f"{experiment.id}@{recipe}" for experiment in without]
    conditions = Text(es=" y ".join(names), en=" and ".join(names))
    words = Text(
        es="No hay ensayos{full} de {conditions}. Ejecute: {command}",
        en="There are no{full} trials of {conditions}. Run: {command}",
    )
    command = _command(original, recipe, without)
    return "inconclusive", words.format(full=full, conditions=conditions, command=command)


def withheld(errors: Sequence[UnreadableEntry]) -> Text:
    """What cannot be read."""
    words = Text(es="No se puede juzgar: {reasons}.", en="Cannot be judged: {reasons}.")
    return words.format(reasons=joined("; ", dict.fromkeys(error.message for error in errors)))


def caveats(test: spec.Test, recipe: str, chosen: Chosen) -> Iterator[Text]:
    """What else differs between two experiments that are compared, and the runs that no mean speaks of.

    What the comparison is about is no caveat. What time two of them take may differ for any reason that is theirs:
    there only what reducing made of them counts.
    """
    if isinstance(test, OfPairs) and not is_exact(test):
        pair = first, second = spec.experiments_of(test)
        asked: list[Mapping[str, Any]] = [next((r.settings for r in e.recipes if r.name == recipe), {}) for e in pair]
        run = [chosen[e][0].settings if e in chosen else of_e for e, of_e in zip(pair, asked, strict=True)]
        words = Text(
            es="también difiere {name}: {here} en {first}, {there} en {second}",
            en="{name} differs too: {here} in {first}, {there} in {second}",
        )
        for name in [name for name in asked[0] if name in asked[1]]:
            one, other = (settings[name] for settings in run)
            is_its_own = test.metric.per_block and asked[0][name] != asked[1][name]
            if one != other and not is_its_own and name not in getattr(test, "compares", ()):
                here, there = spec.said(one), spec.said(other)
                yield words.format(name=name, here=here, first=first.id, there=there, second=second.id)
    if isinstance(test, spec.Reaches | spec.Exceeds | spec.Alike | spec.Differs):
        for experiment, trials in chosen.items():
            if lost := sum(trial.status == "diverged" for trial in trials):
                yield Text(
                    es="{k} de {seeds} de {id} con divergencia, fuera de la media",
                    en="{k} of {seeds} of {id} diverged, left out of the mean",
                ).format(k=lost, seeds=counted(len(trials), *SEED), id=experiment.id)


# ---------------------------------------------------------------- what was found


def _found(naming: spec.Naming, test: spec.Test, finding: Finding) -> Text:
    if not finding.n:
        return _no_value(naming, test, finding.used)
    n = counted(finding.n, *(PAIR if isinstance(test, OfPairs) else SEED))
    facts: dict[str, Any] = {"estimate": number(finding.estimate), "n": n}
    if interval := finding.interval:
        ends = Text(es="[{low}; {high}]", en="[{low}, {high}]")
        facts["ends"] = ends.format(low=number(interval.low), high=number(interval.high))
        facts["width"] = number(interval.width)
        words = Text(es="intervalo del 95 % {ends}", en="95 % interval {ends}").format(**facts)
        facts["interval"] = words if math.isfinite(interval.width) else Text(es="sin intervalo", en="no interval")
    if isinstance(test, spec.Happens):
        return Text(
            es="En {count} de {n} {words}; intervalo de confianza del 95 % de la frecuencia: {ends}.",
            en="In {count} of {n} {words}; 95 % confidence interval of the rate: {ends}.",
        ).format(**facts, count=round(finding.n * (finding.estimate or 0)), words=test.words)
    facts["metric"] = capitalised(test.metric.named(naming).words)
    if isinstance(test, spec.Equals):
        counts = values_by_experiment(test, finding.used)
        told = [f"{e.id}: {', '.join(f'{n:g}' for n in counts[e.id])} ({n:g})" for e, n in test.published.items()]
        words = Text(
            es="{metric}, recuento exacto (publicado): {told}.", en="{metric}, exact count (published): {told}."
        )
        return words.format(**facts, told="; ".join(told))
    facts |= {name: number(value) for name, value in vars(test).items() if isinstance(value, int | float)}
    facts |= zip(("first", "second"), (e.id for e in spec.experiments_of(test)), strict=False)
    facts["of"] = PAIRED[test.metric.per_block]
    if isinstance(test, spec.Times):
        facts["claimed"] = Text(es="se afirma: de {low} a {high}", en="claimed: {low} to {high}").format(**facts)
    if isinstance(test, spec.Times) and test.exact:
        more, less = (number(values[-1]) for values in values_by_experiment(test, finding.used).values())
        return Text(
            es="{metric}, recuento exacto: {more} en {first}, {less} en {second}, {estimate} veces ({claimed}).",
            en="{metric}, exact count: {more} in {first}, {less} in {second}, {estimate} times ({claimed}).",
        ).format(**facts, more=more, less=less)
    end = ENDS[type(test)][finding.verdict]
    if finding.n < FEWEST:
        end = Text(es="muy pocas semillas para concluir.", en="too few seeds to conclude.")
        if isinstance(test, OfPairs):
            end = Text(es="muy pocos pares para concluir.", en="too few pairs to conclude.")
    elif isinstance(test, spec.Exceeds) and interval and interval.high < 0:
        end = Text(es="todo por debajo de cero: es al revés.", en="all below zero: the opposite.")
    return WORDS[type(test)].format(**facts, end=end.format(**facts))


def _no_value(naming: spec.Naming, test: spec.Test, trials: Sequence[StoredTrial]) -> Text:
    """Why the trials of one experiment have no value; without trials, each has some, but none has a partner."""
    metric = None if isinstance(test, spec.Happens) else test.metric
    if not trials:
        words = Text(es="No hay pares {of}.", en="There are no pairs {of}.")
        return words.format(of=PAIRED[metric is not None and metric.per_block])
    finished = [trial for trial in trials if trial.status == "finished"]
    if not finished:
        return Text(
            es="Ninguna corrida ({seeds}) terminó con un valor finito: el costo se hizo infinito o NaN.",
            en="No run ({seeds}) ended with a finite value: the loss became infinite or NaN.",
        ).format(seeds=counted(len(trials), *SEED))
    at = getattr(metric, "at", None)
    if isinstance(at, int) and all(len(trial.history.get("loss", ())) < at for trial in finished):
        return Text(
            es="Ninguno de los ensayos guardados ({n}) llega a la época {at}.",
            en="None of the stored trials ({n}) reaches epoch {at}.",
        ).format(n=len(trials), at=at)
    if isinstance(test, spec.Times) and any(test.metric.of(trial) <= 0 for trial in finished):
        words = Text(es="{metric}: hay valores que no son positivos.", en="{metric}: there are values not above 0.")
        return words.format(metric=capitalised(test.metric.named(naming).words))
    what = Text(es='lo que diría si "{words}"', en='what would tell whether "{words}"')
    what = what.format(words=test.words) if isinstance(test, spec.Happens) else test.metric.named(naming).words
    measured = ", ".join(dict.fromkeys(name for trial in trials for name in trial.measures))
    return Text(
        es="En los ensayos guardados ({n}) no se midió {what}; se midieron {measured}. Si son de antes de que se "
        "midiera, ejecútelos de nuevo en otra carpeta (--store).",
        en="The stored trials ({n}) did not measure {what}; they measured {measured}. If they are from before it was "
        "measured, run them again into another folder (--store).",
    ).format(n=len(trials), what=what, measured=measured or "–")


def _without_any(test: spec.Test, trials: Sequence[StoredTrial]) -> list[spec.Experiment]:
    """The experiments of a test that have none of the trials."""
    return [e for e in spec.experiments_of(test) if e.id not in {trial.experiment for trial in trials}]


# ---------------------------------------------------------------- what would find more


def _advice(original: spec.Original, test: spec.Test, recipe: str, chosen: Chosen, finding: Finding) -> Iterator[Text]:
    """How many seeds would do, where more of them may change the verdict: at least ten, else twice as many."""
    is_of_before = not finding.n and any(trial.status == "finished" for trial in finding.used)
    if finding.verdict != "inconclusive" or is_of_before:
        return
    seeds = min(1 + max(trial.seed for trial in trials) for trials in chosen.values())
    words = Text(es="Más semillas: {command}", en="More seeds: {command}")
    if isinstance(test, spec.Reaches) and finding.n >= FEWEST:
        values = [test.metric.of(trial) for trial in finding.used]
        needed = stats.seeds_needed(values, test.margin / 2, MOST_SEEDS)
        if needed is None:
            yield Text(
                es="Si las corridas siguen difiriendo tanto, más semillas no lo cambian.",
                en="If runs go on to differ that much, more seeds will not change that.",
            )
            return
        diverged = len(chosen[test.experiment]) - finding.n  # as many may diverge again
        wanted = max(needed + diverged, seeds + 1)
        words = Text(es="Bastarían unas {seeds} semillas: {command}", en="About {seeds} seeds would do: {command}")
    else:
        wanted = 2 * seeds if seeds >= 10 else 10
    command = _command(original, recipe, spec.experiments_of(test), min(wanted, MOST_SEEDS))
    yield words.format(seeds=wanted, command=command)


def _command(original: spec.Original, recipe: str, experiments: Sequence[spec.Experiment], seeds: int = 0) -> str:
    ids = " ".join(f"{experiment.id}@{recipe}" for experiment in experiments)
    return f"{original.command} run {ids}" + (f" --seeds {seeds}" if seeds else "")
