"""What was found, in words; what must be minded about it; and the command that would find more."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reensayo import spec
from reensayo.evidence import basis as bases
from reensayo.evidence.findings import FEWEST, LEVEL, WITHIN, OfPairs, border_of, is_exact, is_timed
from reensayo.evidence.judge import Row
from reensayo.selection import MOST_SEEDS
from reensayo.text import PAIR, SEED, Text, between, capitalised, counted, joined, number

DIFFERENCE = Text(
    es="{metric}: {first} menos {second}, {n} {of}: {estimate}, {interval}{end}",
    en="{metric}: {first} minus {second}, {n} {of}: {estimate}, {interval}{end}",
)
WORDS: Mapping[type[spec.Test], Text] = {
    spec.Reaches: Text(es="{metric}: media de {n}: {estimate}{end}", en="{metric}: mean of {n}: {estimate}{end}"),
    spec.Above: Text(
        es="{metric}: media de {n}: {estimate}, {interval}{end}",
        en="{metric}: mean of {n}: {estimate}, {interval}{end}",
    ),
    spec.Exceeds: DIFFERENCE,
    spec.Alike: DIFFERENCE,
    spec.Differs: DIFFERENCE,
    spec.Times: Text(
        es="{metric}: {first} da {estimate} veces lo que da {second} ({claimed}), {n} {of}, {interval}{end}",
        en="{metric}: {first} gives {estimate} times what {second} gives ({claimed}), {n} {of}, {interval}{end}",
    ),
    spec.Happens: Text(
        es="En {count} de {n} {words}; {interval} de la frecuencia{end}",
        en="In {count} of {n} {words}; {interval} of the rate{end}",
    ),
}
AT_THE_BORDER = Text(
    es="cuyo extremo queda junto a {border}: unas pocas semillas más o menos podrían cambiar el veredicto.",
    en="whose end lies next to {border}: a few seeds more or less could turn the verdict.",
)
NO_DIFFERENCE = Text(
    es="y el del {within} % está dentro de ±{margin}: una diferencia que a nadie importa.",
    en="and the {within} % one lies within ±{margin}: a difference that matters to nobody.",
)
TOO_FEW = {
    False: Text(es="con tan pocas semillas no se puede decidir.", en="too few seeds to decide."),
    True: Text(es="con tan pocos pares no se puede decidir.", en="too few pairs to decide."),
}
BEYOND: Mapping[str, Text] = {
    "reproduced": Text(es="todo por encima de {border}.", en="all above {border}."),
    "borderline": AT_THE_BORDER,
    "lower": Text(es="todo por debajo de {border}.", en="all below {border}."),
}
ENDS: Mapping[type[spec.Test], Mapping[str, Text]] = {
    spec.Reaches: {
        "reproduced": Text(
            es="lo publicado, {published} ± {tolerance}, cae donde caería una corrida más: {interval}.",
            en="the published {published} ± {tolerance} lies where one more run would: {interval}.",
        ),
        "consistent": Text(
            es="lo publicado, {published} ± {tolerance}, cae donde caería una corrida más, pero las corridas difieren "
            "tanto ({interval}, de ancho {width}) que eso dice poco: importa ya una diferencia de {margin}.",
            en="the published {published} ± {tolerance} lies where one more run would, but runs differ so much "
            "({interval}, {width} wide) that this says little: a difference of {margin} already matters.",
        ),
        "borderline": Text(
            es="lo publicado, {published} ± {tolerance}, queda justo en el borde de donde caería una corrida más, "
            "{interval}: unas pocas semillas más o menos podrían cambiar el veredicto.",
            en="the published {published} ± {tolerance} lies right at the edge of where one more run would, "
            "{interval}: a few seeds more or less could turn the verdict.",
        ),
        "higher": Text(
            es="una corrida más caería por encima de lo publicado, {published} ± {tolerance}: {interval}.",
            en="one more run would lie above the published {published} ± {tolerance}: {interval}.",
        ),
        "lower": Text(
            es="una corrida más caería por debajo de lo publicado, {published} ± {tolerance}: {interval}.",
            en="one more run would lie below the published {published} ± {tolerance}: {interval}.",
        ),
    },
    spec.Above: {**BEYOND, "inconclusive": Text(es="que contiene {border}.", en="which contains {border}.")},
    spec.Exceeds: {
        **BEYOND,
        "inconclusive": Text(
            es="que contiene {border}: la diferencia no está decidida.",
            en="which contains {border}: the difference is not settled.",
        ),
        "not reproduced": NO_DIFFERENCE,
    },
    spec.Alike: {
        "reproduced": NO_DIFFERENCE,
        "consistent": Text(
            es="que contiene el cero, pero no descarta una diferencia que importe ({margin}).",
            en="which contains zero, but does not rule out a difference that matters ({margin}).",
        ),
        "borderline": AT_THE_BORDER,
        "higher": Text(es="todo por encima de cero: hay diferencia.", en="all above zero: there is a difference."),
        "lower": Text(es="todo por debajo de cero: hay diferencia.", en="all below zero: there is a difference."),
    },
    spec.Differs: {
        "reproduced": Text(es="que no contiene el cero: hay diferencia.", en="without zero: there is a difference."),
        "inconclusive": Text(
            es="que contiene el cero: la diferencia no está decidida.",
            en="which contains zero: the difference is not settled.",
        ),
        "borderline": AT_THE_BORDER,
        "not reproduced": NO_DIFFERENCE,
    },
    spec.Times: {
        "reproduced": Text(es="todo dentro de lo afirmado.", en="all within what is claimed."),
        "inconclusive": Text(es="en parte fuera de lo afirmado.", en="partly outside what is claimed."),
        "borderline": AT_THE_BORDER,
        "higher": Text(es="todo por encima de lo afirmado.", en="all above what is claimed."),
        "lower": Text(es="todo por debajo de lo afirmado.", en="all below what is claimed."),
    },
    spec.Happens: {
        "reproduced": Text(es="en la mayoría.", en="in most of them."),
        "inconclusive": Text(
            es="no se sabe si en la mayoría o en la minoría.", en="whether in most or in few is not settled."
        ),
        "borderline": AT_THE_BORDER,
        "not reproduced": Text(es="en la minoría.", en="in the minority."),
    },
}
"""How the sentence about a test ends, by its verdict, or by its direction where it has one."""
OF_SEEDS = Text(es="de la misma semilla", en="of the same seed")
OF_TURNS = Text(es="medidos por turno en un mismo proceso", en="timed in turn in one process")


def why(original: spec.Original, row: Row) -> Text:
    """What was found, and the command that would find more where that helps."""
    experiments = spec.experiments_of(row.reading.test)
    if row.unreadable:
        words = Text(es="No se puede juzgar: {reasons}.", en="Cannot be judged: {reasons}.")
        return words.format(reasons=joined("; ", dict.fromkeys(error.message for error in row.unreadable)))
    if row.verdict == "not testable":
        lacking = [e.id for e in experiments if row.recipe not in {r.name for r in e.recipes}]
        words = Text(es="{experiments} no tiene receta {recipe}.", en="{experiments} has no recipe {recipe}.")
        return words.format(experiments=", ".join(lacking), recipe=row.recipe)
    if row.evidence == "none":
        return _absent(original, row, experiments)
    if row.evidence == "count":
        return _counted(original, row)
    found = _found(original, row) if row.n else _no_value(original.named, row)
    if row.evidence == "reduced":
        return Text(
            es="Solo hay ensayos reducidos, que no bastan para un veredicto. {found} A largo completo: {command}",
            en="There are only reduced trials, which are not enough for a verdict. {found} At full length: {command}",
        ).format(found=found, command=_command(original, row.recipe, experiments))
    return joined(" ", [found, *_advice(original, row, experiments)])


def figure_in_words(row: Row) -> Text | None:
    """What the original's figure shows, whether its sentence says the same, and whether our runs agree with it."""
    if row.figure_value is None:
        return None
    agrees = Text(es="lo mismo que su frase", en="the same as its sentence")
    differs = Text(es="otra cosa que su frase", en="something other than its sentence says")
    ours: Text | str = ""
    if row.against_figure:
        verdict, direction = row.against_figure.verdict, row.against_figure.direction
        ours = AGAINST_FIGURE.get(direction or verdict, "")
    words = Text(es="Su propia figura muestra {value}, {what}{ours}.", en="Its own figure shows {value}, {what}{ours}.")
    if isinstance(row.reading.test, spec.Happens):  # which is no number
        words = Text(es="Su propia figura muestra {what}{ours}.", en="Its own figure shows {what}{ours}.")
    return words.format(value=number(row.figure_value), what=agrees if row.figure_agrees else differs, ours=ours)


AGAINST_FIGURE: Mapping[str, Text] = {
    "reproduced": Text(
        es="; nuestras corridas dan lo que muestra la figura", en="; our runs give what the figure shows"
    ),
    "consistent": Text(
        es="; nuestras corridas no la contradicen, pero difieren mucho entre sí",
        en="; our runs do not contradict it, but differ much among themselves",
    ),
    "borderline": Text(
        es="; queda justo en el borde de lo que dan nuestras corridas",
        en="; it lies right at the edge of what our runs give",
    ),
    "higher": Text(es="; nuestras corridas dan más que la figura", en="; our runs give more than the figure"),
    "lower": Text(es="; nuestras corridas dan menos que la figura", en="; our runs give less than the figure"),
}


def caveats(row: Row) -> Iterator[Text]:
    """What else differs between two experiments that are compared, and the runs that no mean speaks of.

    What the comparison is about is no caveat; neither is what is counted or timed, which is all of an experiment's own.
    """
    test, recipe = row.reading.test, row.recipe
    experiments = spec.experiments_of(test)
    if isinstance(test, OfPairs) and not is_exact(test) and not is_timed(test):
        pair = first, second = experiments
        asked: list[Mapping[str, Any]] = [next((r.settings for r in e.recipes if r.name == recipe), {}) for e in pair]
        run = [arm[0].settings for arm in row.basis.trials] or asked
        words = Text(
            es="también difiere {name}: {here} en {first}, {there} en {second}",
            en="{name} differs too: {here} in {first}, {there} in {second}",
        )
        for name in [name for name in asked[0] if name in asked[1] and name not in getattr(test, "compares", ())]:
            one, other = (settings[name] for settings in run)
            if one != other:
                here, there = spec.said(one), spec.said(other)
                yield words.format(name=name, here=here, first=first.id, there=there, second=second.id)
    if isinstance(test, spec.Reaches | spec.Above | OfPairs):
        for experiment, trials in zip(experiments, row.basis.trials, strict=False):
            if lost := sum(trial.status == "diverged" for trial in trials):
                yield Text(
                    es="{k} de {seeds} de {id} con divergencia, fuera de la media",
                    en="{k} of {seeds} of {id} diverged, left out of the mean",
                ).format(k=lost, seeds=counted(len(trials), *SEED), id=experiment.id)


# ---------------------------------------------------------------- what was found


def _found(original: spec.Original, row: Row) -> Text:
    test, interval = row.reading.test, row.interval
    assert not isinstance(test, spec.Equals)
    facts: dict[str, Any] = {name: number(v) for name, v in vars(test).items() if isinstance(v, int | float)}
    facts |= zip(("first", "second"), (e.id for e in spec.experiments_of(test)), strict=False)
    facts |= {"estimate": number(row.estimate), "n": counted(row.n, *(PAIR if isinstance(test, OfPairs) else SEED))}
    if interval and math.isfinite(interval.width):
        words = Text(es="intervalo del {level} % {ends}", en="{level} % interval {ends}")
        facts["interval"] = words.format(level=number(100 * LEVEL), ends=between(interval.low, interval.high))
        facts |= {"width": number(interval.width), "within": number(100 * WITHIN)}
    else:
        facts["interval"] = Text(es="sin intervalo", en="no interval")
    if isinstance(test, spec.Happens):
        facts |= {"count": round(row.n * (row.estimate or 0)), "words": test.words}
    else:
        facts["metric"] = capitalised(test.metric.named(original.named).words)
        facts["of"] = OF_TURNS if is_timed(test) else OF_SEEDS
    facts["border"] = _border(test, row)
    if isinstance(test, spec.Times):
        facts["claimed"] = Text(es="se afirma: de {low} a {high}", en="claimed: {low} to {high}").format(**facts)
    return WORDS[type(test)].format(**facts, end=_end(row, facts))


def _end(row: Row, facts: Mapping[str, Any]) -> Text | str:
    """What the numbers come to."""
    test = row.reading.test
    between = "; " if isinstance(test, spec.Reaches) or row.n < FEWEST else ", "
    if row.n < FEWEST:
        end = TOO_FEW[isinstance(test, OfPairs)]
    elif row.evidence != "reduced":
        end = ENDS[type(test)][row.direction or row.verdict]
    elif isinstance(test, spec.Reaches):
        end = Text(es="una corrida más caería en el {interval}.", en="one more run would lie in the {interval}.")
    else:  # the interval is told already
        return "."
    return joined(between, [Text("", ""), end]).format(**facts)


def _border(test: spec.Test, row: Row) -> Text:
    """The number that the interval is compared with; of several the one that it comes nearest to."""
    borders = {border_of(test)}
    if isinstance(test, spec.Times):
        borders = {test.low, test.high}
    elif isinstance(test, spec.Exceeds | spec.Alike | spec.Differs) and row.verdict == "borderline":
        borders |= {test.margin, -test.margin}
    if not row.interval:
        return number(min(borders))
    ends = row.interval.low, row.interval.high
    return number(min(borders, key=lambda border: min(abs(end - border) for end in ends)))


def _counted(original: spec.Original, row: Row) -> Text:
    test = row.reading.test
    assert isinstance(test, spec.Equals | spec.Times)
    metric = capitalised(test.metric.named(original.named).words)
    if isinstance(test, spec.Equals):
        counts = zip(test.published.items(), row.counts, strict=True)
        told = "; ".join(f"{e.id}: {count:.0f} ({published:.0f})" for (e, published), count in counts)
        words = Text(
            es="{metric}, recuento exacto (publicado): {told}.", en="{metric}, exact count (published): {told}."
        )
        return words.format(metric=metric, told=told)
    more, less = map(number, row.counts)
    first, second = (e.id for e in spec.experiments_of(test))
    claimed = Text(es="se afirma: de {low} a {high}", en="claimed: {low} to {high}")
    return Text(
        es="{metric}, recuento exacto: {more} en {first}, {less} en {second}, {estimate} veces ({claimed}).",
        en="{metric}, exact count: {more} in {first}, {less} in {second}, {estimate} times ({claimed}).",
    ).format(
        **{"metric": metric, "more": more, "less": less, "first": first, "second": second},
        estimate=number(row.estimate),
        claimed=claimed.format(low=number(test.low), high=number(test.high)),
    )


# ---------------------------------------------------------------- what is not there


def _absent(original: spec.Original, row: Row, experiments: Sequence[spec.Experiment]) -> Text:
    if is_timed(row.reading.test):
        return Text(
            es="No hay tiempos medidos por turno de {experiments}. Mídalos: python -m reensayo.shipping --times",
            en="There are no times of {experiments} taken in turn. Take them: python -m reensayo.shipping --times",
        ).format(experiments=", ".join(e.id for e in experiments))
    words = Text(es="No hay ensayos de {ids}. Ejecute: {command}", en="There are no trials of {ids}. Run: {command}")
    ids = ", ".join(f"{experiment.id}@{row.recipe}" for experiment in experiments)
    return words.format(ids=ids, command=_command(original, row.recipe, experiments))


def _no_value(naming: spec.Naming, row: Row) -> Text:
    """Why no trial, or no pair, has a value."""
    test, trials = row.reading.test, [trial for arm in row.basis.trials for trial in arm]
    finished = [trial for trial in trials if trial.status == "finished"]
    if none := [arm[0].experiment for arm in row.basis.trials if all(trial.status != "finished" for trial in arm)]:
        return Text(
            es="Ninguna corrida de {ids} terminó con un valor finito: el costo se hizo infinito o NaN.",
            en="No run of {ids} ended with a finite value: the loss became infinite or NaN.",
        ).format(ids=", ".join(none))
    at = None if isinstance(test, spec.Happens) else getattr(test.metric, "at", None)
    if isinstance(at, int) and all(len(trial.history.get("loss", ())) < at for trial in finished):
        return Text(
            es="Ninguno de los ensayos guardados ({n}) llega a la época {at}.",
            en="None of the stored trials ({n}) reaches epoch {at}.",
        ).format(n=len(trials), at=at)
    if len(row.basis.trials) > 1 and all(
        any(math.isfinite(bases.value(test, t)) for t in arm) for arm in row.basis.trials
    ):
        return Text(es="No hay pares de la misma semilla.", en="There are no pairs of the same seed.")
    if isinstance(test, spec.Happens):
        what = Text(es='lo que diría si "{words}"', en='what would tell whether "{words}"').format(words=test.words)
    else:
        what = test.metric.named(naming).words
    measured = ", ".join(dict.fromkeys(name for trial in trials for name in trial.measures))
    return Text(
        es="En los ensayos guardados ({n}) no se midió {what}; se midieron {measured}. Si son de antes de que se "
        "midiera, ejecútelos de nuevo en otra carpeta (--store).",
        en="The stored trials ({n}) did not measure {what}; they measured {measured}. If they are from before it was "
        "measured, run them again into another folder (--store).",
    ).format(n=len(trials), what=what, measured=measured or "–")


# ---------------------------------------------------------------- what would find more


def _advice(original: spec.Original, row: Row, experiments: Sequence[spec.Experiment]) -> Iterator[Text]:
    """How many seeds decide where these are too few, and where a second look may settle it, how many that takes."""
    decide = bases.decides(experiments)
    if row.provisional:
        words = Text(
            es="El veredicto es provisional; deciden {seeds} semillas: {command}",
            en="The verdict is provisional; {seeds} seeds decide: {command}",
        )
    elif row.verdict in ("inconclusive", "borderline") and row.n and not is_timed(row.reading.test):
        decide *= bases.LOOKS[-1]
        words = Text(
            es="Puede mirarse una segunda vez, con {seeds} semillas: {command}",
            en="There is one more look, at {seeds} seeds: {command}",
        )
        if max(len(arm) for arm in row.basis.trials) >= decide:
            return
    else:
        return
    if decide <= MOST_SEEDS:
        yield words.format(seeds=decide, command=_command(original, row.recipe, experiments, decide))


def _command(original: spec.Original, recipe: str, experiments: Sequence[spec.Experiment], seeds: int = 0) -> str:
    ids = " ".join(f"{experiment.id}@{recipe}" for experiment in experiments)
    return f"{original.command} run {ids}" + (f" --seeds {seeds}" if seeds else "")
