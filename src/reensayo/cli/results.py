"""What is stored and what it says of two recipes or of everything: ``status``, ``compare``, ``report``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import click
from rich.markup import escape

from reensayo import api
from reensayo.cli.opened import earlier, exit_code, opened, tell_outdated
from reensayo.cli.options import Context, folder_option, with_context
from reensayo.cli.output import Console, ends_in_words
from reensayo.cli.usage import command, option
from reensayo.evidence.current import standing
from reensayo.selection import trial_ids
from reensayo.spec import Original, said
from reensayo.store import FOR_FIGURES, HISTORY, Checkpoint, StoredBlock, StoredTrial, UnreadableEntry, read_checkpoint
from reensayo.text import PAIR, SEED, TRIAL, Text, counted, joined, number, seeds_in_words


@command("Qué hay guardado y qué quedó a medias.", "What is stored and what is under way.")
@option(
    "--check",
    is_flag=True,
    es="leer cada archivo guardado y comparar su suma de verificación",
    en="read every stored file and compare its checksum",
)
@with_context
def status(context: Context, check: bool) -> int:
    out, original, results = context.out, context.original, opened(context, None if check else HISTORY)
    trials = [trial for trial in results.trials if trial.original == original.name]
    if trials:
        _print_trials(out, original, trials, {trial.id for trial in standing(original, trials).outdated})
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
    return exit_code(context, results)


def _print_trials(out: Console, original: Original, trials: Sequence[StoredTrial], outdated: Collection[str]) -> None:
    """A row a recipe; trials of an earlier version of a recipe, which count no more, have one of their own."""
    rows = out.table("receta | ensayos | divergidos | s por ensayo", "recipe | trials | diverged | s/trial")
    groups: dict[tuple[str, bool, bool], list[StoredTrial]] = {}
    for trial in trials:
        label = f"{trial.experiment}@{trial.recipe}"
        groups.setdefault((label, trial.reduced, trial.id not in outdated), []).append(trial)
    for (label, reduced, today), members in groups.items():
        marks = [Text(es="reducido", en="reduced")] if reduced else []
        marks += [] if today else [earlier(original)]
        mark = f" [yellow]({joined(', ', marks)(out.lang)})[/]" if marks else ""
        diverged = sum(trial.status == "diverged" for trial in members)
        seconds = number(sum(trial.wall_s for trial in members) / len(members), 3)
        rows.add_row(escape(label) + mark, str(len(members)), str(diverged or ""), seconds(out.lang))
    out.print(rows)


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
        return words.format(earlier=earlier(original), what=what, directory=block.directory)
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
    "Diferencia por pares de semillas entre dos recetas o experimentos; A y B: experimento@receta.",
    "Difference over pairs of seeds between two recipes or experiments; A and B: experiment@recipe.",
)
@click.argument("a")
@click.argument("b")
@with_context
def compare(context: Context, a: str, b: str) -> int:
    out, lang, results = context.out, context.lang, opened(context)
    tell_outdated(context, results)
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
    return exit_code(context, results)


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
    results = opened(context, FOR_FIGURES)
    page = results.report(directory, context.lang, replace)
    context.out.tell(Text(es="Informe: {page}", en="Report: {page}").format(page=page.resolve()), soft_wrap=True)
    return exit_code(context, results)
