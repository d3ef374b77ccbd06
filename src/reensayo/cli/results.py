"""What is stored and what it says: ``status``, ``verdicts``, ``compare``, ``report``."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from reensayo.cli.options import Context, as_json, say, with_context
from reensayo.cli.output import (
    EVIDENCE,
    VERDICTS,
    console,
    ends_in_words,
    print_json,
    seeds_in_words,
    table,
    trials_in_words,
)
from reensayo.cli.usage import command
from reensayo.errors import InputError
from reensayo.selection import select
from reensayo.spec import arms, said
from reensayo.store import StoredTrial
from reensayo.text import Language, Text, counted, number

# ---------------------------------------------------------------- status


@command("Qué hay guardado y qué quedó a medias.", "What is stored and what is under way.")
@with_context
def status(context: Context) -> None:
    out, lang = console(), context.lang
    trials = context.store.trials()
    if not trials:
        out.print(
            Text(
                es="No hay ensayos en {store}. Para empezar: reensayo run ex01",
                en="No trials in {store}. To begin: reensayo run ex01",
            ).format(store=context.store.root)(lang),
            markup=False,
        )
    else:
        rows = table(
            lang,
            Text(es="receta", en="recipe"),
            Text(es="ensayos", en="trials"),
            Text(es="divergidos", en="diverged"),
            Text(es="s por ensayo", en="s a trial"),
        )
        groups: dict[tuple[str, bool], list[StoredTrial]] = {}
        for trial in trials:
            groups.setdefault((f"{trial.experiment}@{trial.recipe}", trial.reduced), []).append(trial)
        for (name, reduced), members in groups.items():
            mark = Text(es=" [yellow](reducido)[/]", en=" [yellow](reduced)[/]")(lang) if reduced else ""
            states = Counter(trial.status for trial in members)
            seconds = sum(trial.wall_s for trial in members) / len(members)
            rows.add_row(name + mark, str(len(members)), str(states["diverged"] or ""), number(seconds, 3)(lang))
        out.print(rows)
    for block in context.store.blocks():
        words = Text(
            es="a medias: {name}, semillas {seeds}, primeras {epochs} de {all} épocas; se retoma al volver a ejecutar",
            en="under way: {name}, seeds {seeds}, first {epochs} of {all} epochs; the next run goes on with it",
        ).format(
            name=block.name,
            seeds=seeds_in_words(block.seeds),
            epochs=context.store.epochs_done(block),
            all=block.epochs or "?",
        )
        out.print(words(lang), markup=False)


# ---------------------------------------------------------------- verdicts


@command(
    "Un veredicto por afirmación, receta y lectura: de todas o de las que tratan de lo nombrado.",
    "A verdict for every claim, recipe and reading: of all, or of those about what is named.",
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--why", metavar="CLAIM", help=say("todo sobre una afirmación", "everything about one claim"))
@as_json
@with_context
def verdicts(context: Context, ids: tuple[str, ...], why: str | None, as_json: bool) -> None:
    from reensayo.evidence import judge

    if ids and why is not None:
        raise InputError(
            Text(es="con --why sobran los ID; recibido: {ids}", en="--why takes no IDs; received: {ids}").format(
                ids=" ".join(ids)
            )
        )
    rows = judge.verdicts(context.store.trials())
    if ids:
        rows = _about(ids, rows) or _nothing_judged(ids)
    if why is not None:
        rows = [row for row in rows if row.claim.id == why] or _no_claim(why, rows)
    if as_json:
        print_json({"claims": [_row_json(row, context.lang) for row in rows]})
    elif why is not None:
        _print_why(console(), rows, context.lang)
    else:
        _print_verdicts(console(), rows, context.lang)


def _about(ids: Sequence[str], rows: Sequence[Any]) -> list[Any]:
    """The rows that rest on trials of what is named."""
    asked = {(experiment.id, recipe.name) for experiment, recipe in select(ids)}
    return [row for row in rows if any((arm, row.recipe) in asked for arm in arms(row.reading.test))]


def _nothing_judged(ids: Sequence[str]) -> Any:
    from reensayo.evidence.judge import JUDGED_RECIPES

    raise InputError(
        Text(
            es="ninguna afirmación se juzga con {ids}; se juzga con las recetas {judged}",
            en="no claim is judged by {ids}; claims are judged by the recipes {judged}",
        ).format(ids=" ".join(ids), judged=", ".join(JUDGED_RECIPES))
    )


def _no_claim(claim: str, rows: Sequence[Any]) -> Any:
    raise InputError(
        Text(es="no hay afirmación {claim!r}; las hay: {known}", en="no claim {claim!r}; there are: {known}").format(
            claim=claim, known=", ".join(dict.fromkeys(row.claim.id for row in rows))
        )
    )


def _row_json(row: Any, lang: Language) -> dict[str, Any]:
    return {
        "id": row.claim.id,
        "exercise": row.exercise.id,
        "statement": row.claim.statement(lang),
        "where": row.claim.where,
        "recipe": row.recipe,
        "reading": row.reading.name,
        "verdict": row.verdict,
        "caveats": [caveat(lang) for caveat in row.caveats],
        "published": row.published,
        "figure_value": row.figure_value,
        "estimate": row.estimate,
        "interval": [row.interval.low, row.interval.high] if row.interval else None,
        "n": row.n,
        "evidence": row.evidence,
        "trials": list(row.trials),
        "why": row.why(lang),
    }


ITS_FIGURE = Text(es="su figura", en="its figure")
COLUMNS = (
    Text(es="veredicto", en="verdict"),
    Text(es="receta", en="recipe"),
    Text(es="publicado", en="published"),
    ITS_FIGURE,
    Text(es="nuestro [95 %]", en="ours [95 %]"),
    Text("n", "n"),
    Text(es="evidencia", en="evidence"),
)


def _print_verdicts(out: Console, rows: Sequence[Any], lang: Language) -> None:
    """A claim a line, and below it a row a reading and recipe, all in the same columns.

    Where the screen is too narrow, what the original's figure shows is left to ``--why``.
    """
    cells_by_row = [[column(lang) for column in COLUMNS], *(_cells(row, lang) for row in rows)]
    if max(map(len, _aligned(cells_by_row))) > out.width:
        cells_by_row = [
            [cell for cell, column in zip(cells, COLUMNS, strict=True) if column != ITS_FIGURE]
            for cells in cells_by_row
        ]
    header, *lines = _aligned(cells_by_row)
    line_of = {id(row): line for row, line in zip(rows, lines, strict=True)}
    out.print(header, style="dim", markup=False)
    for _, of_claim in groupby(rows, key=lambda row: row.claim.id):
        readings: dict[str, list[Any]] = {}
        for row in of_claim:
            readings.setdefault(row.reading.name, []).append(row)
        claim = next(iter(readings.values()))[0].claim
        out.print(f"[bold]{claim.id:<3}[/] {claim.statement(lang)} [dim]{claim.where}[/]")
        for name, members in readings.items():
            if name:
                about = members[0].reading.about
                out.print(f"    {about(lang) if about else name}", style="italic", markup=False)
            for row in members:
                out.print(line_of[id(row)], style=VERDICTS[row.verdict][1], markup=False)
                for caveat in row.caveats:
                    out.print(f"      ! {caveat(lang)}", style="dim", markup=False)
    hint = Text(
        es="[95 %]: de un número publicado, dónde caería una corrida más; de una comparación, la diferencia media; de "
        "una frecuencia, la parte de las corridas.\nreensayo verdicts --why {claim} explica una; {summary}",
        en="[95 %]: of a published number, where one more run would fall; of a comparison, the mean difference; of a "
        "frequency, the share of runs.\nreensayo verdicts --why {claim} explains one; {summary}",
    ).format(claim=rows[0].claim.id, summary=_summary(rows, lang))
    out.print(f"\n{hint(lang)}", style="dim", markup=False)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line of each row, as wide in every column as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = [[f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)] for cells in rows]
    return [("    " + "  ".join(cells)).rstrip() for cells in padded]


def _cells(row: Any, lang: Language) -> list[str]:
    symbol, _, words = VERDICTS[row.verdict]
    return [
        f"{symbol} {words(lang)}",
        row.recipe,
        number(row.published)(lang) if row.published is not None else "",
        number(row.figure_value)(lang) if row.figure_value is not None else "",
        _ours(row, lang),
        str(row.n or ""),
        EVIDENCE[row.evidence](lang),
    ]


def _ours(row: Any, lang: Language) -> str:
    if row.estimate is None:
        return ""
    if row.interval is None or not math.isfinite(row.interval.width):  # counted, or of one seed
        return number(row.estimate)(lang)
    return f"{number(row.estimate)(lang)} [{ends_in_words(row.interval)(lang)}]"


def _summary(rows: Sequence[Any], lang: Language) -> str:
    counts = Counter(row.verdict for row in rows)
    return ", ".join(
        f"{words(lang)}: {counts[verdict]}" for verdict, (_, _, words) in VERDICTS.items() if counts[verdict]
    )


def _print_why(out: Console, rows: Sequence[Any], lang: Language) -> None:
    claim = rows[0].claim
    out.print(f"\n[bold]{claim.id}[/]  {claim.statement(lang)}  [dim]{claim.where}[/]")
    if claim.comment:
        out.print(claim.comment(lang))
    for row in rows:
        symbol, style, words = VERDICTS[row.verdict]
        out.print(f"\n[{style}]{symbol} {words(lang)}[/]  [bold]{row.recipe}[/]")
        if row.reading.about:
            _indented(out, row.reading.about(lang), style="dim")
        _indented(out, row.why(lang))
        if row.figure_value is not None:
            words = Text(es="su propia figura muestra {value}", en="its own figure shows {value}")
            _indented(out, words.format(value=number(row.figure_value))(lang))
        for caveat in row.caveats:
            _indented(out, f"! {caveat(lang)}")
        evidence = Text(es="evidencia {kind}: {trials}", en="evidence {kind}: {trials}")
        trials = trials_in_words(len(row.trials))
        out.print("  " + evidence.format(kind=EVIDENCE[row.evidence], trials=trials)(lang), style="dim")
        for trial in row.trials:
            out.print(f"    {trial}", style="dim")


def _indented(out: Console, words: str, style: str = "none") -> None:
    out.print(Padding(escape(words), (0, 0, 0, 2), expand=False), style=style)


# ---------------------------------------------------------------- compare


@command(
    "Diferencia por pares de semillas entre dos recetas o experimentos, p. ej. ex08.conv@script ex08.dense@script.",
    "Difference over pairs of seeds between two recipes or experiments, e.g. ex08.conv@script ex08.dense@script.",
)
@click.argument("a")
@click.argument("b")
@with_context
def compare(context: Context, a: str, b: str) -> None:
    from reensayo.evidence.compare import compare as compare_arms
    from reensayo.evidence.judge import PAIR

    lang = context.lang
    found = compare_arms(context.store.trials(), a, b)
    out = console()
    words = Text(
        es="A = {a}, B = {b}; {pairs} de la misma semilla{mark}",
        en="A = {a}, B = {b}; {pairs} of the same seed{mark}",
    ).format(
        a=a,
        b=b,
        pairs=counted(len(found.seeds), *PAIR),
        mark=Text(es=", reducidos", en=", reduced") if found.reduced else "",
    )
    out.print(words(lang), markup=False)
    for name, value_a, value_b in found.settings:
        words = Text(es="  difiere {name}: A {a}, B {b}", en="  {name} differs: A {a}, B {b}")
        out.print(words.format(name=name, a=said(value_a), b=said(value_b))(lang), markup=False)
    rows = table(
        lang,
        Text(es="medida (última época)", en="measure (last epoch)"),
        Text("A", "A"),
        Text("B", "B"),
        Text("A - B", "A - B"),
        Text(es="intervalo 95 %", en="95 % interval"),
        Text("p", "p"),
    )
    for name, (mean_a, mean_b, difference) in found.measures.items():
        rows.add_row(
            name,
            number(mean_a)(lang),
            number(mean_b)(lang),
            number(difference.estimate)(lang),
            ends_in_words(difference.interval)(lang),
            number(difference.p if len(found.seeds) > 1 else None, 2)(lang),
        )
    out.print(rows)


# ---------------------------------------------------------------- report


@command("El informe: un archivo HTML y cada figura.", "The report: one HTML file and every figure.")
@click.option(
    "-o",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("report"),
    metavar="DIR",
    help=say("carpeta del informe (./report)", "folder of the report (./report)"),
)
@with_context
def report(context: Context, directory: Path) -> None:
    from reensayo import hardware
    from reensayo.report import write

    trials, under_way = context.store.trials(), context.store.under_way()
    page = write(trials, directory, context.lang, under_way, processes=hardware.processes(each=155 * 10**6))
    words = Text(es="Informe: {page}", en="Report: {page}")
    console().print(words.format(page=page.resolve())(context.lang), soft_wrap=True, markup=False)
