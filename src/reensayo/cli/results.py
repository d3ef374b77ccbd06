"""What is stored and what it says: ``status``, ``verdicts``, ``compare``, ``report``."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.padding import Padding

from reensayo import api
from reensayo.cli.options import Context, as_json, folder_option, with_context
from reensayo.cli.output import Console, ends_in_words, print_json
from reensayo.cli.usage import command, option
from reensayo.errors import InputError
from reensayo.pages.verdicts import EVIDENCE, VERDICTS
from reensayo.selection import identities, trial_ids
from reensayo.spec import Original, said
from reensayo.store import FOR_FIGURES, HISTORY, Checkpoint, StoredBlock, StoredTrial, UnreadableEntry, read_checkpoint
from reensayo.text import PAIR, SEED, TRIAL, Language, Text, counted, joined, number, seeds_in_words

if TYPE_CHECKING:
    from reensayo.evidence.judge import Row


def _opened(context: Context, check: Collection[str] | None = HISTORY) -> api.Results:
    """The original's results; what trials the store holds that are of none of it is told on stderr."""
    results = api.Results(context.original, context.store, check)
    others = Counter(trial.original for trial in results.trials if trial.original != context.original.name)
    if nameless := others.pop("", 0):
        words = Text(
            es="{trials} de una versión anterior, que no anotaba de qué trabajo son: ya no cuentan. Ejecute de "
            "nuevo; {store} se puede borrar o conservar",
            en="{trials} of an earlier version, which did not note the work they are of: they no longer count. Run "
            "again; {store} may be deleted or kept",
        )
        context.complain(words.format(trials=counted(nameless, *TRIAL), store=context.store.root / "trials"))
    if others:
        words = Text(es="{trials} de otros trabajos ({names})", en="{trials} of other works ({names})")
        context.complain(words.format(trials=counted(others.total(), *TRIAL), names=", ".join(sorted(others))))
    return results


def _tell_outdated(context: Context, trials: Sequence[StoredTrial]) -> None:
    """Say what trials of this original count no more: whoever has just edited it may look for them."""
    from reensayo.evidence.current import current, of_original

    counting = {trial.id for trial in current(context.original, trials)}
    asked = [trial for trial in of_original(context.original, trials) if "+" not in trial.recipe]  # not by --set
    if outdated := sum(trial.id not in counting for trial in asked):
        words = Text(es="ya no se cuentan: {trials} {earlier}", en="no longer counted: {trials} {earlier}")
        context.complain(words.format(trials=counted(outdated, *TRIAL), earlier=_earlier(context.original)))


def _exit_code(context: Context, results: api.Results) -> int:
    """1 where something in the store cannot be read or believed, which is named on stderr."""
    for error in results.unreadable:
        context.complain(error.message)
    return 1 if results.unreadable else 0


@command("Qué hay guardado y qué quedó a medias.", "What is stored and what is under way.")
@option(
    "--check",
    is_flag=True,
    es="leer cada archivo guardado y comparar su suma de verificación",
    en="read every stored file and compare its checksum",
)
@with_context
def status(context: Context, check: bool) -> int:
    from reensayo.evidence.current import of_original

    out, original, results = context.out, context.original, _opened(context, None if check else HISTORY)
    trials = of_original(original, results.trials)
    if trials:
        _print_trials(out, original, trials)
    elif not results.unreadable:
        words = Text(es="No hay ensayos en {store}. Para empezar: {run}", en="No trials in {store}. To begin: {run}")
        run = f"{original.command} run {original.exercises[0].id}{context.store_option}"
        out.tell(words.format(store=context.store.root, run=run), soft_wrap=True)
    for block in context.store.blocks(results.unreadable):
        if block.original in (original.name, ""):
            try:
                out.tell(_block_in_words(original, block, read_checkpoint(block)))
            except UnreadableEntry as error:
                results.unreadable.append(error)
    if check and not results.unreadable:
        but = Text(
            es=", hasta donde se sabe: {trials} de una versión anterior, sin suma de verificación de su trial.json",
            en=", as far as it can be known: {trials} of an earlier version, without a checksum of their trial.json",
        )
        before = sum("sum" not in trial.about for trial in trials)
        words = Text(es="todo lo guardado está íntegro{but}", en="everything stored is whole{but}")
        out.tell(words.format(but=but.format(trials=counted(before, *TRIAL)) if before else ""))
    return _exit_code(context, results)


def _print_trials(out: Console, original: Original, trials: Sequence[StoredTrial]) -> None:
    """A row a recipe; trials of an earlier version of a recipe, which count no more, have one of their own."""
    rows = out.table("receta | ensayos | divergidos | s por ensayo", "recipe | trials | diverged | s/trial")
    declared = cache(partial(identities, original))
    groups: dict[tuple[str, bool, bool], list[StoredTrial]] = {}
    for trial in trials:
        label = f"{trial.experiment}@{trial.recipe}"
        today = {**trial.about["identity"], "seed": 0} in declared(label)
        groups.setdefault((label, trial.reduced, today), []).append(trial)
    for (label, reduced, today), members in groups.items():
        marks = [Text(es="reducido", en="reduced")] if reduced else []
        marks += [] if today else [_earlier(original)]
        mark = f" [yellow]({joined(', ', marks)(out.lang)})[/]" if marks else ""
        diverged = sum(trial.status == "diverged" for trial in members)
        seconds = number(sum(trial.wall_s for trial in members) / len(members), 3)
        rows.add_row(escape(label) + mark, str(len(members)), str(diverged or ""), seconds(out.lang))
    out.print(rows)


def _earlier(original: Original) -> Text:
    """What trials are of that bear the original's name and count no more."""
    other = Text(es=" o de otra carpeta de ese nombre", en=" or of another folder of that name")
    words = Text(es="de una versión anterior{other}", en="of an earlier version{other}")
    return words.format(other=other if original.from_folder else "")


def _block_in_words(original: Original, block: StoredBlock, checkpoint: Checkpoint | None) -> Text:
    whole, reduced = trial_ids(original, block.name, block.seeds) or ((), ())
    mark = Text(es=" (reducido)", en=" (reduced)") if block.trials == reduced != whole else ""
    what = Text(es="{name}{mark}, semillas {seeds}", en="{name}{mark}, seeds {seeds}")
    what = what.format(name=block.name, mark=mark, seeds=seeds_in_words(block.seeds))
    if block.trials not in (whole, reduced):
        words = Text(
            es="a medias, {earlier}: {what}; ya no se retoma, y se borra al guardarse los ensayos de hoy ({directory})",
            en="under way, {earlier}: {what}; no run resumes it, and it is cleared when today's trials are stored "
            "({directory})",
        )
        return words.format(earlier=_earlier(original), what=what, directory=block.directory)
    if checkpoint is None:
        words = Text(
            es="a medias: {what}, sin nada guardado todavía; se empieza al ejecutarlas",
            en="under way: {what}, with nothing saved yet; the next run of them begins it",
        )
        return words.format(what=what)
    words = Text(
        es="a medias: {what}, primeras {epochs} de {all} épocas; se retoma al ejecutarlas",
        en="under way: {what}, first {epochs} of {all} epochs; the next run of them resumes there",
    )
    return words.format(what=what, epochs=checkpoint.epoch, all=block.epochs or "?")


@command(
    "Un veredicto por afirmación, receta y lectura: de todas o de las que tratan de lo nombrado.",
    "A verdict for every claim, recipe and reading: of all, or of those about what is named.",
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@option("--why", metavar="CLAIM", es="todo sobre una afirmación", en="everything about one claim")
@as_json
@with_context
def verdicts(context: Context, ids: tuple[str, ...], why: str | None, as_json: bool) -> int:
    if ids and why is not None:
        words = Text(es="con --why sobran los ID; recibido: {ids}", en="--why takes no IDs; received: {ids}")
        raise InputError(words.format(ids=" ".join(ids)))
    out, lang, results = context.out, context.lang, _opened(context)
    rows = results.verdicts(ids)
    _tell_outdated(context, results.trials)
    known = ", ".join(dict.fromkeys(row.claim.id for row in rows)) or "–"
    if why is not None and not (rows := [row for row in rows if row.claim.id == why]):
        words = Text(es="no hay afirmación {claim!r}; las hay: {known}", en="no claim {claim!r}; there are: {known}")
        raise InputError(words.format(claim=why, known=known))
    if as_json:
        unreadable = [
            {"directory": str(error.directory), "trials": sorted(error.ids), "reason": error.message(lang)}
            for error in results.unreadable
        ]
        print_json({"claims": [_row_json(row, lang) for row in rows], "unreadable": unreadable})
        return _exit_code(context, results)
    if not rows:
        words = Text(es="{name} no tiene afirmaciones", en="{name} has no claims")
        out.tell(words.format(name=context.original.name))
    elif why is not None:
        _print_why(out, rows)
    else:
        _print_verdicts(out, context.original, rows)
    if needed := context.store_option:
        words = Text(es="A cada orden de arriba le falta:{option}", en="Each command above needs:{option}")
        out.tell(words.format(option=needed), style="dim", soft_wrap=True)
    return _exit_code(context, results)


def _row_json(row: Row, lang: Language) -> dict[str, Any]:
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


def _print_verdicts(out: Console, original: Original, rows: Sequence[Row]) -> None:
    """A claim a line, and below it a row a reading and recipe, all in the same columns.

    Where the screen is too narrow, what the original's figure shows is left to ``--why``.
    """
    lang = out.lang
    columns = Text(
        es="veredicto | receta | publicado | su figura | nuestro [95 %] | n | evidencia",
        en="verdict | recipe | published | its figure | ours [95 %] | n | evidence",
    )
    every = [columns(lang).split(" | "), *(_cells(row, lang) for row in rows)]
    figure = columns.en.split(" | ").index("its figure")
    fewer = [[*cells[:figure], *cells[figure + 1 :]] for cells in every]
    for cells_by_row, gap in ((every, 2), (fewer, 2), (fewer, 1)):  # the last fits into the usual 80 columns
        header, *lines = _aligned(cells_by_row, gap)
        if max(map(len, [header, *lines])) <= out.width:
            break
    line_of = {id(row): line for row, line in zip(rows, lines, strict=True)}
    out.print(header, style="dim", markup=False)
    for claim, of_claim in groupby(rows, key=lambda row: row.claim):
        out.print(f"[bold]{claim.id:<3}[/] {claim.statement(lang)} [dim]{claim.where}[/]")
        in_order = sorted(of_claim, key=lambda row: claim.readings.index(row.reading))
        for reading, members in groupby(in_order, key=lambda row: row.reading):
            if reading.name:
                out.print(f"    {reading.about(lang) if reading.about else reading.name}", style="italic", markup=False)
            for row in members:
                out.print(line_of[id(row)], style=VERDICTS[row.verdict].colour, markup=False)
                for caveat in row.caveats:
                    out.print(f"      ! {caveat(lang)}", style="dim", markup=False)
    counts: Counter[str] = Counter(row.verdict for row in rows)
    tally = [f"{words(lang)}: {counts[name]}" for name, (_, _, words) in VERDICTS.items() if counts[name]]
    hint = Text(
        es="\n[95 %]: de un número publicado, dónde caería una corrida más; de una comparación, la diferencia media; "
        "de una frecuencia, la parte de las corridas.\n«{command} verdicts --why {claim}» explica una; {tally}",
        en="\n[95 %]: of a published number, where one more run would fall; of a comparison, the mean difference; of a "
        "frequency, the share of runs.\n`{command} verdicts --why {claim}` explains one; {tally}",
    )
    out.tell(hint.format(command=original.command, claim=rows[0].claim.id, tally=", ".join(tally)), style="dim")


def _aligned(rows: Sequence[Sequence[str]], gap: int) -> list[str]:
    """A line of each row, as wide in every column as its widest cell, with a gap between them and twice that before."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = [[f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)] for cells in rows]
    return [(2 * gap * " " + (gap * " ").join(cells)).rstrip() for cells in padded]


def _cells(row: Row, lang: Language) -> list[str]:
    symbol, _, words = VERDICTS[row.verdict]
    values = row.published, row.figure_value, row.estimate
    published, shown, ours = ("" if value is None else number(value)(lang) for value in values)
    if ours and row.interval and math.isfinite(row.interval.width):  # else counted, or of one seed
        ours += f" [{ends_in_words(row.interval)(lang)}]"
    evidence = EVIDENCE[row.evidence](lang)
    return [f"{symbol} {words(lang)}", row.recipe, published, shown, ours, str(row.n or ""), evidence]


def _print_why(out: Console, rows: Sequence[Row]) -> None:
    claim, lang = rows[0].claim, out.lang
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
        words = Text(es="  evidencia {kind}: {trials}", en="  evidence {kind}: {trials}")
        out.tell(words.format(kind=EVIDENCE[row.evidence], trials=counted(len(row.trials), *TRIAL)), style="dim")
        for trial in row.trials:
            out.print(f"    {trial}", style="dim", markup=False)


def _indented(out: Console, words: str, style: str = "none") -> None:
    out.print(Padding(escape(words), (0, 0, 0, 2), expand=False), style=style)


@command(
    "Diferencia por pares de semillas entre dos recetas o experimentos; A y B: experimento@receta.",
    "Difference over pairs of seeds between two recipes or experiments; A and B: experiment@recipe.",
)
@click.argument("a")
@click.argument("b")
@with_context
def compare(context: Context, a: str, b: str) -> int:
    out, lang, results = context.out, context.lang, _opened(context)
    _tell_outdated(context, results.trials)
    found = results.compare(a, b)
    words = Text(es="{pairs} de la misma semilla{mark}", en="{pairs} of the same seed{mark}")
    mark = Text(es=", reducidos", en=", reduced") if found.reduced else ""
    words = words.format(pairs=counted(len(found.seeds), *PAIR), mark=mark)
    out.print(f"A = {a}, B = {b}; {words(lang)}", markup=False)
    for side, arm in zip("AB", found.arms, strict=True):
        unused = (
            (
                sorted(arm.finished.keys() - found.seeds),
                Text(es="{n} sin pareja ({seeds})", en="{n} without a partner ({seeds})"),
            ),
            (arm.diverged, Text(es="{n} con divergencia ({seeds})", en="{n} diverged ({seeds})")),
        )
        told = [w.format(n=counted(len(s), *SEED), seeds=seeds_in_words(s))(lang) for s, w in unused if s]
        if told:
            out.print(f"  {side}: {'; '.join(told)}", markup=False)
    for name, *values in found.settings:
        value_a, value_b = ("–" if value is None else said(value) for value in values)
        words = Text(es="  difiere {name}: A {a}, B {b}", en="  {name} differs: A {a}, B {b}")
        out.tell(words.format(name=name, a=value_a, b=value_b))
    if found.unlike:
        words = Text(
            es="  no se compara {names}: no es el mismo costo en los dos",
            en="  {names} not compared: it is not the same loss in both",
        )
        out.tell(words.format(names=", ".join(found.unlike)))
    rows = out.table(
        "métrica (última época) | A | B | A - B | intervalo 95 % | p",
        "metric (last epoch) | A | B | A - B | 95 % interval | p",
    )
    for name, (mean_a, mean_b, difference) in found.measures.items():
        means = (number(value)(lang) for value in (mean_a, mean_b, difference.estimate))
        p = number(difference.p if len(found.seeds) > 1 else None, 2)
        rows.add_row(escape(name), *means, ends_in_words(difference.interval)(lang), p(lang))
    out.print(rows)
    return _exit_code(context, results)


@command("El informe: un archivo HTML y cada figura.", "The report: one HTML file and every figure.")
@folder_option(
    "-o", "directory", default=api.REPORT, es="carpeta del informe (./report)", en="folder of the report (./report)"
)
@option(
    "--replace",
    is_flag=True,
    es="aunque haya allí el informe de otro trabajo",
    en="even if the report of another work is there",
)
@with_context
def report(context: Context, directory: Path, replace: bool) -> int:
    context.outline()
    results = _opened(context, FOR_FIGURES)
    page = results.report(directory, context.lang, replace)
    context.out.tell(Text(es="Informe: {page}", en="Report: {page}").format(page=page.resolve()), soft_wrap=True)
    return _exit_code(context, results)
