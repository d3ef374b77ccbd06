"""What is stored and what it says: ``status``, ``verdicts``, ``compare``, ``report``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from reensayo.cli.options import Context, as_json, say, with_context
from reensayo.cli.output import EVIDENCE, VERDICTS, console, print_json, table
from reensayo.errors import InputError
from reensayo.store import StoredTrial
from reensayo.text import Language, Text, number

# ---------------------------------------------------------------- status


@click.command(help=say("Qué hay guardado y qué quedó a medias.", "What is stored and what is under way."))
@with_context
def status(context: Context) -> None:
    out, lang = console(), context.lang
    trials = context.store.trials()
    if not trials:
        out.print(
            Text(
                es="No hay ensayos en {store}. Para empezar: reensayo run ex01",
                en="No trials in {store}. To begin: reensayo run ex01",
            ).format(store=context.store.root)(lang)
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
        checkpoint = context.store.checkpoint(block)
        words = Text(
            es="a medias: {first} y otros {more}, {epoch} épocas; se retoma al volver a ejecutar",
            en="under way: {first} and {more} more, {epoch} epochs; the next run goes on with it",
        )
        epoch = checkpoint.epoch if checkpoint else 0
        out.print(words.format(first=block.trials[0], more=len(block.trials) - 1, epoch=epoch)(lang))


# ---------------------------------------------------------------- verdicts


@click.command(
    help=say("Un veredicto por afirmación, receta y lectura.", "A verdict for every claim, recipe and reading.")
)
@click.option("--why", metavar="CLAIM", help=say("todo sobre una afirmación", "everything about one claim"))
@as_json
@with_context
def verdicts(context: Context, why: str | None, as_json: bool) -> None:
    from reensayo.evidence import judge

    rows = judge.verdicts(context.store.trials())
    if why is not None:
        rows = [row for row in rows if row.claim.id == why] or _no_claim(why, rows)
    if as_json:
        print_json({"claims": [_row_json(row, context.lang) for row in rows]})
    elif why is not None:
        _print_why(console(), rows, context.lang)
    else:
        _print_verdicts(console(), rows, context.lang)


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


def _print_verdicts(out: Console, rows: Sequence[Any], lang: Language) -> None:
    made = table(
        lang,
        Text("", ""),
        Text(es="afirmación", en="claim"),
        Text(es="receta", en="recipe"),
        Text(es="publicado", en="published"),
        Text(es="su figura", en="its figure"),
        Text(es="nuestro [95 %], n", en="ours [95 %], n"),
        Text(es="evidencia", en="evidence"),
        Text(es="veredicto", en="verdict"),
    )
    last = None
    for row in rows:
        symbol, style, words = VERDICTS[row.verdict]
        recipe = row.recipe + (f", {row.reading.name}" if row.reading.name else "")
        made.add_row(
            f"[bold]{row.claim.id}[/]" if row.claim.id != last else "",
            row.claim.statement(lang) if row.claim.id != last else "",
            recipe,
            number(row.published)(lang) if row.published is not None else "",
            number(row.figure_value)(lang) if row.figure_value is not None else "",
            _ours(row, lang),
            EVIDENCE[row.evidence](lang),
            f"[{style}]{symbol} {words(lang)}[/]",
        )
        last = row.claim.id
    out.print(made)
    hint = Text(es="\nreensayo verdicts --why 8a explica una; ", en="\nreensayo verdicts --why 8a explains one; ")(lang)
    out.print(hint + _summary(rows, lang), style="dim")


def _ours(row: Any, lang: Language) -> str:
    if row.estimate is None:
        return f"n {row.n}" if row.n else ""
    ends = [number(end)(lang) for end in (row.interval.low, row.interval.high)]
    return f"{number(row.estimate)(lang)} [{ends[0]} … {ends[1]}], {row.n}"


def _summary(rows: Sequence[Any], lang: Language) -> str:
    counts = Counter(row.verdict for row in rows)
    return ", ".join(
        f"{counts[verdict]} {words(lang)}" for verdict, (_, _, words) in VERDICTS.items() if counts[verdict]
    )


def _print_why(out: Console, rows: Sequence[Any], lang: Language) -> None:
    claim = rows[0].claim
    out.print(f"\n[bold]{claim.id}[/]  {claim.statement(lang)}  [dim]{claim.where}[/]")
    if claim.comment:
        out.print(claim.comment(lang))
    for row in rows:
        symbol, style, words = VERDICTS[row.verdict]
        reading = f", {row.reading.name}" if row.reading.name else ""
        out.print(f"\n[{style}]{symbol} {words(lang)}[/]  [bold]{row.recipe}{reading}[/]")
        if row.reading.about:
            out.print(f"  {row.reading.about(lang)}", style="dim")
        out.print(f"  {row.why(lang)}", markup=False)
        if row.figure_value is not None:
            words = Text(es="su propia figura muestra {value}", en="its own figure shows {value}")
            out.print(f"  {words.format(value=number(row.figure_value))(lang)}")
        for caveat in row.caveats:
            out.print(f"  ! {caveat(lang)}")
        evidence = Text(es="evidencia {kind}: {n} ensayos", en="evidence {kind}: {n} trials")
        out.print("  " + evidence.format(kind=EVIDENCE[row.evidence], n=len(row.trials))(lang), style="dim")
        for trial in row.trials:
            out.print(f"    {trial}", style="dim")


# ---------------------------------------------------------------- compare


@click.command(
    help=say(
        "Diferencia por pares de semillas entre dos recetas o experimentos, p. ej. ex08.conv@script ex08.dense@script.",
        "Difference over pairs of seeds between two recipes or experiments, e.g. ex08.conv@script ex08.dense@script.",
    )
)
@click.argument("a")
@click.argument("b")
@with_context
def compare(context: Context, a: str, b: str) -> None:
    from reensayo.evidence.compare import compare as compare_arms

    lang = context.lang
    found = compare_arms(context.store.trials(), a, b)
    out = console()
    rows = table(
        lang,
        Text(es="medida (última época)", en="measure (last epoch)"),
        Text(a, a),
        Text(b, b),
        Text(es="diferencia", en="difference"),
        Text(es="intervalo 95 %", en="95 % interval"),
        Text("p", "p"),
    )
    for name, (mean_a, mean_b, difference) in found.measures.items():
        ends = (number(difference.interval.low)(lang), number(difference.interval.high)(lang))
        rows.add_row(
            name,
            number(mean_a)(lang),
            number(mean_b)(lang),
            number(difference.estimate)(lang),
            f"{ends[0]} … {ends[1]}",
            number(difference.p, 2)(lang),
        )
    out.print(rows)
    out.print(
        Text(es="n = {n} pares de la misma semilla{mark}", en="n = {n} pairs of the same seed{mark}").format(
            n=len(found.seeds), mark=Text(es=", reducidos", en=", reduced") if found.reduced else ""
        )(lang)
    )
    for name, value_a, value_b in found.settings:
        out.print(
            Text(es="  difiere {name}: {a} | {b}", en="  {name} differs: {a} | {b}").format(
                name=name, a=value_a, b=value_b
            )(lang)
        )


# ---------------------------------------------------------------- report


@click.command(help=say("El informe: un archivo HTML y cada figura.", "The report: one HTML file and every figure."))
@click.option(
    "-o",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("report"),
    show_default=True,
    help=say("carpeta del informe", "folder of the report"),
)
@with_context
def report(context: Context, directory: Path) -> None:
    from reensayo.report import write

    page = write(context.store.trials(), directory, context.lang)
    words = Text(es="Informe: {page}", en="Report: {page}")
    console().print(words.format(page=page.resolve())(context.lang), soft_wrap=True)
