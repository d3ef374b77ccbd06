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
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from reensayo import api
from reensayo.cli import streams
from reensayo.cli.options import Context, as_json, with_context
from reensayo.cli.output import console, ends_in_words, print_json, table, trials_in_words
from reensayo.cli.usage import command, option, say
from reensayo.errors import InputError
from reensayo.pages.verdicts import EVIDENCE, VERDICTS
from reensayo.selection import identities, trial_ids
from reensayo.spec import Original, said
from reensayo.store import (
    FOR_FIGURES,
    HISTORY,
    Checkpoint,
    StoredBlock,
    StoredTrial,
    UnreadableEntry,
    read_checkpoint,
)
from reensayo.text import LANGUAGES, PAIR, SEED, Language, Text, counted, number, seeds_in_words

if TYPE_CHECKING:
    from reensayo.evidence.compare import Arm
    from reensayo.evidence.judge import Row


def _own(
    context: Context, unreadable: list[UnreadableEntry], check: Collection[str] | None = HISTORY
) -> list[StoredTrial]:
    """The stored trials of the original; how many of others there are is told on stderr, and these are left alone."""
    from reensayo.evidence.current import of_original

    trials = context.store.trials(unreadable, check=check)
    others = Counter(trial.original for trial in trials if trial.original != context.original.name)
    if nameless := others.pop("", 0):
        words = Text(
            es="{trials} de antes de que el nombre del trabajo contara en ellos: ya no sirven. Ejecute de nuevo, y "
            "borre o guarde {store}",
            en="{trials} from before trials named their original: they count no more. Run again, and delete or keep "
            "{store}",
        )
        told = words.format(trials=trials_in_words(nameless), store=context.store.root / "trials")
        streams.complain(told(context.lang))
    if others:
        words = Text(es="{trials} de otros trabajos ({names})", en="{trials} of other works ({names})")
        told = words.format(trials=trials_in_words(others.total()), names=", ".join(sorted(others)))
        streams.complain(told(context.lang))
    return of_original(context.original, trials)


# ---------------------------------------------------------------- status


@command("Qué hay guardado y qué quedó a medias.", "What is stored and what is under way.")
@option(
    "--check",
    is_flag=True,
    help=say(
        "leer cada archivo guardado y comparar su suma de verificación",
        "read every stored file and compare its checksum",
    ),
)
@with_context
def status(context: Context, check: bool) -> int:
    out, lang, original = console(), context.lang, context.original
    unreadable: list[UnreadableEntry] = []
    trials = _own(context, unreadable, None if check else HISTORY)
    if trials:
        out.print(_trials_table(original, trials, lang))
    elif not unreadable:
        words = Text(
            es="No hay ensayos en {store}. Para empezar: {command} run {id}{store_option}",
            en="No trials in {store}. To begin: {command} run {id}{store_option}",
        )
        words = words.format(
            store=context.store.root,
            command=original.command,
            id=original.exercises[0].id,
            store_option=context.store_option,
        )
        out.print(words(lang), markup=False, soft_wrap=True)
    for block in context.store.blocks(unreadable):
        if block.original not in (original.name, ""):
            continue
        try:
            out.print(_block_in_words(original, block, read_checkpoint(block))(lang), markup=False)
        except UnreadableEntry as error:
            unreadable.append(error)
    if check and not unreadable:
        out.print(_checked(trials)(lang))
    return _complain(unreadable, lang)


def _trials_table(original: Original, trials: Sequence[StoredTrial], lang: Language) -> Table:
    """A row a recipe; trials of an earlier version of a recipe, which count no more, have one of their own."""
    rows = table(
        lang,
        Text(es="receta", en="recipe"),
        Text(es="ensayos", en="trials"),
        Text(es="divergidos", en="diverged"),
        Text(es="s por ensayo", en="s/trial"),
    )
    declared = cache(partial(identities, original))
    groups: dict[tuple[str, bool, bool], list[StoredTrial]] = {}
    for trial in trials:
        label = f"{trial.experiment}@{trial.recipe}"
        today = {**trial.about["identity"], "seed": 0} in declared(label)
        groups.setdefault((label, trial.reduced, today), []).append(trial)
    for (label, reduced, today), members in groups.items():
        marks = [Text(es="reducido", en="reduced")] if reduced else []
        marks += [] if today else [Text(es="de una versión anterior", en="of an earlier version")]
        mark = f" [yellow]({', '.join(words(lang) for words in marks)})[/]" if marks else ""
        states = Counter(trial.status for trial in members)
        seconds = sum(trial.wall_s for trial in members) / len(members)
        rows.add_row(escape(label) + mark, str(len(members)), str(states["diverged"] or ""), number(seconds, 3)(lang))
    return rows


def _block_in_words(original: Original, block: StoredBlock, checkpoint: Checkpoint | None) -> Text:
    whole, reduced = trial_ids(original, block.name, block.seeds) or ((), ())
    mark = Text(es=" (reducido)", en=" (reduced)") if block.trials == reduced != whole else ""
    words = Text(
        es="a medias: {name}{mark}, semillas {seeds}, primeras {epochs} de {all} épocas; se retoma al ejecutarlas",
        en="under way: {name}{mark}, seeds {seeds}, first {epochs} of {all} epochs; the next run of them resumes there",
    )
    if checkpoint is None:
        words = Text(
            es="a medias: {name}{mark}, semillas {seeds}, sin nada guardado todavía; se empieza al ejecutarlas",
            en="under way: {name}{mark}, seeds {seeds}, with nothing saved yet; the next run of them begins it",
        )
    if block.trials not in (whole, reduced):
        words = Text(
            es="a medias, de una versión anterior: {name}, semillas {seeds}; ya no se retoma, y se borra al guardarse "
            "los ensayos de hoy ({directory})",
            en="under way, of an earlier version: {name}, seeds {seeds}; no run resumes it, and it is cleared when "
            "today's trials are stored ({directory})",
        )
    return words.format(
        name=block.name,
        mark=mark,
        seeds=seeds_in_words(block.seeds),
        epochs=checkpoint.epoch if checkpoint else 0,
        all=block.epochs or "?",
        directory=block.directory,
    )


def _checked(trials: Sequence[StoredTrial]) -> Text:
    """What was found whole, and what of it cannot be known."""
    if before := sum("sum" not in trial.about for trial in trials):
        return Text(
            es="todo lo guardado está íntegro, hasta donde se sabe: {trials} de una versión anterior, sin suma de "
            "verificación de su trial.json",
            en="everything stored is whole, as far as it can be known: {trials} of an earlier version, without a "
            "checksum of their trial.json",
        ).format(trials=trials_in_words(before))
    return Text(es="todo lo guardado está íntegro", en="everything stored is whole")


def _complain(unreadable: Sequence[UnreadableEntry], lang: Language) -> int:
    """Name on stderr what of the store cannot be read or believed; the exit code says whether there is any."""
    for error in unreadable:
        streams.complain(error.message(lang))
    return 1 if unreadable else 0


# ---------------------------------------------------------------- verdicts


@command(
    "Un veredicto por afirmación, receta y lectura: de todas o de las que tratan de lo nombrado.",
    "A verdict for every claim, recipe and reading: of all, or of those about what is named.",
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@option("--why", metavar="CLAIM", help=say("todo sobre una afirmación", "everything about one claim"))
@as_json
@with_context
def verdicts(context: Context, ids: tuple[str, ...], why: str | None, as_json: bool) -> int:
    from reensayo.evidence import judge

    if ids and why is not None:
        raise InputError(
            Text(es="con --why sobran los ID; recibido: {ids}", en="--why takes no IDs; received: {ids}").format(
                ids=" ".join(ids)
            )
        )
    unreadable: list[UnreadableEntry] = []
    judged = judge.verdicts(context.original, _own(context, unreadable), unreadable)
    rows = api.about(context.original, ids, judged)
    if why is not None:
        rows = [row for row in rows if row.claim.id == why] or _no_claim(why, rows)
    if as_json:
        of_store = [_unreadable_json(error, context.lang) for error in unreadable]
        print_json({"claims": [_row_json(row, context.lang) for row in rows], "unreadable": of_store})
    elif not rows:
        words = Text(es="{name} no tiene afirmaciones", en="{name} has no claims")
        console().print(words.format(name=context.original.name)(context.lang), markup=False)
    elif why is not None:
        _print_why(console(), rows, context.lang)
    else:
        _print_verdicts(console(), context.original, rows, context.lang)
    if not as_json and (needed := context.store_option):
        words = Text(es="A cada orden de arriba le falta:{option}", en="Each command above needs:{option}")
        words = words.format(option=needed)
        console().print(words(context.lang), style="dim", markup=False, soft_wrap=True)
    return _complain(unreadable, context.lang)


def _no_claim(claim: str, rows: Sequence[Row]) -> Any:
    raise InputError(
        Text(es="no hay afirmación {claim!r}; las hay: {known}", en="no claim {claim!r}; there are: {known}").format(
            claim=claim, known=", ".join(dict.fromkeys(row.claim.id for row in rows)) or "–"
        )
    )


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


def _unreadable_json(error: UnreadableEntry, lang: Language) -> dict[str, Any]:
    return {"directory": str(error.directory), "trials": sorted(error.ids), "reason": error.message(lang)}


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


def _print_verdicts(out: Console, original: Original, rows: Sequence[Row], lang: Language) -> None:
    """A claim a line, and below it a row a reading and recipe, all in the same columns.

    Where the screen is too narrow, what the original's figure shows is left to ``--why``.
    """
    cells_by_row = [[column(lang) for column in COLUMNS], *(_cells(row, lang) for row in rows)]
    lines = _aligned(cells_by_row, gap=2)
    if max(map(len, lines)) > out.width:
        without = COLUMNS.index(ITS_FIGURE)
        cells_by_row = [[*cells[:without], *cells[without + 1 :]] for cells in cells_by_row]
        lines = _aligned(cells_by_row, gap=2)
    if max(map(len, lines)) > out.width:  # so it fits into the usual 80 columns
        lines = _aligned(cells_by_row, gap=1)
    header, *lines = lines
    line_of = {id(row): line for row, line in zip(rows, lines, strict=True)}
    out.print(header, style="dim", markup=False)
    for _, of_claim in groupby(rows, key=lambda row: row.claim.id):
        readings: dict[str, list[Row]] = {}
        for row in of_claim:
            readings.setdefault(row.reading.name, []).append(row)
        claim = next(iter(readings.values()))[0].claim
        out.print(f"[bold]{claim.id:<3}[/] {claim.statement(lang)} [dim]{claim.where}[/]")
        for name, members in readings.items():
            if name:
                about = members[0].reading.about
                out.print(f"    {about(lang) if about else name}", style="italic", markup=False)
            for row in members:
                out.print(line_of[id(row)], style=VERDICTS[row.verdict].colour, markup=False)
                for caveat in row.caveats:
                    out.print(f"      ! {caveat(lang)}", style="dim", markup=False)
    hint = Text(
        es="[95 %]: de un número publicado, dónde caería una corrida más; de una comparación, la diferencia media; de "
        "una frecuencia, la parte de las corridas.\n{command} verdicts --why {claim} explica una; {summary}",
        en="[95 %]: of a published number, where one more run would fall; of a comparison, the mean difference; of a "
        "frequency, the share of runs.\n{command} verdicts --why {claim} explains one; {summary}",
    ).format(command=original.command, claim=rows[0].claim.id, summary=_summary(rows, lang))
    out.print(f"\n{hint(lang)}", style="dim", markup=False)


def _aligned(rows: Sequence[Sequence[str]], gap: int) -> list[str]:
    """A line of each row, as wide in every column as its widest cell, with a gap between them and twice that before."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = [[f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)] for cells in rows]
    return [(2 * gap * " " + (gap * " ").join(cells)).rstrip() for cells in padded]


def _cells(row: Row, lang: Language) -> list[str]:
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


def _ours(row: Row, lang: Language) -> str:
    if row.estimate is None:
        return ""
    if row.interval is None or not math.isfinite(row.interval.width):  # counted, or of one seed
        return number(row.estimate)(lang)
    return f"{number(row.estimate)(lang)} [{ends_in_words(row.interval)(lang)}]"


def _summary(rows: Sequence[Row], lang: Language) -> str:
    counts: Counter[str] = Counter(row.verdict for row in rows)
    return ", ".join(
        f"{words(lang)}: {counts[verdict]}" for verdict, (_, _, words) in VERDICTS.items() if counts[verdict]
    )


def _print_why(out: Console, rows: Sequence[Row], lang: Language) -> None:
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
            out.print(f"    {trial}", style="dim", markup=False)


def _indented(out: Console, words: str, style: str = "none") -> None:
    out.print(Padding(escape(words), (0, 0, 0, 2), expand=False), style=style)


# ---------------------------------------------------------------- compare


@command(
    "Diferencia por pares de semillas entre dos recetas o experimentos; A y B: experimento@receta.",
    "Difference over pairs of seeds between two recipes or experiments; A and B: experiment@recipe.",
)
@click.argument("a")
@click.argument("b")
@with_context
def compare(context: Context, a: str, b: str) -> int:
    from reensayo.evidence.compare import compare as compared
    from reensayo.evidence.current import lost_to

    lang, original, unreadable = context.lang, context.original, list[UnreadableEntry]()
    trials = _own(context, unreadable)
    if lacking := [error for label in (a, b) for error in lost_to(original, label, unreadable, trials)]:
        raise lacking[0]  # without it the means might be others
    found = compared(original, trials, a, b, context.store.root)
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
    for side, arm in zip("AB", found.arms, strict=True):
        if unused := _unused(arm, found.seeds):
            out.print(f"  {side}: {unused(lang)}", markup=False)
    for name, *values in found.settings:
        value_a, value_b = (Text("–", "–") if value is None else said(value) for value in values)
        words = Text(es="  difiere {name}: A {a}, B {b}", en="  {name} differs: A {a}, B {b}")
        out.print(words.format(name=name, a=value_a, b=value_b)(lang), markup=False)
    if found.unlike:
        words = Text(
            es="  no se compara {names}: no es el mismo costo en los dos",
            en="  {names} not compared: it is not the same loss in both",
        )
        out.print(words.format(names=", ".join(found.unlike))(lang), markup=False)
    rows = table(
        lang,
        Text(es="métrica (última época)", en="metric (last epoch)"),
        Text("A", "A"),
        Text("B", "B"),
        Text("A - B", "A - B"),
        Text(es="intervalo 95 %", en="95 % interval"),
        Text("p", "p"),
    )
    for name, (mean_a, mean_b, difference) in found.measures.items():
        rows.add_row(
            escape(name),
            number(mean_a)(lang),
            number(mean_b)(lang),
            number(difference.estimate)(lang),
            ends_in_words(difference.interval)(lang),
            number(difference.p if len(found.seeds) > 1 else None, 2)(lang),
        )
    out.print(rows)
    return _complain(unreadable, lang)


def _unused(arm: Arm, seeds: Sequence[int]) -> Text | None:
    """``7 seeds without a partner (3-9); 1 diverged (10)``; nothing where every seed has its pair."""
    said = []
    if alone := arm.without(seeds):
        words = Text(es="{n} sin pareja ({seeds})", en="{n} without a partner ({seeds})")
        said.append(words.format(n=counted(len(alone), *SEED), seeds=seeds_in_words(alone)))
    if arm.diverged:
        words = Text(es="{n} con divergencia ({seeds})", en="{n} diverged ({seeds})")
        said.append(words.format(n=len(arm.diverged), seeds=seeds_in_words(arm.diverged)))
    return Text(*("; ".join(part(lang) for part in said) for lang in LANGUAGES)) if said else None


# ---------------------------------------------------------------- report


@command("El informe: un archivo HTML y cada figura.", "The report: one HTML file and every figure.")
@option(
    "-o",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=api.REPORT,
    metavar="DIR",
    help=say("carpeta del informe (./report)", "folder of the report (./report)"),
)
@option(
    "--replace",
    is_flag=True,
    help=say("aunque haya allí el informe de otro trabajo", "even if the report of another work is there"),
)
@with_context
def report(context: Context, directory: Path, replace: bool) -> int:
    from reensayo import hardware
    from reensayo.pages import write

    context.outline()
    lang, original, unreadable = context.lang, context.original, list[UnreadableEntry]()
    trials = _own(context, unreadable, FOR_FIGURES)
    under_way = [trial for trial in context.store.under_way(unreadable) if trial.original == original.name]
    processes = hardware.processes(each=api.DRAWING)
    page = write(original, trials, directory, lang, under_way, unreadable, processes=processes, replace=replace)
    words = Text(es="Informe: {page}", en="Report: {page}")
    console().print(words.format(page=page.resolve())(lang), soft_wrap=True, markup=False)
    return _complain(unreadable, lang)
