"""Train what is missing of the trials that come with a work, and pack it: ``make shipped``.

    python -m reensayo.shipping [--original NAME|DIR] [--store DIR] [--data DIR] [ID ...]
    python -m reensayo.shipping --times [...]

Recipe by recipe, the cheapest first, every declared seed that today's pack lacks is trained at full length, then seed 0
once more from perturbed weights, and the pack is written. What is trained stays in the store: the same command goes on
from there, however it ended. What is packed and current is not trained again, so another machine trains the rest only.
A pack that is deleted is written anew from the store. ``--times`` trains nothing, but times the pairs of
networks of which a claim says that one takes longer.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

import reensayo
from reensayo import api, costs, datasets, environment, files, hardware, registry, runner
from reensayo.errors import ReensayoError
from reensayo.evidence import times
from reensayo.evidence.current import SHIPPED
from reensayo.loaded import Loader
from reensayo.selection import Chosen, select
from reensayo.spec import Condition, Exceeds, Experiment, Original, Recipe, Times, Trial
from reensayo.store import Kept, Pack, Store, StoredTrial, UnreadableEntry, read_checkpoint, read_pack, write_pack
from reensayo.text import TRIAL, Text, counted, default_language, joined, seeds_in_words
from reensayo.training import allocator

STORE = Path("runs-shipped")
"""Where trials to be shipped are stored unless another folder is named."""

PAIRS = 5
TIMED_SECONDS = 1.0
"""About how long the steps take that are timed at once; two of them at least, and at most a hundred."""


class Asked(NamedTuple):
    """What a maintainer's program is about."""

    original: Original
    chosen: list[Chosen]
    store: Store
    data: Path | None


def ship(asked: Asked) -> bool:
    """Train and pack what is missing; False where something could not be trained."""
    declared = {f"{experiment.under(recipe.name)}.zip" for experiment, recipe in select(asked.original)}
    for path in (asked.original.folder / SHIPPED).glob("*.zip"):
        if path.name not in declared:
            path.unlink()
            words = Text(es="{name}: borrado, ya no hay tal receta", en="{name}: removed, there is no such recipe now")
            tell(words.format(name=path.name))
    note, all_well = commit(), True
    for recipes in _cheapest_first(asked):
        if lacking := [one for one in recipes if not one.is_whole(one.packed)]:
            reasons = _trained(recipes, asked, note) or _packed(lacking)
            for reason in reasons:
                words = Text(es="{name} falló: {reason}", en="{name} failed: {reason}")
                tell(words.format(name=lacking[0].condition, reason=reason))
            all_well = all_well and not reasons
    return all_well


def _trained(recipes: Sequence[_Wanted], asked: Asked, note: Mapping[str, str]) -> list[str]:
    """Train what is missing of recipes with the same results; why something could not be trained."""
    data, watch = asked.data, _Watch()
    ordinary = [trial for one in recipes for trial in _not_only_packed(one.trials, one.store, one.packed.trials)]
    done = list(runner.run(ordinary, asked.store, data, watch, note=note).results)
    store = recipes[0].perturbed_store
    perturbed = [t for one in recipes for t in _not_only_packed(one.to_perturb, store, one.packed.perturbed)]
    _perturb(perturbed, store, data)
    done += runner.run(perturbed, store, data, watch, note=note).results
    return list(dict.fromkeys(result.reason for result in done if result.stored is None))


def _not_only_packed(trials: Sequence[Trial], store: Store, packed: Sequence[StoredTrial]) -> list[Trial]:
    ids = {trial.id for trial in packed}
    return [trial for trial in trials if trial.id not in ids or store.trial(trial.id)]


def _packed(recipes: Sequence[_Wanted]) -> list[str]:
    """Pack what is trained; why it could not be, as where a figure cannot be drawn: that keeps no other recipe back."""
    try:
        for one in recipes:
            one.pack()
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    return []


def _perturb(trials: Sequence[Trial], store: Store, data: Path | None) -> None:
    """Have the blocks of trials of one seed begin from perturbed weights: as if they had been interrupted there."""
    from reensayo.training import device

    devices = device.setup()
    from reensayo.training.blocks import Trainer

    store.prepare()
    begun = [store.begin_block([trial]) for trial in trials if store.trial(trial.id) is None]
    waiting = [block for block in begun if read_checkpoint(block) is None]
    if waiting:
        experiment, recipe = trials[0].experiment, trials[0].recipe
        loaded = Loader(lambda dataset: datasets.load(dataset, data))(experiment, recipe.settings)
        start = Trainer(experiment, recipe, loaded, devices).perturbed_start(trials[0].seed)
        for block in waiting:
            store.save_checkpoint(block, start)


# ---------------------------------------------------------------- what is wanted of a recipe


@dataclass(frozen=True)
class _Wanted:
    """A recipe with what is declared of it, and where that may be."""

    original: Original
    experiment: Experiment
    recipe: Recipe
    store: Store

    @property
    def condition(self) -> Condition:
        return self.experiment.under(self.recipe.name)

    @property
    def path(self) -> Path:
        return self.original.folder / SHIPPED / f"{self.condition}.zip"

    @cached_property
    def trials(self) -> list[Trial]:
        return [self._trial(seed) for seed in range(self.experiment.seeds)]

    def _trial(self, seed: int) -> Trial:
        return Trial(self.original, self.experiment, self.recipe, seed)

    @property
    def to_perturb(self) -> list[Trial]:
        """Seed 0 of a network."""
        return self.trials[:1] if self.recipe.fit is None else []

    @property
    def perturbed_store(self) -> Store:
        return Store(self.store.root / "perturbed")

    @property
    def packed(self) -> Pack:
        """What today's pack holds of it: more seeds than are declared, it may be."""
        with suppress(UnreadableEntry):
            pack = read_pack(self.path) if self.path.exists() else Pack(())
            return Pack(*(tuple(trial for trial in part if trial.id == self._trial(trial.seed).id) for part in pack))
        return Pack(())

    @property
    def available(self) -> Pack:
        """What there is of it: in the store, where all arrays are, else in the pack."""
        packed = self.packed
        return Pack(
            _together(self.trials, self.store, packed.trials),
            _together(self.to_perturb, self.perturbed_store, packed.perturbed),
        )

    def is_whole(self, pack: Pack) -> bool:
        there, again = ({trial.id for trial in part} for part in pack)
        return {t.id for t in self.trials} <= there and {t.id for t in self.to_perturb} <= again

    def pack(self) -> None:
        """Write the pack, with the arrays that a figure of its exercise looks at."""
        pack = self.available
        write_pack(self.path, pack, self._shown(pack.trials))
        trials, size = counted(len(pack.trials), *TRIAL), f"{self.path.stat().st_size / 1000:.0f} kB"
        tell(joined("  ", (same(str(self.condition)), trials, same(size))))

    def _shown(self, trials: Sequence[StoredTrial]) -> dict[str, dict[str, Any]]:
        """The arrays that are looked at as the figures are drawn, by trial."""
        from reensayo.figures import View, draw

        exercise = next(exercise for exercise in self.original.exercises if self.experiment in exercise.experiments)
        watched = [_Watched(**{f.name: getattr(trial, f.name) for f in fields(trial)}) for trial in trials]
        beside = [
            replace(self, experiment=experiment, recipe=recipe)
            for experiment in exercise.experiments
            for recipe in experiment.runnable
            if (experiment, recipe.name) != (self.experiment, self.recipe.name)
        ]
        trials = (*watched, *(trial for other in beside for trial in other.available.trials))
        view = View(self.original, trials, "en", with_shipped=False)
        for figure in exercise.figures:
            if self.recipe.name in self.original.recipes_of(figure):
                draw(replace(figure, recipes=(self.recipe.name,)), view)
        return {trial.id: {name: trial.arrays[name] for name in trial.looked_at} for trial in watched}


def _together(trials: Sequence[Trial], store: Store, packed: Sequence[StoredTrial]) -> tuple[StoredTrial, ...]:
    there = {trial.id: trial for trial in packed}
    there |= {trial.id: stored for trial in trials if (stored := store.trial(trial.id))}
    return tuple(sorted(there.values(), key=lambda trial: trial.seed))


class _Noting(Kept):
    """Arrays that note which of them are looked at."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        super().__init__(arrays)
        self.looked_at: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        array = super().__getitem__(name)
        self.looked_at.add(name)
        return array


class _Watched(StoredTrial):
    """A trial that notes which of its arrays are looked at."""

    @cached_property
    def arrays(self) -> Mapping[str, Any]:
        return _Noting(super().arrays)

    @property
    def looked_at(self) -> list[str]:
        arrays = vars(self).get("arrays")  # if nobody asked for one, not even the file was read
        return sorted(arrays.looked_at) if arrays else []


def _cheapest_first(asked: Asked) -> list[list[_Wanted]]:
    """The recipes asked for, those of networks with the same results together; unmeasured ones last."""
    every = [_Wanted(asked.original, experiment, recipe, asked.store) for experiment, recipe in asked.chosen]
    groups: dict[str, list[_Wanted]] = {}
    for one in every:
        groups.setdefault(one.trials[0].results_key, []).append(one)
    known = costs.measured(asked.original)

    def seconds(recipes: list[_Wanted]) -> float:
        found = costs.estimate(recipes[0].trials, known) if known else None
        return math.inf if found is None else found

    return sorted(groups.values(), key=seconds)


def commit() -> dict[str, str]:
    """``commit``: that of the checkout whose code this is, with ``+changes`` where that differs; empty without one."""
    here = Path(reensayo.__file__).parent

    def git(*words: str) -> str:
        with suppress(OSError, subprocess.CalledProcessError):
            done = subprocess.run(["git", "-C", here, *words], capture_output=True, text=True, check=True)
            return done.stdout.strip()
        return ""

    if not git("ls-files", "__init__.py"):  # not of the repository of whoever installed it
        return {}
    return {"commit": git("rev-parse", "HEAD") + ("+changes" if git("status", "--porcelain", "--", "*.py") else "")}


# ---------------------------------------------------------------- times


def time_pairs(asked: Asked) -> None:
    """Time each pair of networks of which a claim says how their times compare, under each judged recipe."""
    from reensayo.training import device

    devices = device.setup()
    from reensayo.training.blocks import Trainer

    load = Loader(lambda dataset: datasets.load(dataset, asked.data))

    def stopwatch(experiment: Experiment, recipe: str) -> tuple[int, Callable[[], float]]:
        """How many steps are timed at once; what gives the seconds that an epoch takes at their pace."""
        s = experiment.recipe(recipe).settings
        trainer = Trainer(experiment, experiment.recipe(recipe), load(experiment, s), devices)
        fitting = round(TIMED_SECONDS / trainer.stopwatch(1)())
        steps = max(1, min(100, trainer.steps_per_epoch - 1, max(2, fitting)))  # a last smaller one is another
        take = trainer.stopwatch(steps)
        return steps, lambda: take() / steps * trainer.steps_per_epoch

    original = asked.original
    declared = {(first.id, second.id, recipe) for first, second, recipe in _timed(original, select(original))}
    timings = {key: timing for key, timing in times.times(original).items() if key in declared}
    for first, second, recipe in _timed(original, asked.chosen):
        (steps, take), (other_steps, take_other) = stopwatch(first, recipe), stopwatch(second, recipe)
        timing = times.Timing(
            first.id,
            second.id,
            recipe,
            (steps, other_steps),
            tuple((take(), take_other()) for _ in range(PAIRS)),
            datetime.now(UTC).isoformat(timespec="seconds"),
            hardware.describe(),
            runner.versions(),
        )
        shown = ", ".join(f"{one:.3g} / {other:.3g} s" for one, other in timing.seconds_per_epoch)
        tell(same(f"{first.under(recipe)} / {second.id}: {shown}"))
        timings[timing.key] = timing
        write_json(times.place(original), [timings[key] for key in sorted(timings)])


def _timed(original: Original, chosen: Sequence[Chosen]) -> Iterator[tuple[Experiment, Experiment, str]]:
    named = {(experiment, recipe.name) for experiment, recipe in chosen}
    pairs = {
        (test.more, test.less): None
        for exercise in original.exercises
        for claim in exercise.claims
        for reading in claim.readings
        if isinstance(test := reading.test, Exceeds | Times) and test.metric.per_block
    }
    for first, second in pairs:
        for recipe in original.judged:
            if {(first, recipe), (second, recipe)} <= named:
                yield first, second, recipe


# ---------------------------------------------------------------- the program


def write_json(path: Path, content: object) -> None:
    """Write a file that comes with a work, in one step."""
    path.parent.mkdir(exist_ok=True)
    files.write_whole(path, msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")


class _Watch(runner.Watch):
    def block(self, trials: Sequence[Trial], resumed_epoch: int | None) -> None:
        if trials[0].recipe.fit:
            return  # each takes a moment
        name = trials[0].experiment.under(trials[0].recipe.name)
        words = Text(es="{name}: semillas {seeds} …", en="{name}: seeds {seeds} …")
        tell(words.format(name=name, seeds=seeds_in_words([trial.seed for trial in trials])))


def same(words: str) -> Text:
    """What is the same in both languages."""
    return Text(words, words)


def tell(line: Text) -> None:
    """Print a line, with the time of day: between two of them may be hours."""
    print(f"{datetime.now():%H:%M:%S}  {line(default_language())}", flush=True)


def program(description: str, act: Callable[[Asked, argparse.Namespace], bool], *flags: str) -> None:
    """Read a command line, act, and end the process as ``reensayo`` does."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--original", metavar="NAME|DIR")
    parser.add_argument("--store", type=Path, default=STORE, metavar="DIR")
    parser.add_argument("--data", type=Path, metavar="DIR")
    for flag in flags:
        parser.add_argument(flag, action="store_true")
    parser.add_argument("ids", nargs="*", metavar="ID")
    given = parser.parse_args()
    environment.settle()
    allocator.keep_freed_memory()
    try:
        original = registry.find(given.original)
        api.write_outlines(original)
        asked = Asked(original, select(original, given.ids), Store(given.store), given.data)
        code = 0 if act(asked, given) else 1
    except ReensayoError as error:
        print(error.message(default_language()), file=sys.stderr)
        code = error.exit_code
    except KeyboardInterrupt:
        code = 130
    sys.stdout.flush()
    os._exit(code)  # what libraries would do as a process ends is not waited for


def main(asked: Asked, given: argparse.Namespace) -> bool:
    """What the command line asks for."""
    if given.times:
        time_pairs(asked)
        return True
    return ship(asked)


if __name__ == "__main__":
    program(__doc__, main, "--times")
