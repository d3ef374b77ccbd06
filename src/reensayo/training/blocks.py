"""Seeds side by side: a block of trials of one recipe, trained, interrupted, resumed and measured.

The folds of a trial stand side by side like seeds: a block has a member for each fold of each seed.
Where a trial stands in its block changes nothing but the last bits; a block that is run again, interrupted or not,
gives the same bits.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from operator import itemgetter
from pathlib import Path
from threading import Event
from typing import Any

import jax
import keras
import numpy as np
from jax.sharding import Mesh, NamedSharding

from reensayo import folds, randomness
from reensayo.errors import InputError
from reensayo.spec import LOSSES, Evaluation, Experiment, Fitted, Recipe, Split
from reensayo.store import Checkpoint
from reensayo.text import Text
from reensayo.training import cpu_layers, epochs
from reensayo.training.device import compiled
from reensayo.training.epochs import Member, Position, State
from reensayo.training.layout import (
    EVERYWHERE,
    MEMBERS,
    Layout,
    block_width,
    compiler_options,
    forward_work,
    is_short,
    layout,
    mesh,
    parameters,
    shared_and_own,
)

WINDOW_BYTES = 32 * 2**20
"""Memory that the orders of the epochs on the device may take."""
CALL_SECONDS = 1.0
"""How long one call of the compiled program should take: the pace of progress, never a choice of arithmetic."""


@dataclass(frozen=True)
class Progress:
    """Where a block is: ``epoch`` epochs are finished; ``latest`` is the last history row of every trial."""

    epoch: int
    fraction: float
    latest: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Outcome:
    """What one trial gave. ``history`` ends at the epoch of divergence (counted from 1) where there is one.

    Of a trial with folds it is their mean, and ``evaluation`` holds the history of each.
    """

    seed: int
    history: dict[str, np.ndarray]
    diverged: int | None
    evaluation: Evaluation
    seconds: float
    block: tuple[int, ...]
    layout: Layout
    devices: str  # how many of what JAX trained it on
    lowering: tuple[str, ...]
    save_model: Callable[[Path], None]


@dataclass(frozen=True)
class _Block:
    """The trials of a block, fold by fold, with their data on the devices.

    A member is (seed,), or (seed, fold) where there are several: what keys its random streams.
    """

    seeds: Sequence[int]
    splits: Mapping[tuple[int, ...], Split]  # of every member, a seed's folds beside each other
    filled: Sequence[tuple[int, ...]]  # the members, the last one repeated to occupy every core
    layout: Layout
    mesh: Mesh
    shared: dict[str, Any]
    own: dict[str, Any]

    @property
    def members(self) -> Sequence[tuple[int, ...]]:
        return tuple(self.splits)

    def put(self, arrays: Any) -> Any:
        """Arrays of all members, each member's on its device."""
        return jax.device_put(arrays, NamedSharding(self.mesh, MEMBERS))

    @property
    def examples(self) -> int:
        """Those of the longest fold."""
        return max(len(split.x_train) for split in self.splits.values())

    @property
    def tested(self) -> int:
        """Test examples of the fold that has most."""
        return max(len(split.x_test) for split in self.splits.values())


@dataclass
class Trainer:
    """One recipe made ready for this machine; what is compiled for one block serves the next of the same width.

    ``loaded`` is what the experiment's ``load`` gave.
    """

    experiment: Experiment
    recipe: Recipe
    loaded: Any
    devices: Sequence[jax.Device]
    fast_layers: bool = True
    winograd: bool | None = None  # by rule
    compile_seconds: float = 0.0
    _programs: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = self.recipe.settings
        self.fast_layers = self.fast_layers and self.devices[0].platform == "cpu"
        splits = self.splits(0)
        self._first = {0: splits}  # what the shapes are taken from need not be made twice
        sizes = [len(split.x_train) for split in splits]
        self.folds = len(sizes)
        transposes = cpu_layers.has_few_outputs if self.fast_layers else lambda _: False
        sparse = self.fast_layers and epochs.gives_sets(self.experiment, self.settings, splits[0])
        self.spec = epochs.build(self.experiment, self.settings, max(sizes), transposes, sparse)
        self._examples = max(sizes)
        self._steps = self.settings.epochs * self.spec.steps(self._examples)
        self._winograd = not is_short(self._steps) if self.winograd is None else self.winograd
        self._check_steps(sizes)

    @property
    def width(self) -> int:
        """Most seeds of this recipe in one block."""
        return block_width(self.spec.model, self.spec.batch_size, self.folds, len(self.devices))

    @property
    def steps_per_epoch(self) -> int:
        """Those of the longest fold, a last smaller one among them."""
        return -(-self._examples // self.spec.batch_size)

    def splits(self, seed: int) -> tuple[Split, ...]:
        """The arrays of one seed, fold by fold."""
        return self.experiment.splits(self.loaded, self.settings, randomness.generator(seed, "data"))

    def can_resume(self, checkpoint: Checkpoint, seeds: int) -> bool:
        """Whether a checkpoint of so many seeds holds the arrays of this engine: an older one may have held others."""
        held = jax.tree.leaves(epochs.state_described(self.spec))
        shapes = [(seeds * self.folds, *array.shape) for array in held]
        *_, columns = checkpoint.history.shape
        return [leaf.shape for leaf in checkpoint.state] == shapes and columns == len(self.spec.columns)

    def _check_steps(self, sizes: Sequence[int]) -> None:
        """Members take their steps together, and surplus examples must not reach the others of their batch."""
        spec, different = self.spec, sorted(set(sizes))
        if len({spec.steps(size) for size in different}) > 1 or (spec.mixes_examples() and len(different) > 1):
            raise InputError(
                Text(
                    es="los pliegues entrenan con {sizes} ejemplos: deben dar igual número de pasos de {batch}, y ser "
                    "iguales si la red normaliza por lotes",
                    en="the folds train on {sizes} examples: they must take equally many steps of {batch}, and be of "
                    "one size where the network has batch normalisation",
                ).format(sizes=", ".join(map(str, different)), batch=spec.batch_size)
            )

    def train(
        self,
        seeds: Sequence[int],
        resume: Checkpoint | None = None,
        save: Callable[[Checkpoint], None] = lambda _: None,
        checkpoint_seconds: float = 20.0,
        watch: Callable[[Progress], None] = lambda _: None,
        stop: Event | None = None,
    ) -> list[Outcome]:
        """Train the seeds side by side, from their start or from where a checkpoint stands.

        Raises:
            KeyboardInterrupt: ``stop`` was set; what was trained is saved.
        """
        block = self._block(seeds)
        here = resume or self._start(block.members)
        state = block.put(self._state(here, block))
        units = self.spec.steps(block.examples) + 1  # an epoch's steps, and its end
        last, window = self.settings.epochs * units, self._window_length(block)
        pace, saved = 1, time.perf_counter()

        position, history, seconds = here.epoch * units + here.step, here.history, here.seconds
        while position < last and not all(self._diverged(history)):
            first = position // units  # epoch where the window begins
            before, end = history, min(last, (first + window) * units)
            stacked = self._stacked(block, state, range(first, first + window))
            while position < end and not all(self._diverged(history)):
                start, stop_at = position - first * units, min(position + pace, end) - first * units
                bounds = [Position(*map(np.int32, divmod(p, units))) for p in (start, stop_at)]
                program = self._program(block, stacked, bounds)
                clock = time.perf_counter()
                state, rows = program(stacked, block.shared, *bounds)
                new = np.asarray(rows, float)  # waits for the devices
                elapsed = time.perf_counter() - clock

                stacked = stacked._replace(state=state, history=rows)
                position, seconds = first * units + stop_at, seconds + elapsed
                epoch, step = divmod(position, units)
                history = np.concatenate([before, new[: len(block.members), : epoch - first]], axis=1)
                watch(Progress(epoch, position / last, self._latest(history)))
                interrupted = stop is not None and stop.is_set()
                if interrupted or time.perf_counter() - saved + elapsed > checkpoint_seconds:
                    leaves = [np.asarray(leaf)[: len(block.members)] for leaf in jax.tree.leaves(state)]
                    save(Checkpoint(epoch, step, history, leaves, seconds))
                    saved = time.perf_counter()
                if interrupted:
                    raise KeyboardInterrupt
                aim = min(CALL_SECONDS, checkpoint_seconds / 4)
                pace = max(1, int(pace * min(8.0, aim / max(elapsed, 1e-4))))
        return self._outcomes(block, jax.tree.map(np.asarray, state), history, seconds / len(seeds))

    def perturbed_start(self, seed: int) -> Checkpoint:
        """A trial before its first step, each weight of the first kernel moved by one unit in its last place.

        All of them: some do nothing, like those of a pixel that is never lit.
        """
        start = self._start([(seed, *fold) for fold in folds.keys(self.folds)])
        kernel = next(i for i, v in enumerate(self.spec.model.trainable_variables) if len(v.shape) > 1)
        moved = [np.nextafter(w, np.inf, dtype=w.dtype) if i == kernel else w for i, w in enumerate(start.state)]
        return replace(start, state=moved)

    def stopwatch(self, steps: int) -> Callable[[], float]:
        """What takes the first steps of seed 0, as often as it is called, and gives the seconds that they took.

        Their program is compiled, and called once, before.
        """
        block = self._block([0])
        state = block.put(self._state(self._start(block.members), block))
        stacked = self._stacked(block, state, range(self._window_length(block)))  # as ``train`` has its program
        bounds = [Position(*map(np.int32, (0, step))) for step in (0, steps)]
        program = self._program(block, stacked, bounds)

        def take() -> float:
            clock = time.perf_counter()
            jax.block_until_ready(program(stacked, block.shared, *bounds))
            return time.perf_counter() - clock

        take()
        return take

    # ------------------------------------------------------------ the block and its state

    def _block(self, seeds: Sequence[int]) -> _Block:
        first, self._first = self._first, {}
        splits = {
            (seed, *fold): split
            for seed in seeds
            for fold, split in zip(folds.keys(self.folds), first.get(seed) or self.splits(seed), strict=True)
        }
        plan = layout(self.spec.model, self.spec.batch_size, len(splits), len(self.devices))
        members = list(splits)
        filled = [*members, *members[-1:] * (plan.width - len(members))]
        shared, own = shared_and_own(epochs.arrays_of([splits[member] for member in filled]))
        cores = mesh(self.devices, plan)
        on_each = jax.device_put(shared, NamedSharding(cores, EVERYWHERE))
        return _Block(seeds, splits, filled, plan, cores, on_each, jax.device_put(own, NamedSharding(cores, MEMBERS)))

    def _start(self, members: Sequence[tuple[int, ...]]) -> Checkpoint:
        """A block before its first step, each member with its own weights."""
        states = [jax.tree.leaves(epochs.initial_state(self.spec, *member)) for member in members]
        leaves = [np.stack(values) for values in zip(*states, strict=True)]
        return Checkpoint(0, 0, np.zeros((len(members), 0, len(self.spec.columns))), leaves, 0.0)

    def _state(self, checkpoint: Checkpoint, block: _Block) -> State:
        rows = [block.members.index(member) for member in block.filled]
        structure = jax.tree.structure(epochs.state_described(self.spec))
        state: State = jax.tree.unflatten(structure, [leaf[rows] for leaf in checkpoint.state])
        return state

    def _window_length(self, block: _Block) -> int:
        """How many epochs have their orders on the devices at a time."""
        fit = WINDOW_BYTES // (4 * block.examples * len(block.filled))
        return int(max(1, min(self.settings.epochs, fit)))

    def _stacked(self, block: _Block, state: State, numbers: range) -> Member:
        """All members of the block with the random streams of these epochs."""
        orders, dropout = [], []
        for member in block.filled:
            (seed, *fold), examples = member, len(block.splits[member].x_train)
            orders.append([self._order(seed, epoch, examples, *fold) for epoch in numbers])
            dropout.append([epochs.dropout_keys(self.spec, seed, epoch, *fold) for epoch in numbers])
        history = np.zeros((len(block.filled), len(numbers), len(self.spec.columns)), keras.config.floatx())
        stacked: Member = block.put(Member(state, history, block.own, np.array(orders), np.array(dropout)))
        return stacked

    def _order(self, seed: int, epoch: int, examples: int, *fold: int) -> np.ndarray:
        """The epoch's order, filled up to whole batches."""
        return np.pad(randomness.order(seed, epoch, examples, *fold), (0, -examples % self.spec.batch_size))

    def _by_trial(self, history: np.ndarray) -> np.ndarray:
        """(members, epochs, columns) -> (seeds, folds, epochs, columns)."""
        return history.reshape(len(history) // self.folds, self.folds, *history.shape[1:])

    def _latest(self, history: np.ndarray) -> dict[str, np.ndarray]:
        trials = self._by_trial(history).mean(axis=1)
        last = trials[:, -1] if trials.shape[1] else np.full(trials.shape[::2], np.nan)
        return dict(zip(self.spec.columns, last.T, strict=True))

    def _diverged(self, history: np.ndarray) -> list[int]:
        """For each seed the first epoch (from 1) where a fold's loss is NaN or infinite, 0 where there is none."""
        losses = [i for i, name in enumerate(self.spec.columns) if name in LOSSES]
        bad = ~np.isfinite(self._by_trial(history)[..., losses]).all(axis=(1, 3))
        return [int(row.argmax()) + 1 if row.any() else 0 for row in bad]

    # ------------------------------------------------------------ compiled programs

    def _program(self, block: _Block, stacked: Member, bounds: Sequence[Position]) -> Any:
        plan = block.layout
        if plan not in self._programs:

            def of_a_device(stacked: Member, shared: dict[str, Any], start: Position, stop: Position) -> Any:
                def one(member: Member) -> tuple[State, Any]:
                    return epochs.train_span(self.spec, member, shared, start, stop)

                return jax.vmap(one)(stacked) if plan.mode == "batched" else jax.lax.map(one, stacked)

            specs = MEMBERS, EVERYWHERE, EVERYWHERE, EVERYWHERE
            program = jax.shard_map(of_a_device, mesh=block.mesh, in_specs=specs, out_specs=MEMBERS, check_vma=False)
            self._programs[plan] = self._compile(program, stacked, block.shared, *bounds)
        return self._programs[plan]

    def _compile(self, function: Callable[..., Any], *arguments: Any) -> Any:
        started = time.perf_counter()
        spec, platform = self.spec, self.devices[0].platform
        options = compiler_options(spec.model, spec.batch_size, self._steps, platform)
        with self._tracing():
            lowered = jax.jit(function).lower(*arguments)
        done = compiled(lowered, options)
        self.compile_seconds += time.perf_counter() - started
        return done

    @contextmanager
    def _tracing(self) -> Iterator[Mapping[str, str]]:
        """While the network is traced; gives how its layers were computed (see ``cpu_layers.replaced``)."""
        fast: AbstractContextManager[Mapping[str, str]] = nullcontext({})
        if self.fast_layers:
            fast = cpu_layers.replaced(self.spec.model, winograd=self._winograd)
        with fast as how, warnings.catch_warnings():
            # a demonstration trains under this loss, knowing it
            warnings.filterwarnings("ignore", "In loss categorical_crossentropy", SyntaxWarning)
            yield how

    def lowering(self, split: Split) -> tuple[str, ...]:
        """How each layer is computed in a training step, ``layer: how``; runs nothing."""
        size, step = self.spec.batch_size, partial(epochs.train_step, self.spec)
        batch = split.x_train[:size], split.y_train[:size]
        with self._tracing() as how:
            jax.eval_shape(step, epochs.state_described(self.spec), batch, dict(split.constants))
        return tuple(f"{layer}: {way}" for layer, way in how.items())

    # ------------------------------------------------------------ after training

    def _outcomes(self, block: _Block, state: State, history: np.ndarray, seconds: float) -> list[Outcome]:
        cost = {
            "parameters": float(parameters(self.spec.model)),
            "multiply_adds": float(forward_work(self.spec.model)),
            "seconds_per_epoch": seconds / max(1, history.shape[1]),
        }
        trained = {m: jax.tree.map(itemgetter(place), state) for place, m in enumerate(block.members)}
        lowering = self.lowering(block.splits[block.members[0]])
        outcomes = []
        for seed, rows, bad in zip(block.seeds, self._by_trial(history), self._diverged(history), strict=True):
            members = [member for member in block.members if member[0] == seed]
            found = folds.together(
                [
                    Fitted(
                        dict(zip(self.spec.columns, curves[: bad or None].T, strict=True)),
                        Evaluation({}) if bad else self._measure(trained[member], block, member),
                    )
                    for member, curves in zip(members, rows, strict=True)
                ]
            )
            outcomes.append(
                Outcome(
                    seed,
                    {column: np.asarray(curve) for column, curve in found.history.items()},
                    bad or None,
                    replace(found.evaluation, measures={**found.evaluation.measures, **cost}),
                    seconds,
                    tuple(block.seeds),
                    block.layout,
                    f"{len(self.devices)} × {self.devices[0].device_kind}",
                    lowering,
                    partial(self._save_model, trained[members[0]]),
                )
            )
        return outcomes

    def _measure(self, state: State, block: _Block, member: tuple[int, ...]) -> Evaluation:
        """What the experiment's ``evaluate`` says of a trained network, and the weights that it keeps."""
        split = block.splits[member]
        # one size for all folds and for whatever else is predicted, so that there is one program
        size = epochs.prediction_batch(block.tested)
        key = "predict", size
        asked = jax.device_put((state, dict(split.constants)), self.devices[0])

        def predict(x: np.ndarray) -> np.ndarray:
            parts = []
            for first in range(0, len(x), size):
                part = x[first : first + size]
                targets = np.zeros((size, *split.y_test.shape[1:]), split.y_test.dtype)
                arguments = (*asked, epochs.filled(part, size), targets)
                if key not in self._programs:
                    self._programs[key] = self._compile(epochs.predictor(self.spec), *arguments)
                parts.append(np.asarray(self._programs[key](*arguments))[: len(part)])
            return np.concatenate(parts)

        found = self.experiment.evaluate(predict, split, self.settings)
        if not isinstance(found, Evaluation):
            raise TypeError(
                f"evaluate of {self.experiment.id}: expected an Evaluation, received {type(found).__name__}"
            )
        if units := self.experiment.keeps_units:
            kernel = epochs.weights(self.spec, state.trainable)[0][..., :units]
            found = replace(found, arrays={**found.arrays, "first_kernels": kernel.reshape(-1, kernel.shape[-1]).T})
        return found

    def _save_model(self, state: State, path: Path) -> None:
        """The trained network, that of the first fold, as a plain Keras file."""
        model = self.spec.model
        variables = [*model.trainable_variables, *model.non_trainable_variables]
        values = [*epochs.weights(self.spec, state.trainable), *state.non_trainable]
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        model.save(path)
