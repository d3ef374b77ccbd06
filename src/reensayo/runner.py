"""Run what is declared and not yet stored: trials grouped into blocks, interrupted ones resumed."""

from __future__ import annotations

import gc
import os
import platform
import shutil
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, Protocol, get_args

from reensayo import datasets, environment, folds, hardware, randomness
from reensayo.errors import InputError, ReensayoError, RunFailed
from reensayo.selection import Chosen, as_run, check_seeds, select, trial_ids
from reensayo.spec import Experiment, Recipe, Trial
from reensayo.store import Checkpoint, Store, StoredBlock, StoredTrial, StoreFailed, read_checkpoint
from reensayo.text import LANGUAGES, Text, quoted
from reensayo.training import allocator

if TYPE_CHECKING:
    from reensayo.datasets import Raw
    from reensayo.training.blocks import Outcome, Progress, Trainer

PACKAGES = ("reensayo", "keras", "jax", "jaxlib", "numpy")

Profile = Literal["quick", "full"]


class Watch(Protocol):
    """What a run tells while it goes on."""

    def block(self, trials: Sequence[Trial], resumed_epoch: int | None) -> None:
        """These trials begin side by side, or go on after so many epochs."""

    def progress(self, progress: Progress) -> None:
        """The block moved on."""

    def stored(self, trial: StoredTrial) -> None:
        """A trial is finished."""

    def unsaved(self, reason: Text) -> None:
        """A checkpoint could not be written; the training goes on."""

    def failed(self, trials: Sequence[Trial], reason: str, log: Path | None) -> None:
        """A block could not be run; ``log`` tells the whole story, where it could be written."""


class Silent:
    """A watch that says nothing."""

    def block(self, trials: Sequence[Trial], resumed_epoch: int | None) -> None: ...
    def progress(self, progress: Progress) -> None: ...
    def stored(self, trial: StoredTrial) -> None: ...
    def unsaved(self, reason: Text) -> None: ...
    def failed(self, trials: Sequence[Trial], reason: str, log: Path | None) -> None: ...


SILENT = Silent()

Told = ParamSpec("Told")


class _Guarded:
    """A watch whose own failure is not the training's: the first is kept, and after it nothing more is told."""

    def __init__(self, watch: Watch) -> None:
        self.failure: Exception | None = None
        self.block, self.progress = self._guarded(watch.block), self._guarded(watch.progress)
        self.stored, self.unsaved = self._guarded(watch.stored), self._guarded(watch.unsaved)
        self.failed = self._guarded(watch.failed)

    def _guarded(self, tell: Callable[Told, None]) -> Callable[Told, None]:
        def told(*args: Told.args, **kwargs: Told.kwargs) -> None:
            if self.failure is None:
                try:
                    tell(*args, **kwargs)
                except Exception as error:
                    self.failure = error

        return told


# ---------------------------------------------------------------- what is asked for


def plan(
    ids: Sequence[str] = (),
    recipe: str | None = None,
    seeds: int | None = None,
    profile: Profile = "full",
    changes: Mapping[str, object] | None = None,
) -> list[Trial]:
    """Every trial that is asked for, finished or not. Explicit seeds and changes win over the profile.

    Raises:
        InputError: something asked for does not exist or is out of range.
    """
    if seeds is not None:
        seeds = check_seeds(seeds)
    if not isinstance(profile, str) or profile not in get_args(Profile):
        raise InputError(
            Text(
                es="profile espera uno de {profiles}; se recibió {profile}",
                en="profile expects one of {profiles}; received {profile}",
            ).format(profiles=", ".join(get_args(Profile)), profile=quoted(profile))
        )
    changes = changes or {}
    without = left_out(ids, recipe, profile)
    chosen = [(e, r) for e, r in select(ids, recipe) if f"{e.id}@{r.name}" not in without]
    # a change that a baseline does not know leaves it as it is, so it is not asked for, unless by its name
    bearing = [(e, r) for e, r in chosen if r.fit is None or changes.keys() <= r.sourced.keys() or _is_named(e, r, ids)]
    bearing = bearing or chosen
    return [trial for one in bearing for trial in _trials(one, seeds, profile, changes)]


def left_out(ids: Sequence[str], recipe: str | None, profile: Profile) -> list[str]:
    """The recipes that the quick profile leaves out of what is asked for, since nobody names them: ``ID@RECIPE``."""
    if profile != "quick" or recipe is not None:
        return []
    return [f"{e.id}@{r.name}" for e, r in select(ids) if r.name in e.quick.without and not _is_named(e, r, ids)]


def _is_named(experiment: Experiment, recipe: Recipe, ids: Sequence[str]) -> bool:
    return bool({f"{experiment.id}@{recipe.name}", f"{experiment.exercise}@{recipe.name}"} & set(ids))


def _trials(chosen: Chosen, seeds: int | None, profile: Profile, changes: Mapping[str, object]) -> Iterator[Trial]:
    experiment, recipe = as_run(chosen, changes, quick=profile == "quick")
    usual = experiment.quick.seeds if profile == "quick" else experiment.seeds
    for seed in range(seeds or usual):
        yield Trial(experiment, recipe, seed)


# ---------------------------------------------------------------- running


@dataclass(frozen=True)
class Result:
    """One trial asked for; ``stored`` is None where it failed."""

    trial: Trial
    stored: StoredTrial | None
    new: bool = False
    resumed_epoch: int | None = None


@dataclass(frozen=True)
class Run:
    """What a run gave: every trial asked for in the order asked, and where the time went (seconds).

    ``untold``: what the watch raised, after which it was told nothing more.
    ``start``: until the data is ready; ``compile``: tracing and XLA; ``train``: until the last result is stored.
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
    watch: Watch = SILENT,
    stop: Event | None = None,
    own_process: bool = False,
) -> Run:
    """Train what is not stored yet, block by block; returns every trial asked for.

    Where two recipes have the same settings their trials are trained once and stored under both names. What another
    process stores meanwhile is not trained again, but for a block that both have begun.
    ``own_process`` says that the process is there for this run alone, so that its memory may be kept for it.

    Raises:
        MissingData, DamagedData: found out before anything trains.
        InputError: likewise, but for what concerns some trials only: then when the others are stored.
        StoreFailed: the store takes no more; what was stored until then is kept.
        KeyboardInterrupt: ``stop`` was set; what was trained is checkpointed.
    """
    begun = time.perf_counter()
    watch = guarded = _Guarded(watch)
    if own_process:
        allocator.keep_freed_memory()
    refused: list[ReensayoError] = []
    missing = list(_missing(trials, store, refused))
    checkpoint_seconds = _checkpoint_seconds()
    needed = {d.name: d for trial in missing if (d := trial.experiment.dataset)}
    if missing:
        environment.check()
        for dataset in needed.values():  # a wrong folder of data is told before anything is made or downloaded
            datasets.find(dataset, data)
        store.prepare()
    raw = {name: datasets.load(dataset, data) for name, dataset in needed.items()}
    _forget_finished_blocks(store)
    devices = _devices(own_process) if any(trial.recipe.fit is None for trial in missing) else ()
    started = time.perf_counter()
    compiled = 0.0
    done: dict[str, Result] = {}
    spent: dict[str, float] = {}
    twins: dict[str, StoredTrial] = {}
    told = partial(_failure_told, store=store, watch=watch, refused=refused)
    for of_recipe in _by_recipe(missing):
        clock = time.perf_counter()
        alike = list(_missing(of_recipe, store, refused))
        known = [trial for trial in alike if trial.results_key in twins]
        if known:
            watch.block(known, None)
        for trial in known:
            with told([trial]):
                done[trial.id] = _again(trial, twins[trial.results_key], store, watch)
        members = [trial for trial in alike if trial.results_key not in twins]
        if members and members[0].recipe.fit:
            for trial in members:
                with told([trial]):
                    done[trial.id] = _run_baseline(trial, raw, store, watch, stop)
        elif members:
            with told(members):
                trainer = _trainer(members[0], raw, devices)
                for block, siblings in _blocks(members, trainer.width, store, refused):
                    with told(siblings):
                        results = _run_block(block, siblings, trainer, store, watch, stop, checkpoint_seconds, told)
                        done |= {result.trial.id: result for result in results}
                compiled += trainer.compile_seconds
        twins |= {t.results_key: stored for t in members if t.id in done and (stored := done[t.id].stored)}
        exercise = of_recipe[0].experiment.exercise
        spent[exercise] = spent.get(exercise, 0.0) + time.perf_counter() - clock
    if refused:
        raise _together(refused)
    ended = time.perf_counter()
    train = ended - started - compiled
    seconds = {"start": started - begun, "compile": compiled, "train": train, "total": ended - begun}
    return Run(store, [done.get(t.id) or Result(t, store.trial(t.id)) for t in trials], seconds, spent, guarded.failure)


def _missing(trials: Sequence[Trial], store: Store, refused: list[ReensayoError]) -> Iterator[Trial]:
    """Those that are not stored; where something unreadable is in a trial's place it is refused, and not trained."""
    for trial in trials:
        try:
            if store.trial(trial.id) is None:
                yield trial
        except ReensayoError as error:
            refused.append(error)


def _together(refused: Sequence[ReensayoError]) -> ReensayoError:
    """One error that says everything, each thing once; what is wrong with an input weighs more than what failed."""
    messages = list(dict.fromkeys(error.message for error in refused))
    kind = InputError if any(isinstance(error, InputError) for error in refused) else RunFailed
    return kind(Text(*("\n".join(message(lang) for message in messages) for lang in LANGUAGES)))


def _forget_finished_blocks(store: Store) -> None:
    """Clear what a kill between the last trial's end and the block's leaves behind.

    A block of an earlier version of its recipe is finished when the trials of today's are there: nothing goes on
    with it.
    """
    for block in store.blocks(unreadable=[]):
        with suppress(ReensayoError):  # of what is in a trial's place; that is told where the trial is asked for
            if any(all(map(store.trial, ids)) for ids in (block.trials, *trial_ids(block.name, block.seeds))):
                store.end_block(block)


@contextmanager
def _failure_told(trials: Sequence[Trial], store: Store, watch: Watch, refused: list[ReensayoError]) -> Iterator[None]:
    """Whatever a network, its data or its evaluation raises: it is told and kept, and the other blocks still run."""
    try:
        yield
    except StoreFailed:  # nor could anything else be kept
        raise
    except ReensayoError as error:  # has its own words for the user
        refused.append(error)
    except Exception as error:
        log = store.write_error(trials[0], traceback.format_exc())
        watch.failed(trials, f"{type(error).__name__}: {error}", log)


def _devices(own_process: bool) -> Sequence[Any]:
    """The devices, with JAX and Keras imported: that belongs to the start, not to the training."""
    from reensayo.training import device

    devices = device.setup()
    from reensayo.training import blocks  # noqa: F401

    if own_process:  # else the collector goes through their 250 000 objects again and again, a quarter of a second each
        gc.freeze()
    return devices


def _trainer(trial: Trial, raw: Mapping[str, Raw], devices: Sequence[Any]) -> Trainer:
    from reensayo.training import device
    from reensayo.training.blocks import Trainer

    device.check_settings(trial.precision)
    dataset = trial.experiment.dataset
    return Trainer(trial.experiment, trial.recipe, raw[dataset.name] if dataset else None, devices)


def _by_recipe(trials: Sequence[Trial]) -> Iterator[list[Trial]]:
    """Trials that differ in nothing but the seed."""
    for _, group in groupby(trials, key=lambda t: (t.experiment.id, t.recipe.label)):
        yield list(group)


def _blocks(
    missing: Sequence[Trial], width: int, store: Store, refused: list[ReensayoError]
) -> Iterator[tuple[StoredBlock, list[Trial]]]:
    """Blocks begun earlier first, with all their members; then the rest in blocks of at most ``width``.

    Blocks are made as they are asked for, of what is not stored by then.
    """
    waiting = {trial.id: trial for trial in missing}
    for block in store.blocks(unreadable=[]):
        if any(store.trial(name) is None for name in waiting.keys() & set(block.trials)):
            members = [replace(missing[0], seed=seed) for seed in block.seeds]
            if [trial.id for trial in members] == list(block.trials):
                yield block, members
                waiting = {name: trial for name, trial in waiting.items() if name not in block.trials}
    rest = list(waiting.values())
    for first in range(0, len(rest), width):
        if members := list(_missing(rest[first : first + width], store, refused)):
            yield store.begin_block(members), members


def _run_block(
    block: StoredBlock,
    members: Sequence[Trial],
    trainer: Trainer,
    store: Store,
    watch: Watch,
    stop: Event | None,
    checkpoint_seconds: float,
    told: Callable[[Sequence[Trial]], AbstractContextManager[None]],
) -> list[Result]:
    """Train a block to its end and store what it gave, each trial for itself: one that is refused keeps no other."""
    if stop is not None and stop.is_set():
        raise KeyboardInterrupt
    resume = read_checkpoint(block)
    if resume and not trainer.goes_on_from(resume, len(members)):
        resume = None
    resumed_epoch = resume.epoch if resume else None
    watch.block(members, resumed_epoch)
    outcomes = trainer.train(
        [trial.seed for trial in members],
        resume,
        save=partial(_save_if_it_goes, store, block, watch),
        checkpoint_seconds=checkpoint_seconds,
        watch=watch.progress,
        stop=stop,
    )
    results = []
    for trial, outcome in zip(members, outcomes, strict=True):
        with told([trial]):
            about = {**_about(outcome), "compile_s": trainer.compile_seconds}
            save_model = outcome.save_model if trial.seed == 0 else None
            result = _stored(store, trial, about, outcome.history, outcome.measured.arrays, save_model, watch)
            results.append(replace(result, resumed_epoch=resumed_epoch))
    if len(results) == len(members):
        store.end_block(block)
    return results


def _stored(
    store: Store,
    trial: Trial,
    about: Mapping[str, Any],
    history: Mapping[str, Any],
    arrays: Mapping[str, Any],
    save_model: Callable[[Path], None] | None,
    watch: Watch,
) -> Result:
    """What a trial gave, in the store: ours, or what another process has stored meanwhile."""
    ours = store.write_trial(trial, about, history, arrays, save_model)
    if stored := ours or store.trial(trial.id):
        watch.stored(stored)
    return Result(trial, stored, new=ours is not None)


def _save_if_it_goes(store: Store, block: StoredBlock, watch: Watch, checkpoint: Checkpoint) -> None:
    """A checkpoint that the disk does not take ends nothing: what the block gives in the end may still fit."""
    try:
        store.save_checkpoint(block, checkpoint)
    except StoreFailed as error:
        watch.unsaved(error.reason)


def _again(trial: Trial, twin: StoredTrial, store: Store, watch: Watch) -> Result:
    """What was trained under another recipe's name a moment ago, under this one's."""
    about = {name: value for name, value in twin.about.items() if name not in ("id", "identity", "sha256", "sum")}
    model = twin.directory / "model.keras"
    save_model = partial(shutil.copyfile, model) if model.exists() else None
    return _stored(store, trial, {**about, "same_as": twin.id}, twin.history, twin.arrays, save_model, watch)


def _run_baseline(trial: Trial, raw: Mapping[str, Raw], store: Store, watch: Watch, stop: Event | None) -> Result:
    if stop is not None and stop.is_set():
        raise KeyboardInterrupt
    watch.block([trial], None)
    experiment, recipe, s = trial.experiment, trial.recipe, trial.recipe.settings
    assert recipe.fit is not None
    started = time.perf_counter()
    data = raw[experiment.dataset.name] if experiment.dataset else None
    splits = experiment.splits(data, s, randomness.generator(trial.seed, "data"))
    fitted = folds.together(
        [
            recipe.fit(split, s, randomness.generator(trial.seed, "baseline", *fold))
            for fold, split in zip(folds.keys(len(splits)), splits, strict=True)
        ]
    )
    about = {
        "status": "finished",
        "diverged_epoch": None,
        "measures": dict(fitted.measured.measures),
        "wall_s": time.perf_counter() - started,
        **_circumstances((*PACKAGES, "scikit-learn")),
    }
    return _stored(store, trial, about, fitted.history, fitted.measured.arrays, None, watch)


def _about(outcome: Outcome) -> dict[str, Any]:
    """What trial.json says of a trained net beside its identity."""
    circumstances = _circumstances(PACKAGES)
    return {
        "status": "diverged" if outcome.diverged else "finished",
        "diverged_epoch": outcome.diverged,
        "measures": dict(outcome.measured.measures),
        "wall_s": outcome.seconds,
        "layout": {**asdict(outcome.layout), "seeds": list(outcome.block), "lowering": list(outcome.lowering)},
        **circumstances,
        "hardware": {**circumstances["hardware"], "devices": outcome.devices},
    }


def _circumstances(packages: Sequence[str]) -> dict[str, Any]:
    """Where, when and with what a trial was run."""
    return {
        "process_peak_memory_bytes": hardware.peak_memory(),
        "hardware": hardware.describe(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in packages}},
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _checkpoint_seconds() -> float:
    """Most seconds of training that a kill may cost, from ``REENSAYO_CHECKPOINT_S``."""
    raw = os.environ.get("REENSAYO_CHECKPOINT_S", "20")
    with suppress(ValueError):
        if (seconds := float(raw)) > 0:
            return seconds
    raise InputError(
        Text(
            es="REENSAYO_CHECKPOINT_S espera segundos, más de 0; se recibió {raw!r}",
            en="REENSAYO_CHECKPOINT_S expects seconds, above 0; received {raw!r}",
        ).format(raw=raw)
    )
