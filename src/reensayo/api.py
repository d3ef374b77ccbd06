"""The same as the commands, from Python: ``reensayo.run("ex08.conv@script", seeds=3).history``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from reensayo import runner
from reensayo.errors import InputError, RunFailed
from reensayo.spec import Value
from reensayo.store import USUAL, Store, StoredTrial
from reensayo.text import Text, quoted

if TYPE_CHECKING:
    import numpy as np


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
        """KerasMetric -> array (seeds, epochs); after a divergence NaN.

        Raises:
            InputError: these are trials of several recipes, whose rows would mean different things.
        """
        import numpy as np

        if len(arms := dict.fromkeys(f"{trial.experiment}@{trial.recipe}" for trial in self.trials)) > 1:
            raise InputError(
                Text(
                    es="history espera ensayos de una sola receta; se recibieron de {arms}",
                    en="history expects trials of one recipe; received those of {arms}",
                ).format(arms=", ".join(arms))
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
    recipe: str | None = None,
    seeds: int | None = None,
    profile: runner.Profile = "full",
    changes: Mapping[str, Value] | None = None,
    store: str | PathLike[str] = USUAL,
    data: str | PathLike[str] | None = None,
) -> Trials:
    """Train what is asked for and not stored yet.

    Args:
        ids: ``ex08``, ``ex08.conv`` or ``ex08.conv@script``; none means all.
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
    if not isinstance(changes, Mapping | None):
        raise InputError(
            Text(
                es="changes espera un diccionario como {{'epochs': 3}}; se recibió {changes}",
                en="changes expects a dictionary such as {{'epochs': 3}}; received {changes}",
            ).format(changes=quoted(changes))
        )
    done = runner.run(
        runner.plan(ids, recipe, seeds, profile, changes),
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
