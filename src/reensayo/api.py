"""The same as the commands, from Python: ``reensayo.run("ex.network@recipe", seeds=3).history``.

Everywhere ``original`` is the name of an installed work, a folder (whose code is run) or an ``Original``; left out it
is that of ``$REENSAYO_ORIGINAL``, else the one that comes with this program. ``store`` is the folder of results.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reensayo import outline, registry
from reensayo.errors import InputError, RunFailed
from reensayo.registry import Wanted
from reensayo.selection import select
from reensayo.spec import Original, Value
from reensayo.store import FOR_FIGURES, HISTORY, USUAL, Store, StoredTrial, UnreadableEntry
from reensayo.text import LANGUAGES, Language, Text, default_language, quoted

if TYPE_CHECKING:
    import numpy as np

    from reensayo.evidence.agreement import Agreement
    from reensayo.evidence.compare import Comparison
    from reensayo.evidence.judge import Headline
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
            words = Text(
                es="history espera ensayos de una sola receta; se recibieron de {found}",
                en="history expects trials of one recipe; received those of {found}",
            )
            raise InputError(words.format(found=", ".join(found)))
        first = self.trials[0].history if self.trials else {}
        curves = {metric: [trial.history[metric] for trial in self.trials] for metric in first}
        return {metric: np.array([*zip_longest(*rows, fillvalue=np.nan)]).T for metric, rows in curves.items()}

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
        expected = Text(es="un diccionario como {'epochs': 3}", en="a dictionary such as {'epochs': 3}")
        raise _refused("changes", expected, changes)
    done = runner.run(
        runner.plan(registry.find(original), ids, recipe, seeds, profile, changes),
        Store(_folder("store", store)),
        None if data is None else _folder("data", data),
    )
    if failed := [result for result in done.results if result.stored is None]:
        words = Text(
            es="no se pudo ejecutar: {ids}; {reason}; los detalles están en {folder}",
            en="could not be run: {ids}; {reason}; the details are in {folder}",
        )
        names, reasons = ", ".join(result.trial.id for result in failed), dict.fromkeys(r.reason for r in failed)
        raise RunFailed(words.format(ids=names, reason="; ".join(reasons), folder=done.store.root / "errors"))
    return Trials([result.stored for result in done.results if result.stored], done.seconds)


def verdicts(*ids: str, original: Wanted = None, store: Folder = USUAL) -> Sequence[Headline]:
    """A headline for every claim, which holds its rows; with ``ids`` (see ``run``) those about what is named.

    Raises:
        InputError: an ID that does not exist, or by which no claim is judged; a store that cannot be read.
    """
    return _results(original, store).verdicts(ids)


def compare(a: str, b: str, *, original: Wanted = None, store: Folder = USUAL) -> Comparison:
    """Paired differences ``a - b`` over the seeds that two recipes or experiments have in common.

    Each is an experiment with its recipe, and with what ``changes`` changed: ``ex.network@recipe+epochs=3``.

    Raises:
        InputError: one of them does not exist, they are one, they have no seed in common, or a trial cannot be read.
    """
    results = _results(original, store)
    for name, label in (("a", a), ("b", b)):
        if not isinstance(label, str):
            expected = Text(es="una cadena como '{example}'", en="a string such as '{example}'")
            raise _refused(name, expected.format(example=results.original.example), label)
    return results.compare(a, b)


def report(
    directory: Folder = REPORT,
    *,
    original: Wanted = None,
    store: Folder = USUAL,
    lang: Language | None = None,
    replace: bool = False,
) -> Path:
    """Write the report, one HTML file and every figure, into a folder that is made if need be; returns the page's path.

    ``lang`` is ``es`` or ``en``, else Spanish where the locale is. The report of another original is overwritten only
    where it is to be ``replace``d.

    Raises:
        InputError: the directory cannot be written to or holds the report of another original; or a trial is damaged.
    """
    results, target = _results(original, store, FOR_FIGURES), _folder("directory", directory)
    write_outlines(results.original)
    return results.report(target, _language(lang), replace)


def list_(*, original: Wanted = None, lang: Language | None = None) -> Sequence[dict[str, Any]]:
    """What there is to run: of every experiment its id, title and recipes with a network, and what these train with.

    Raises:
        InputError: there is no such original, or it is broken.
    """
    work, lang = registry.find(original), _language(lang)
    write_outlines(work)
    return [
        {
            "id": experiment.id,
            "exercise": experiment.exercise,
            "title": experiment.title(lang),
            "recipes": {
                recipe.name: {
                    "parameters": outline.parameters(work, experiment, recipe.name),
                    **{name: recipe.settings[name] for name in ("epochs", "batch_size", "loss", "optimizer")},
                }
                for recipe in experiment.recipes
            },
            "figures": [figure.name for figure in work.figures() if figure.experiment is experiment],
        }
        for experiment in work.experiments.values()
    ]


def counted(*, original: Wanted = None, lang: Language | None = None) -> Sequence[dict[str, Any]]:
    """The networks that are only built and counted, never trained: of each its id, title and counts.

    Raises:
        InputError: as ``list_``.
    """
    work, lang = registry.find(original), _language(lang)
    write_outlines(work)
    return [
        {
            "id": network.id,
            "exercise": network.exercise,
            "title": network.title(lang),
            "about": network.about(lang),
            "parameters": outline.parameters(work, network, recipe.name),
            "multiply_adds": outline.multiply_adds(work, network, recipe.name),
        }
        for network in work.counted.values()
        for recipe in network.recipes
    ]


def write_outlines(original: Original) -> None:
    """See that the outlines of the original's networks are there; where they are missing or stale Keras builds them."""
    if outline.is_stale(original):
        from reensayo.training import outlines

        outlines.write(original)


# ---------------------------------------------------------------- what the commands do, too


@dataclass
class Results:
    """What a store holds of an original, and what it says; ``unreadable`` gets what cannot be read, packs among it.

    What its methods raise and return stands with the functions of the same names; a report needs the outlines.
    ``check`` is as in ``Store.trials``.
    """

    original: Original
    store: Store
    check: Collection[str] | None = HISTORY
    unreadable: list[UnreadableEntry] = field(default_factory=list)

    @cached_property
    def trials(self) -> list[StoredTrial]:
        from reensayo.evidence import current

        self.unreadable += current.unreadable_packs(self.original)
        return self.store.trials(self.unreadable, self.check)

    def verdicts(self, ids: Sequence[str] = ()) -> Sequence[Headline]:
        """Those of claims about what is named; all of them where nothing is."""
        from reensayo.evidence import judge

        headlines = judge.verdicts(self.original, self.trials, self.unreadable)
        asked = {(experiment, recipe.name) for experiment, recipe in select(self.original, ids)}
        found = [
            headline
            for headline in headlines
            if any((e, name) in asked for name in headline.columns for e in headline.claim.experiments)
        ]
        if ids and not found:
            words = Text(
                es="ninguna afirmación se juzga con {ids}; se juzga con las recetas {judged}",
                en="no claim is judged by {ids}; claims are judged by the recipes {judged}",
            )
            raise InputError(words.format(ids=" ".join(ids), judged=", ".join(self.original.judged)))
        return found if ids else headlines

    def agreements(self) -> Sequence[Agreement]:
        """How own trials compare with those that come with the original."""
        from reensayo.evidence import agreement, current

        return list(agreement.agreements(self.original, current.standing(self.original, self.trials).counting))

    def compare(self, a: str, b: str) -> Comparison:
        from reensayo.evidence import compare, current

        for label in (a, b):
            for error in current.lost_to(self.original, label, self.unreadable, self.trials):
                raise error  # without it the means might be others
        return compare.compare(self.original, self.trials, a, b, self.store.root)

    def report(self, directory: Path, lang: Language, replace: bool) -> Path:
        from reensayo import hardware
        from reensayo.pages import write

        trials, under_way = self.trials, self.store.under_way(self.unreadable)
        processes = hardware.processes(each=155 * 10**6)  # bytes that one takes which draws
        return write(
            self.original, trials, directory, lang, under_way, self.unreadable, processes=processes, replace=replace
        )


# ---------------------------------------------------------------- arguments


def _results(original: Wanted, store: Folder, check: Collection[str] = HISTORY) -> Results:
    return Results(registry.find(original), Store(_folder("store", store)), check)


def _language(given: object) -> Language:
    if given is None:
        return default_language()
    for lang in LANGUAGES:
        if given == lang:
            return lang
    known = ", ".join(LANGUAGES)
    raise _refused("lang", Text(es="uno de {known}", en="one of {known}").format(known=known), given)


def _folder(name: str, given: object) -> Path:
    if given and isinstance(given, str | PathLike):
        with suppress(TypeError, RuntimeError):  # a path in bytes, a user that there is not
            return Path(given).expanduser()
    raise _refused(name, Text(es="una carpeta (str o Path)", en="a folder (str or Path)"), given)


def _refused(name: str, expected: Text, received: object) -> InputError:
    words = Text(
        es="{name} espera {expected}; se recibió {received}", en="{name} expects {expected}; received {received}"
    )
    return InputError(words.format(name=name, expected=expected, received=quoted(received)))
