"""``run``: train what is asked for, tell how it goes, and what came out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from reensayo import costs, runner
from reensayo.cli import signals, streams
from reensayo.cli.options import Context, as_json, with_context
from reensayo.cli.output import Console, console, ends_in_words, print_json
from reensayo.cli.usage import command, option
from reensayo.errors import RunFailed
from reensayo.selection import parse_changes
from reensayo.spec import Original, Trial
from reensayo.store import Store, StoredTrial, read_checkpoint
from reensayo.text import TRIAL, Text, counted, number, seeds_in_words

if TYPE_CHECKING:
    from reensayo.training import blocks


@command(
    "Entrena los ensayos pedidos que aún no están guardados. Sin ID: todos.",
    "Train the trials asked for that are not stored yet. No ID means all.",
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@option("--recipe", metavar="R", es="solo esta receta", en="this recipe only")
@option("--seeds", type=int, metavar="N", es="semillas 0 a N-1", en="seeds 0 to N-1")
@option(
    "--profile",
    type=click.Choice(["quick", "full"]),
    default="full",
    es="quick: menos semillas, épocas, ejemplos o recetas, según cada ejercicio; full: todo (por omisión)",
    en="quick: fewer seeds, epochs, examples or recipes, as each exercise says; full: everything (the default)",
)
@option("--set", "sets", multiple=True, metavar="KEY=VALUE", es="cambia un ajuste", en="change a setting")
@option("--dry-run", is_flag=True, es="solo decir qué se haría", en="only say what would be done")
@as_json
@with_context
def run(
    context: Context,
    ids: tuple[str, ...],
    recipe: str | None,
    seeds: int | None,
    profile: runner.Profile,
    sets: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> int:
    trials = runner.plan(context.original, ids, recipe, seeds, profile, parse_changes(sets))
    out = console(context.lang, stderr=as_json)
    without = runner.left_out(context.original, ids, recipe, profile)
    if dry_run:
        return _print_plan(trials, without, context, out, as_json)
    watch = _Watch(out)

    def ended() -> None:
        if not watch.bars.disable:
            out.show_cursor()  # there may be no time left for the bars to do so
        context.complain(_last_words(watch.trials, context.store))

    try:
        with (
            signals.last_words(ABRUPTLY(context.lang)) as farewell,
            watch.bars,
            signals.asked_to_stop(lambda: bool(watch.trials), watch.answer, farewell, ended) as stop,
        ):
            done = runner.run(trials, context.store, context.data, watch, stop, own_process=True)
    except KeyboardInterrupt:
        ended()
        return signals.INTERRUPTED
    if as_json:
        results = [_result_json(result) for result in done.results]
        print_json({"store": str(done.store.root.resolve()), "seconds": done.seconds, "trials": results})
    else:
        _print_results(out, context.original, done, profile)
        _print_left_out(out, without)
    _check_told(done)
    return 1 if any(result.stored is None for result in done.results) else 0


def _check_told(done: runner.Run) -> None:
    """What cannot be printed keeps nothing from being trained, but whoever asked for it should know."""
    failure = streams.failure() or done.untold
    if failure is not None:
        words = Text(es="{failed}; lo entrenado está en {store}", en="{failed}; what was trained is in {store}")
        failed = Text(es="no se pudo mostrar el avance ({reason})", en="progress could not be shown ({reason})")
        failed = streams.CANNOT_WRITE if isinstance(failure, OSError) else failed
        reason = getattr(failure, "strerror", None) or f"{type(failure).__name__}: {failure}"
        raise RunFailed(words.format(failed=failed.format(reason=reason), store=done.store.root))


COMPILING = Text(es="esperando a que XLA compile {name}", en="waiting for XLA to compile {name}")
TRAINING = Text(es="terminando un paso de {name} para guardarlo", en="finishing a step of {name} to save it")
MEASURING = Text(es="midiendo y guardando {name}, que ya terminó", en="measuring and storing {name}, which is trained")
FITTING = Text(es="terminando de ajustar {name}", en="finishing the fit of {name}")
ENDING = Text(es="terminando", en="ending")
AGAIN = Text(
    es="interrumpido: {doing} …; otro Ctrl-C termina en el acto",
    en="interrupted: {doing} …; another Ctrl-C ends at once",
)
ABRUPTLY = Text(
    es="la ejecución terminó de golpe: se agotó la memoria o alguien la cerró. Con un batch_size menor, o con menos "
    "semillas a la vez (--seeds), hace falta menos memoria. La misma orden sigue desde lo último que se guardó",
    en="the run ended abruptly: memory ran out, or it was killed. A smaller batch_size, or fewer seeds side by side "
    "(--seeds), need less memory. The same command goes on from what was saved last",
)


def _last_words(trials: Sequence[Trial], store: Store) -> Text:
    """What a second run finds of these trials, the last ones of a run that was interrupted."""
    with suppress(Exception):  # no trials yet, or a store that cannot be read: no reason not to end
        name, how = _block_name(trials), Text(es="guardado", en="stored")
        if not all(store.trial(trial.id) for trial in trials):
            begun = (block for block in store.blocks(unreadable=[]) if block.trials[0] == trials[0].id)
            checkpoint = next(filter(None, map(read_checkpoint, begun)), None)
            if checkpoint is None:
                words = Text(
                    es="interrumpido; de {name} no se había guardado nada todavía",
                    en="interrupted; nothing of {name} was saved yet",
                )
                return words.format(name=name)
            how = Text(es="guardado tras {done}", en="saved after {done}").format(done=_epochs(checkpoint.epoch))
        words = Text(
            es="interrumpido; {name}, {how}: la misma orden sigue desde aquí",
            en="interrupted; {name} is {how}: the same command goes on from here",
        )
        return words.format(name=name, how=how)
    return Text(es="interrumpido", en="interrupted")


class _Watch(runner.Watch):
    """Progress as a live bar a block; elsewhere than on a terminal as lines: a block begins, and every ten seconds."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._said = 0.0
        self._doing = ENDING
        self._is_unsaved = False
        self.trials: Sequence[Trial] = ()  # of the block that runs or ran last
        columns = TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.fields[latest]}")
        plain = not (out.is_interactive and out.file.isatty())
        self.bars = Progress(*columns, TimeRemainingColumn(), console=out, transient=True, disable=plain)
        self._bar = self.bars.add_task("", total=1.0, visible=False, latest="")

    def answer(self) -> None:
        """Say what an interruption waits for."""
        doing = self._doing.format(name=_block_name(self.trials))
        streams.complain(AGAIN.format(doing=doing)(self._out.lang))

    def block(self, trials: Sequence[Trial], resumed_epoch: int | None) -> None:
        self.trials, self._said = trials, time.monotonic()
        self._doing = FITTING if trials[0].recipe.fit else COMPILING
        begins = _block_name(trials)
        if resumed_epoch is not None:
            words = Text(es="{name}, sigue tras {epochs}", en="{name}, resumes after {epochs}")
            begins = words.format(name=begins, epochs=_epochs(resumed_epoch))
        if self.bars.disable:
            self._out.tell(begins)
        self.bars.reset(self._bar, description=begins(self._out.lang), visible=True, latest="")

    def progress(self, progress: blocks.Progress) -> None:
        self._doing = TRAINING if progress.fraction < 1 else MEASURING
        if not self.bars.disable:
            self.bars.update(self._bar, completed=progress.fraction, latest=self._latest(progress))
        elif time.monotonic() - self._said > 10:
            self._said = time.monotonic()
            name, latest = _block_name(self.trials)(self._out.lang), self._latest(progress)
            self._out.print(f"  {name}  {progress.fraction:4.0%}  {latest}", markup=False)

    def _latest(self, progress: blocks.Progress) -> str:
        """The epoch and the last validation metric, mean of the block's seeds."""
        words = Text(es="época {n}", en="epoch {n}").format(n=progress.epoch)(self._out.lang)
        if progress.epoch == 0:
            return words
        name, values = list(progress.latest.items())[-1]
        return f"{words}  {name} {number(float(values.mean()))(self._out.lang)}"

    def stored(self, trial: StoredTrial) -> None:
        self._doing = ENDING if trial.id == self.trials[-1].id else MEASURING
        if trial.diverged:
            words = Text(es="  {id}: divergió en la época {n}", en="  {id}: diverged at epoch {n}")
            self._out.tell(words.format(id=trial.id, n=trial.diverged))

    def unsaved(self, reason: Text) -> None:
        if not self._is_unsaved:  # the next ones will say the same
            self._is_unsaved = True
            words = Text(
                es="  el avance no se pudo guardar: {reason}; el entrenamiento sigue",
                en="  a checkpoint could not be saved: {reason}; the training goes on",
            )
            self._out.tell(words.format(reason=reason))

    def failed(self, trials: Sequence[Trial], reason: str, log: Path | None) -> None:
        words = Text(es="[red]{name} falló[/]: {reason}{log}", en="[red]{name} failed[/]: {reason}{log}")
        name, story = escape(_block_name(trials)(self._out.lang)), f" ({escape(str(log))})" if log else ""
        self._out.print(words.format(name=name, reason=escape(reason), log=story)(self._out.lang))


def _block_name(trials: Sequence[Trial]) -> Text:
    reduced = Text(es=" (reducido)", en=" (reduced)") if trials[0].recipe.reduced else ""
    seeds = seeds_in_words([trial.seed for trial in trials])
    words = Text(es="{label}{reduced} semillas {seeds}", en="{label}{reduced} seeds {seeds}")
    return words.format(label=_label(trials[0]), reduced=reduced, seeds=seeds)


def _label(trial: Trial) -> str:
    return f"{trial.experiment.id}@{trial.recipe.label}"


def _epochs(n: int) -> Text:
    """``12 epochs``; a checkpoint may also lie within the first."""
    if n == 0:
        return Text(es="parte de la primera época", en="a part of the first epoch")
    return counted(n, Text(es="época", en="epoch"), Text(es="épocas", en="epochs"))


def _print_plan(trials: Sequence[Trial], without: Sequence[str], context: Context, out: Console, as_json: bool) -> int:
    there = {trial.id for trial in trials if context.store.trial(trial.id)}
    waiting = [trial for trial in trials if trial.id not in there]
    known = costs.measured(context.original)
    seconds = costs.estimate(waiting, known) if known else None
    if as_json:
        stored = [{"id": trial.id, "stored": trial.id in there} for trial in trials]
        print_json({"trials": stored, "estimated_seconds": seconds})
        return 0
    rows = out.table("receta | semillas | ya guardadas | reducido", "recipe | seeds | already stored | reduced")
    for label, group in groupby(trials, key=_label):
        members = list(group)
        done = str(sum(t.id in there for t in members))
        rows.add_row(escape(label), seeds_in_words([t.seed for t in members]), done, _reduced_to(members[0]))
    out.print(rows)
    if not waiting:
        out.tell(Text(es="todo está guardado: no falta nada", en="all is stored: nothing is left to train"))
    elif known and seconds is not None:
        words = Text(
            es="entrenar lo que falta: unos {duration} (medido el {date} en {processor}, {cores} núcleos)",
            en="training what is missing: about {duration} (measured on {date} on {processor}, {cores} cores)",
        )
        out.tell(words.format(duration=_duration(seconds), **vars(known)))
    _print_left_out(out, without)
    return 0


def _reduced_to(trial: Trial) -> str:
    """``epochs 2/20``: each setting that the quick profile reduces, and what it is at full length."""
    if not trial.recipe.reduced:
        return ""
    full = trial.experiment.recipe(trial.recipe.name).settings
    settings, reduced = trial.recipe.settings, trial.experiment.quick.changes
    return ", ".join(f"{n} {settings[n]}/{v}" for n, v in full.items() if n in reduced and settings[n] != v)


def _print_left_out(out: Console, without: Sequence[str]) -> None:
    if without:
        words = Text(
            es="El perfil quick no entrena, si no se nombra: {names}",
            en="The quick profile does not train, unless named: {names}",
        )
        out.tell(words.format(names=", ".join(without)))


def _duration(seconds: float) -> str:
    """Seconds below two minutes, else minutes, else hours; an estimate has no use for more digits."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(1.0, seconds):.0f} s"


def _result_json(result: runner.Result) -> dict[str, Any]:
    trial, stored = result.trial, result.stored
    curves = stored.history if stored else {}
    return {
        "id": trial.id,
        "experiment": trial.experiment.id,
        "recipe": trial.recipe.label,
        "seed": trial.seed,
        "status": stored.status if stored else "failed",
        "new": result.new,
        "resumed_epoch": result.resumed_epoch,
        "reduced": trial.recipe.reduced,
        "directory": str(stored.directory.resolve()) if stored else None,
        "wall_s": stored.wall_s if stored else None,
        "final": {name: float(curve[-1]) for name, curve in curves.items()},
        "best": {name: _best(name, curve) for name, curve in curves.items()},
        "measures": dict(stored.measures) if stored else {},
    }


def _best(metric: str, curve: Any) -> float:
    """The metric's own best epoch: highest for an accuracy, lowest for a loss or an error."""
    import numpy as np

    best = np.nanmax if metric.endswith("accuracy") else np.nanmin
    return float(best(curve)) if np.isfinite(curve).any() else float("nan")


def _print_results(out: Console, original: Original, done: runner.Run, profile: runner.Profile) -> None:
    from reensayo.evidence.stats import mean_interval

    lang = out.lang
    rows = out.table(
        "receta | n | última época, media | intervalo 95 % | s por ensayo",
        "recipe | n | last epoch, mean | 95 % interval | s/trial",
    )
    for (label, reduced), group in groupby(done.results, key=lambda r: (_label(r.trial), r.trial.recipe.reduced)):
        stored = [r.stored for r in group if r.stored and r.stored.status == "finished"]
        name = escape(label) + (Text(es=" [yellow](reducido)[/]", en=" [yellow](reduced)[/]")(lang) if reduced else "")
        if not stored:
            rows.add_row(name, "0", "–", "–", "–")
            continue
        metric = list(stored[0].history)[-1]
        metric = next((m for m in stored[0].history if m.startswith("val_") and m != "val_loss"), metric)
        values = [float(trial.history[metric][-1]) for trial in stored]
        mean = f"{escape(metric)} {number(sum(values) / len(values))(lang)}"
        interval = ends_in_words(mean_interval(values, within=original.named(metric).bounds))
        seconds = number(sum(trial.wall_s for trial in stored) / len(stored), 3)
        rows.add_row(name, str(len(stored)), mean, interval(lang), seconds(lang))
    out.print(rows)
    new, failed = sum(r.new for r in done.results), sum(r.stored is None for r in done.results)
    words = Text(es="{new}, {old} de antes, en {store}.{spent}", en="{new}, {old} already stored, in {store}.{spent}")
    spent = Text(
        es=" {total} s: datos y arranque {start}, compilar {compile}, entrenar {train}.",
        en=" {total} s: start and data {start}, compiling {compile}, training {train}.",
    )
    times = {name: number(round(value, 2), 3) for name, value in done.seconds.items()}
    told = counted(new, Text(es="ensayo nuevo", en="new trial"), Text(es="ensayos nuevos", en="new trials"))
    summary = {"new": told, "old": len(done.results) - new - failed, "store": done.store.root}
    out.tell(words.format(**summary, spent=spent.format(**times) if done.spent else ""))
    if failed:
        words = Text(es="no se pudo ejecutar: {trials}.", en="could not be run: {trials}.")
        out.tell(words.format(trials=counted(failed, *TRIAL)), style="red")
    if profile == "quick":
        words = Text(es="  {id}: {spent} s de {budget} s previstos", en="  {id}: {spent} s of a budget of {budget} s")
        for exercise in original.exercises:
            if exercise.id in done.spent:
                spent = number(round(done.spent[exercise.id], 2), 3)
                out.tell(words.format(id=exercise.id, spent=spent, budget=exercise.quick_seconds), style="dim")
