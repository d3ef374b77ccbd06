"""The same as the commands, from Python: ``reensayo.run("ex.network@recipe", seeds=3).history``.

Everywhere ``original`` is the name of an installed work, a folder (whose code is run) or an ``Original``; left out it
is that of ``$REENSAYO_ORIGINAL``, else the one that comes with this program. ``store`` is the folder of results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from reensayo import outline, registry
from reensayo.errors import InputError, RunFailed
from reensayo.registry import Wanted
from reensayo.selection import select
from reensayo.spec import Experiment, Original, Value, experiments_of
from reensayo.store import FOR_FIGURES, HISTORY, USUAL, Store, StoredTrial, UnreadableEntry
from reensayo.text import Language, Text, default_language, quoted

if TYPE_CHECKING:
    import numpy as np

    from reensayo.evidence.compare import Comparison
    from reensayo.evidence.judge import Row
    from reensayo.runner import Profile

Folder = str | PathLike[str]

REPORT = Path("report")
"""Where the report is written unless another folder is named."""


@dataclass(frozen=True)
class Trials:
    """The trials of one run, in the order of their seeds."""

    trials: Sequence[StoredTrial]
    seconds: Mapping[str, float]

    def __repr__(self) -> str:
        """Which trials they are; their arrays would fill pages."""
        return f"Trials({', '.join(trial.id for trial in self.trials)})"

    @cached_property
    def history(self) -> dict[str, np.ndarray]:
        """Metric -> array (seeds, epochs); after a divergence NaN.

        Raises:
            InputError: these are trials of several recipes, whose rows would mean different things.
        """
        import numpy as np

        if len(found := dict.fromkeys(f"{trial.experiment}@{trial.recipe}" for trial in self.trials)) > 1:
            raise InputError(
                Text(
                    es="history espera ensayos de una sola receta; se recibieron de {found}",
                    en="history expects trials of one recipe; received those of {found}",
                ).format(found=", ".join(found))
            )
        if not self.trials:
            return {}
        epochs = max(len(curve) for trial in self.trials for curve in trial.history.values())
        return {
            metric: np.array(
                [
                    np.pad(t.history[metric], (0, epochs - len(t.history[metric])), constant_values=np.nan)
                    for t in self.trials
                ]
            )
            for metric in self.trials[0].history
        }

    @cached_property
    def measures(self) -> dict[str, np.ndarray]:
        """What was measured after training: name -> array (trials,)."""
        import numpy as np

        names = dict.fromkeys(name for trial in self.trials for name in trial.measures)
        return {name: np.array([trial.measures.get(name, np.nan) for trial in self.trials]) for name in names}


def run(
    *ids: str,
    original: Wanted = None,
    recipe: str | None = None,
    seeds: int | None = None,
    profile: Profile = "full",
    changes: Mapping[str, Value] | None = None,
    store: Folder = USUAL,
    data: Folder | None = None,
) -> Trials:
    """Train what is asked for and not stored yet.

    Args:
        ids: an exercise, an experiment, or an experiment with its recipe: ``ex``, ``ex.network`` or
            ``ex.network@recipe``; none means all.
        original: the work.
        recipe: one recipe of each, where no ``@`` names it.
        seeds: how many, from 0; else the experiment's own number.
        profile: ``full`` length, or ``quick`` as each exercise reduces itself.
        changes: settings other than the recipe's; such trials never serve a verdict.
        store: folder of results; ``~`` is the user's own.
        data: folder of data sets, looked in first.

    Raises:
        InputError, MissingData, DamagedData: before anything trains.
        RunFailed: a trial could not be run; the others are stored.
    """
    from reensayo import runner

    if not isinstance(changes, Mapping | None):
        raise InputError(
            Text(
                es="changes espera un diccionario como {{'epochs': 3}}; se recibió {changes}",
                en="changes expects a dictionary such as {{'epochs': 3}}; received {changes}",
            ).format(changes=quoted(changes))
        )
    done = runner.run(
        runner.plan(registry.find(original), ids, recipe, seeds, profile, changes),
        Store(_folder("store", store)),
        None if data is None else _folder("data", data),
    )
    if failed := [result.trial.id for result in done.results if result.stored is None]:
        raise RunFailed(
            Text(
                es="no se pudo ejecutar: {ids}; por qué, en {folder}", en="could not be run: {ids}; why is in {folder}"
            ).format(ids=", ".join(failed), folder=done.store.root / "errors")
        )
    return Trials([result.stored for result in done.results if result.stored], done.seconds)


def verdicts(*ids: str, original: Wanted = None, store: Folder = USUAL) -> Sequence[Row]:
    """A verdict for every claim, recipe and reading; with ``ids`` (see ``run``) those about what is named.

    Raises:
        InputError: an ID that does not exist, or by which no claim is judged; a store that cannot be read.
    """
    from reensayo.evidence import judge

    work, unreadable = registry.find(original), list[UnreadableEntry]()
    trials = Store(_folder("store", store)).trials(unreadable, check=HISTORY)
    return about(work, ids, judge.verdicts(work, trials, unreadable))


def about(original: Original, ids: Sequence[str], rows: Sequence[Row]) -> Sequence[Row]:
    """The verdicts that rest on trials of what is named; all of them where nothing is.

    Raises:
        InputError: see ``verdicts``.
    """
    asked = {(experiment, recipe.name) for experiment, recipe in select(original, ids)}
    found = [row for row in rows if any((e, row.recipe) in asked for e in experiments_of(row.reading.test))]
    if ids and not found:
        raise InputError(
            Text(
                es="ninguna afirmación se juzga con {ids}; se juzga con las recetas {judged}",
                en="no claim is judged by {ids}; claims are judged by the recipes {judged}",
            ).format(ids=" ".join(ids), judged=", ".join(original.judged))
        )
    return found if ids else rows


def compare(a: str, b: str, *, original: Wanted = None, store: Folder = USUAL) -> Comparison:
    """Paired differences ``a - b`` over the seeds that two recipes or experiments have in common.

    Args:
        a: an experiment with its recipe, and with what ``changes`` changed: ``ex.network@recipe+epochs=3``.
        b: another, likewise.
        original: the work.
        store: folder of results.

    Raises:
        InputError: one of them does not exist, they are one, they have no seed in common, or a trial cannot be read.
    """
    from reensayo.evidence.compare import compare as compared
    from reensayo.evidence.current import lost_to

    work, place, unreadable = registry.find(original), Store(_folder("store", store)), list[UnreadableEntry]()
    for name, label in (("a", a), ("b", b)):
        if not isinstance(label, str):
            words = Text(
                es="{name} espera una cadena como '{example}'; se recibió {label}",
                en="{name} expects a string such as '{example}'; received {label}",
            )
            raise InputError(words.format(name=name, example=work.example, label=quoted(label)))
    trials = place.trials(unreadable)
    for label in (a, b):
        for error in lost_to(work, label, unreadable, trials):
            raise error  # without it the means might be others
    return compared(work, trials, a, b, place.root)


def report(
    directory: Folder = REPORT,
    *,
    original: Wanted = None,
    store: Folder = USUAL,
    lang: Language | None = None,
    replace: bool = False,
) -> Path:
    """Write the report, one HTML file and every figure; returns the path of the page.

    Args:
        directory: where to; made if it is not there.
        original: the work.
        store: folder of results.
        lang: ``es`` or ``en``; else Spanish where the locale is.
        replace: whether the report of another original may be overwritten.

    Raises:
        InputError: the directory cannot be written to or holds the report of another original; or a trial is damaged.
    """
    from reensayo import hardware
    from reensayo.pages import write

    work, place, target = registry.find(original), Store(_folder("store", store)), _folder("directory", directory)
    lang, unreadable = _language(lang), list[UnreadableEntry]()
    write_outlines(work)
    trials, under_way = place.trials(unreadable, check=FOR_FIGURES), place.under_way(unreadable)
    processes = hardware.processes(each=DRAWING)
    return write(work, trials, target, lang, under_way, unreadable, processes=processes, replace=replace)


DRAWING = 155 * 10**6
"""Bytes that a process takes which draws."""


def list_(*, original: Wanted = None, lang: Language | None = None) -> Sequence[dict[str, Any]]:
    """What there is to run: of every experiment its id, title and recipes, and what these train with.

    Raises:
        InputError: there is no such original, or it is broken.
    """
    work, lang = registry.find(original), _language(lang)
    write_outlines(work)
    return [_listed(work, experiment, lang) for experiment in work.experiments.values()]


def _listed(original: Original, experiment: Experiment, lang: Language) -> dict[str, Any]:
    names = ("epochs", "batch_size", "loss", "optimizer")
    return {
        "id": experiment.id,
        "exercise": experiment.exercise,
        "title": experiment.title(lang),
        "recipes": {
            recipe.name: {
                "parameters": outline.parameters(original, experiment, recipe.name),
                **{name: recipe.settings[name] for name in names},
            }
            for recipe in experiment.recipes
        },
        "figures": [figure.name for figure in original.figures() if figure.experiment is experiment],
    }


def write_outlines(original: Original) -> None:
    """See that the outlines of the original's networks are there; where they are missing or stale Keras builds them."""
    if outline.is_stale(original):
        from reensayo.training import outlines

        outlines.write(original)


# ---------------------------------------------------------------- arguments


def _language(given: object) -> Language:
    for lang in get_args(Language):
        if given == lang:
            return lang  # type: ignore[no-any-return]
    if given is None:
        return default_language()
    words = Text(
        es="lang espera uno de {known}; se recibió {given}", en="lang expects one of {known}; received {given}"
    )
    raise InputError(words.format(known=", ".join(get_args(Language)), given=quoted(given)))


def _folder(name: str, given: object) -> Path:
    """The folder that an argument names.

    Raises:
        InputError: it names none.
    """
    if given and isinstance(given, str | PathLike):
        with suppress(TypeError, RuntimeError):  # a path in bytes, a user that there is not
            return Path(given).expanduser()
    raise InputError(
        Text(
            es="{name} espera una carpeta (str o Path); se recibió {given}",
            en="{name} expects a folder (str or Path); received {given}",
        ).format(name=name, given=quoted(given))
    )
