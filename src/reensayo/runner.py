"""Run what is declared and not yet stored: trials grouped into blocks, interrupted ones resumed."""

from __future__ import annotations

import gc
import os
import platform
import shutil
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Literal, get_args

from reensayo import datasets, environment, folds, hardware, randomness
from reensayo.errors import InputError, MissingData, ReensayoError, RunFailed
from reensayo.loaded import Loader
from reensayo.selection import as_run, check_seeds, select, trial_ids
from reensayo.spec import Evaluation, Experiment, Original, Recipe, Trial
from reensayo.spec.place import raised_at
from reensayo.store import Checkpoint, Store, StoredBlock, StoredTrial, StoreFailed, read_checkpoint
from reensayo.text import Text, joined, quoted
from reensayo.training import allocator

if TYPE_CHECKING:
    from reensayo.training.blocks import Progress, Trainer

PACKAGES = ("reensayo", "keras", "jax", "jaxlib", "numpy")

Profile = Literal["quick", "full"]


class Watch:
    """What a run tells while it goes on; this one does nothing with it."""

    def block(self, trials: Sequence[Trial], resumed_epoch: int | None) -> None: ...  # begins, or resumes after that
    def progress(self, progress: Progress) -> None: ...  # of the block
    def stored(self, trial: StoredTrial) -> None: ...
    def unsaved(self, reason: Text) -> None: ...  # a checkpoint could not be written; the training goes on
    def failed(self, trials: Sequence[Trial], reason: str, log: Path | None) -> None: ...  # log: the whole story


# ---------------------------------------------------------------- what is asked for


def plan(
    original: Original,
    ids: Sequence[str] = (),
    recipe: str | None = None,
    seeds: int | None = None,
    profile: Profile = "full",
    changes: Mapping[str, object] | None = None,
) -> list[Trial]:
    """Every trial that is asked for, finished or not; seeds and changes win over the profile.

    What does not exist or is out of range is an InputError.
    """
    if seeds is not None:
        seeds = check_seeds(seeds)
    if not isinstance(profile, str) or profile not in get_args(Profile):
        words = Text(
            es="profile espera uno de {profiles}; se recibió {profile}",
            en="profile expects one of {profiles}; received {profile}",
        )
        raise InputError(words.format(profiles=", ".join(get_args(Profile)), profile=quoted(profile)))
    changes = changes or {}
    without = left_out(original, ids, recipe, profile)
    chosen = [(e, r) for e, r in select(original, ids, recipe) if f"{e.id}@{r.name}" not in without]
    # a change that a baseline does not know leaves it as it is, so it is not asked for, unless by its name
    bearing = [(e, r) for e, r in chosen if r.fit is None or changes.keys() <= r.sourced.keys() or _is_named(e, r, ids)]
    quick = profile == "quick"
    asked = [as_run(one, changes, quick) for one in bearing or chosen]
    return [Trial(original, e, r, seed) for e, r in asked for seed in range(seeds or (e.quick if quick else e).seeds)]


def left_out(original: Original, ids: Sequence[str], recipe: str | None, profile: Profile) -> list[str]:
    """The recipes that the quick profile leaves out of what is asked for, since nobody names them: ``ID@RECIPE``."""
    if profile != "quick" or recipe is not None:
        return []
    chosen = select(original, ids)
    return [f"{e.id}@{r.name}" for e, r in chosen if r.name in e.quick.without and not _is_named(e, r, ids)]


def _is_named(experiment: Experiment, recipe: Recipe, ids: Sequence[str]) -> bool:
    return bool({f"{experiment.id}@{recipe.name}", f"{experiment.exercise}@{recipe.name}"} & set(ids))


# ---------------------------------------------------------------- running


@dataclass(frozen=True)
class Result:
    """One trial asked for; ``stored`` is None where it failed, for which ``reason`` there is."""

    trial: Trial
    stored: StoredTrial | None
    new: bool = False
    resumed_epoch: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Run:
    """What a run gave: every trial asked for in the order asked, and where the time went (seconds).

    ``start``: until the data is ready; ``compile``: tracing and XLA; ``train``: until the last result is stored.
    ``untold``: what the watch raised, after which it was told nothing more.
    """

    store: Store
    results: Sequence[Result]
    seconds: Mapping[str, float]
    spent: Mapping[str, float]  # exercise -> seconds of compiling and training
    untold: Exception | None = None


def run(
    trials: Sequence[Trial],
    store: Store,
    data: Path | None = None,
    watch: Watch | None = None,
    stop: Event | None = None,
    own_process: bool = False,
    note: Mapping[str, str] | None = None,
) -> Run:
    """Train what is not stored yet, block by block; returns every trial asked for.

    Where two recipes have the same settings their trials are trained once and stored under both names. What another
    process stores meanwhile is not trained again, but for a block that both have begun.
    ``own_process`` says that the process is there for this run alone, so that its memory may be kept for it; ``note``
    what else is written down of each new trial.

    Raises:
        MissingData, DamagedData: found out before anything trains.
        InputError: likewise, but for what concerns some trials only: then when the others are stored.
        StoreFailed: the store takes no more; what was stored until then is kept.
        KeyboardInterrupt: ``stop`` was set; what was trained is checkpointed.
    """
    begun = time.perf_counter()
    if own_process:
        allocator.keep_freed_memory()
    refused: list[ReensayoError] = []
    missing = list(_missing(trials, store, refused))
    checkpoint_seconds = _checkpoint_seconds()
    needed = dict.fromkeys(d for trial in missing if (d := trial.experiment.dataset))
    if missing:
        environment.check()
        for dataset in needed:  # a wrong folder of data is told before anything is made or downloaded
            datasets.find(dataset, data)
        store.prepare()
    loader = Loader({dataset: datasets.load(dataset, data) for dataset in needed}.__getitem__)
    _forget_finished_blocks(trials, store)
    devices = _devices(own_process) if any(trial.recipe.fit is None for trial in missing) else ()
    started = time.perf_counter()
    session = _Session(
        store, watch or Watch(), stop or Event(), checkpoint_seconds, loader, devices, refused, note or {}
    )
    session.twins |= _twins(trials, missing, store)
    spent: dict[str, float] = {}
    for (experiment, _), of_recipe in groupby(missing, key=lambda trial: (trial.experiment, trial.recipe.label)):
        clock, exercise = time.perf_counter(), experiment.exercise
        session.run_recipe(list(of_recipe))
        spent[exercise] = spent.get(exercise, 0.0) + time.perf_counter() - clock
    if refused:
        # one error says everything, each thing once; what is wrong with an input weighs more than what failed
        by_weight = (kind for kind in (InputError, MissingData) if any(isinstance(error, kind) for error in refused))
        raise next(by_weight, RunFailed)(joined("\n", dict.fromkeys(error.message for error in refused)))
    ended, compiled = time.perf_counter(), session.compile_seconds
    train = ended - started - compiled
    seconds = {"start": started - begun, "compile": compiled, "train": train, "total": ended - begun}
    results = [
        session.done.get(t.id) or Result(t, store.trial(t.id), reason=session.failed.get(t.id, "")) for t in trials
    ]
    return Run(store, results, seconds, spent, session.untold)


def _missing(trials: Sequence[Trial], store: Store, refused: list[ReensayoError]) -> Iterator[Trial]:
    """Those that are not stored; where something unreadable is in a trial's place it is refused, and not trained."""
    for trial in trials:
        try:
            if store.trial(trial.id) is None:
                yield trial
        except ReensayoError as error:
            refused.append(error)


def _twins(trials: Sequence[Trial], missing: Sequence[Trial], store: Store) -> dict[str, StoredTrial]:
    """What is stored, of the trials asked for, with the results that others of them lack."""
    wanted, found = {trial.results_key for trial in missing}, dict[str, StoredTrial]()
    for trial in trials:
        with suppress(ReensayoError):  # it is refused already
            if trial.results_key in wanted and (stored := store.trial(trial.id)):
                found.setdefault(trial.results_key, stored)
    return found


def _forget_finished_blocks(trials: Sequence[Trial], store: Store) -> None:
    """Clear what a kill leaves between the last trial's end and the block's, of the originals asked for.

    A block of an earlier version of its recipe is finished, too, when the trials of today's are there.
    """
    originals = {trial.original.name: trial.original for trial in trials}
    for block in store.blocks(unreadable=[]):
        if original := originals.get(block.original):
            with suppress(ReensayoError):  # of what is in a trial's place; that is told where the trial is asked for
                forms = block.trials, *trial_ids(original, block.name, block.seeds)
                if any(all(map(store.trial, ids)) for ids in forms):
                    store.end_block(block)


def _devices(own_process: bool) -> Sequence[Any]:
    """The devices, with JAX and Keras imported: that belongs to the start, not to the training."""
    from reensayo.training import device

    devices = device.setup()
    from reensayo.training import blocks  # noqa: F401

    if own_process:  # else the collector goes through their 250 000 objects again and again, a quarter of a second each
        gc.freeze()
    return devices


@dataclass
class _Session:
    """What the recipes of one run have in common, and what came of them so far."""

    store: Store
    watch: Watch
    stop: Event
    checkpoint_seconds: float
    loader: Loader
    devices: Sequence[Any]
    refused: list[ReensayoError]
    note: Mapping[str, str]
    compile_seconds: float = 0.0
    untold: Exception | None = None
    done: dict[str, Result] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)  # for which reason
    twins: dict[str, StoredTrial] = field(default_factory=dict)  # by what their results depend on

    def run_recipe(self, trials: Sequence[Trial]) -> None:
        """Those trials of one recipe that are not stored by now."""
        missing = list(_missing(trials, self.store, self.refused))
        known = [trial for trial in missing if trial.results_key in self.twins]
        others = [trial for trial in missing if trial.results_key not in self.twins]
        if known:
            self._tell(self.watch.block, known, None)
        for trial in known:
            with self._failures_told([trial]):
                self._store_again(trial, self.twins[trial.results_key])
        if others and others[0].recipe.fit:
            for trial in others:
                with self._failures_told([trial]):
                    self._fit_baseline(trial)
        elif others:
            with self._failures_told(others):
                self._train(others)

    def _tell(self, tell: Callable[..., None], *args: Any) -> None:
        """Tell the watch; its failure is not the training's: the first is kept, and after it nothing more is told."""
        if self.untold is None:
            try:
                tell(*args)
            except Exception as error:
                self.untold = error

    @contextmanager
    def _failures_told(self, trials: Sequence[Trial]) -> Iterator[None]:
        """Whatever a network, its data or its evaluation raises is told and kept, and the other blocks still run."""
        try:
            yield
        except StoreFailed:  # nor could anything else be kept
            raise
        except ReensayoError as error:  # has its own words for the user
            self.refused.append(error)
        except Exception as error:
            log = self.store.write_error(trials[0], traceback.format_exc())
            place = raised_at(error, trials[0].original.folder)
            reason = (f"{place}: " if place else "") + f"{type(error).__name__}: {error}"
            self.failed |= dict.fromkeys((trial.id for trial in trials), reason)
            self._tell(self.watch.failed, trials, reason, log)

    def _train(self, trials: Sequence[Trial]) -> None:
        from reensayo.training import device
        from reensayo.training.blocks import Trainer

        experiment, recipe = trials[0].experiment, trials[0].recipe
        device.check_settings(trials[0].precision)
        trainer = Trainer(experiment, recipe, self.loader(experiment, recipe.settings), self.devices)
        for block, members in self._blocks(trials, trainer.width):
            with self._failures_told(members):
                self._train_block(block, members, trainer)
        self.compile_seconds += trainer.compile_seconds

    def _blocks(self, missing: Sequence[Trial], width: int) -> Iterator[tuple[StoredBlock, list[Trial]]]:
        """Blocks begun earlier first, whole; then the rest, as far as it is not stored by then, ``width`` at a time."""
        waiting = {trial.id: trial for trial in missing}
        for block in self.store.blocks(unreadable=[]):
            members = [replace(missing[0], seed=seed) for seed in block.seeds]
            is_ours = block.trials == tuple(trial.id for trial in members)
            if is_ours and any(name in waiting and self.store.trial(name) is None for name in block.trials):
                yield block, members
                waiting = {name: trial for name, trial in waiting.items() if name not in block.trials}
        rest = list(waiting.values())
        for first in range(0, len(rest), width):
            if members := list(_missing(rest[first : first + width], self.store, self.refused)):
                yield self.store.begin_block(members), members

    def _train_block(self, block: StoredBlock, members: Sequence[Trial], trainer: Trainer) -> None:
        """Train a block to its end and store its trials, each for itself: one that is refused keeps no other back."""
        if self.stop.is_set():
            raise KeyboardInterrupt
        resume = read_checkpoint(block)
        resume = resume if resume and trainer.can_resume(resume, len(members)) else None
        resumed_epoch = resume.epoch if resume else None
        self._tell(self.watch.block, members, resumed_epoch)
        save, watch = partial(self._save_if_possible, block), partial(self._tell, self.watch.progress)
        outcomes = trainer.train(block.seeds, resume, save, self.checkpoint_seconds, watch, self.stop)
        for trial, outcome in zip(members, outcomes, strict=True):
            with self._failures_told([trial]):
                layout = asdict(outcome.layout) | {"seeds": list(outcome.block), "lowering": list(outcome.lowering)}
                found = outcome.evaluation
                about = _about(found, outcome.seconds, PACKAGES, outcome.diverged, devices=outcome.devices)
                about |= {"layout": layout, "compile_s": trainer.compile_seconds, **self.note}
                save_model = outcome.save_model if trial.seed == 0 else None
                ours = self.store.write_trial(trial, about, outcome.history, found.arrays, save_model)
                self._note(trial, ours, resumed_epoch)
        if all(trial.id in self.done for trial in members):
            self.store.end_block(block)

    def _note(self, trial: Trial, ours: StoredTrial | None, resumed_epoch: int | None = None) -> None:
        """That a trial is stored: by us, or meanwhile by another process."""
        if stored := ours or self.store.trial(trial.id):
            self._tell(self.watch.stored, stored)
            self.twins.setdefault(trial.results_key, stored)
        self.done[trial.id] = Result(trial, stored, ours is not None, resumed_epoch)

    def _save_if_possible(self, block: StoredBlock, checkpoint: Checkpoint) -> None:
        """A checkpoint that the disk does not take ends nothing: what the block gives in the end may still fit."""
        try:
            self.store.save_checkpoint(block, checkpoint)
        except StoreFailed as error:
            self._tell(self.watch.unsaved, error.reason)

    def _store_again(self, trial: Trial, twin: StoredTrial) -> None:
        """What was trained under another recipe's name, under this one's."""
        about = {name: value for name, value in twin.about.items() if name not in ("id", "identity", "sha256", "sum")}
        about["same_as"] = twin.id
        model = twin.directory / "model.keras"
        save_model = partial(shutil.copyfile, model) if model.exists() else None
        self._note(trial, self.store.write_trial(trial, about, twin.history, twin.arrays, save_model))

    def _fit_baseline(self, trial: Trial) -> None:
        if self.stop.is_set():
            raise KeyboardInterrupt
        self._tell(self.watch.block, [trial], None)
        experiment, fit, s = trial.experiment, trial.recipe.fit, trial.recipe.settings
        assert fit is not None
        started = time.perf_counter()
        generator = partial(randomness.generator, trial.seed)
        splits = experiment.splits(self.loader(experiment, s), s, generator("data"))
        each = zip(folds.keys(len(splits)), splits, strict=True)
        fitted = folds.together([fit(split, s, generator("baseline", *fold)) for fold, split in each])
        about = _about(fitted.evaluation, time.perf_counter() - started, (*PACKAGES, "scikit-learn"))
        about |= self.note
        self._note(trial, self.store.write_trial(trial, about, fitted.history, fitted.evaluation.arrays))


def _about(
    evaluation: Evaluation, seconds: float, packages: Sequence[str], diverged: int | None = None, **more_hardware: str
) -> dict[str, Any]:
    """What trial.json says of a trial beside its identity: what it gave, and where, when and with what it was run."""
    return {
        "status": "diverged" if diverged else "finished",
        "diverged_epoch": diverged,
        "measures": dict(evaluation.measures),
        "wall_s": seconds,
        "process_peak_memory_bytes": hardware.peak_memory(),
        "hardware": hardware.describe() | more_hardware,
        "versions": versions(packages),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def versions(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """Python's version and those of packages."""
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def _checkpoint_seconds() -> float:
    """Most seconds of training that a kill may cost, from ``REENSAYO_CHECKPOINT_S``."""
    raw = os.environ.get("REENSAYO_CHECKPOINT_S", "20")
    with suppress(ValueError):
        if (seconds := float(raw)) > 0:
            return seconds
    words = Text(
        es="REENSAYO_CHECKPOINT_S espera segundos, más de 0; se recibió {raw!r}",
        en="REENSAYO_CHECKPOINT_S expects seconds, above 0; received {raw!r}",
    )
    raise InputError(words.format(raw=raw))
