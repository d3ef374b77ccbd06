"""Seeds side by side: a block of trials of one recipe, trained, interrupted, resumed and measured.

Where a trial stands in its block changes nothing but the last bits; a block that is run again, interrupted or not,
gives the same bits.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import jax
import keras
import numpy as np

from reensayo import randomness
from reensayo.spec import Experiment, Measured, Recipe, Split
from reensayo.store import Checkpoint
from reensayo.training import cpu_layers, epochs
from reensayo.training.epochs import Lane, Point, State
from reensayo.training.layout import (
    EVERYWHERE,
    LANES,
    Layout,
    Places,
    block_width,
    compiler_options,
    layout,
    mesh,
    places,
    shared_and_own,
)

if TYPE_CHECKING:
    from reensayo.datasets import Raw

WINDOW_BYTES = 32 * 2**20
"""Memory that the orders of the epochs on the device may take."""
CALL_SECONDS = 1.0
"""How long one call of the compiled program should take: the pace of progress, never a choice of arithmetic."""


@dataclass(frozen=True)
class Progress:
    """Where a block is: ``epoch`` epochs are finished; ``latest`` is the last history row of every seed."""

    epoch: int
    fraction: float
    latest: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Outcome:
    """What one trial gave. ``history`` ends at the epoch of divergence (counted from 1) where there is one."""

    seed: int
    history: dict[str, np.ndarray]
    diverged: int | None
    measured: Measured
    seconds: float
    block: tuple[int, ...]
    layout: Layout
    devices: str  # how many of what JAX trained it on
    lowering: tuple[str, ...]
    save_model: Callable[[Path], None]


@dataclass(frozen=True)
class _Block:
    """The seeds of a block with their data on the devices."""

    seeds: Sequence[int]
    lanes: Sequence[int]  # the seeds, the last one repeated to fill every core
    splits: Mapping[int, Split]
    layout: Layout
    places: Places
    shared: dict[str, Any]
    own: dict[str, Any]

    @property
    def examples(self) -> int:
        return len(self.splits[self.seeds[0]].x_train)


@dataclass
class Trainer:
    """One recipe made ready for this machine; what is compiled for one block serves the next of the same width."""

    experiment: Experiment
    recipe: Recipe
    raw: Raw | None
    devices: Sequence[jax.Device]
    fast_layers: bool = True
    winograd: bool = True
    compile_seconds: float = 0.0
    _programs: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        started = time.perf_counter()
        self.settings = self.recipe.settings
        self.fast_layers = self.fast_layers and self.devices[0].platform == "cpu"
        self.learner = epochs.build(self.experiment, self.settings, len(self.split(0).x_train))
        self.compile_seconds += time.perf_counter() - started

    @property
    def width(self) -> int:
        """Most seeds of this recipe in one block."""
        return block_width(self.learner.model, self.learner.batch_size, len(self.devices))

    def split(self, seed: int) -> Split:
        """The arrays of one seed."""
        return self.experiment.prepare(self.raw, self.settings, randomness.generator(seed, "data"))

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
        here = resume or self._start(block)
        state = jax.device_put(self._state(here, block), block.places.by_lane)
        units = self.learner.steps(block.examples) + 1  # an epoch's steps, and its end
        last, window = self.settings.epochs * units, self._window_length(block)
        pace, saved = 1, time.perf_counter()

        position, history, seconds = here.epoch * units + here.step, here.history, here.seconds
        while position < last and not all(_diverged(history, self.learner.columns)):
            first = position // units  # epoch where the window begins
            before, end = history, min(last, (first + window) * units)
            lane = self._lane(block, state, range(first, first + window))
            while position < end and not all(_diverged(history, self.learner.columns)):
                bounds = [
                    Point(*_int32(divmod(p - first * units, units))) for p in (position, min(position + pace, end))
                ]
                program = self._program(block.layout, lane, block.shared, bounds)
                clock = time.perf_counter()
                state, rows = _ready(program(lane, block.shared, *bounds))
                elapsed = time.perf_counter() - clock

                lane = lane._replace(state=state, rows=rows)
                position, seconds = min(position + pace, end), seconds + elapsed
                epoch, step = divmod(position, units)
                history = np.concatenate([before, np.asarray(rows, float)[: len(seeds), : epoch - first]], axis=1)
                watch(Progress(epoch, position / last, self._latest(history)))
                interrupted = stop is not None and stop.is_set()
                if interrupted or time.perf_counter() - saved + elapsed > checkpoint_seconds:
                    leaves = [np.asarray(leaf)[: len(seeds)] for leaf in jax.tree.leaves(state)]
                    save(Checkpoint(epoch, step, history, leaves, seconds))
                    saved = time.perf_counter()
                if interrupted:
                    raise KeyboardInterrupt
                aim = min(CALL_SECONDS, checkpoint_seconds / 4)
                pace = max(1, int(pace * min(8.0, aim / max(elapsed, 1e-4))))
        return self._outcomes(block, jax.tree.map(np.asarray, state), history, seconds / len(seeds))

    # ------------------------------------------------------------ the block and its state

    def _block(self, seeds: Sequence[int]) -> _Block:
        plan = layout(self.learner.model, self.learner.batch_size, len(seeds), len(self.devices))
        lanes = [*seeds, *[seeds[-1]] * (plan.width - len(seeds))]
        splits = {seed: self.split(seed) for seed in seeds}
        where = places(self.devices[: plan.devices])
        shared, own = shared_and_own([epochs.arrays_of(splits[seed]) for seed in lanes])
        on_devices = jax.device_put(shared, where.everywhere), jax.device_put(own, where.by_lane)
        return _Block(seeds, lanes, splits, plan, where, *on_devices)

    def _start(self, block: _Block) -> Checkpoint:
        """The block before its first step, each seed with its own weights."""
        states = [jax.tree.leaves(epochs.initial_state(self.learner, seed)) for seed in block.seeds]
        leaves = [np.stack(values) for values in zip(*states, strict=True)]
        return Checkpoint(0, 0, np.zeros((len(block.seeds), 0, len(self.learner.columns))), leaves, 0.0)

    def _state(self, checkpoint: Checkpoint, block: _Block) -> State:
        rows = [block.seeds.index(seed) for seed in block.lanes]
        state: State = jax.tree.unflatten(
            epochs.state_structure(self.learner), [leaf[rows] for leaf in checkpoint.state]
        )
        return state

    def _window_length(self, block: _Block) -> int:
        """How many epochs have their orders on the devices at a time."""
        fit = WINDOW_BYTES // (4 * block.examples * len(block.lanes))
        return int(max(1, min(self.settings.epochs, fit)))

    def _lane(self, block: _Block, state: State, numbers: range) -> Lane:
        """The block's lanes with the random streams of these epochs."""
        orders = [[self._order(seed, epoch, block.examples) for epoch in numbers] for seed in block.lanes]
        dropout = [[epochs.dropout_keys(self.learner, seed, epoch) for epoch in numbers] for seed in block.lanes]
        rows = np.zeros((len(block.lanes), len(numbers), len(self.learner.columns)), keras.config.floatx())
        lane: Lane = jax.device_put(
            Lane(state, rows, block.own, np.array(orders), np.array(dropout)), block.places.by_lane
        )
        return lane

    def _order(self, seed: int, epoch: int, examples: int) -> np.ndarray:
        """The epoch's order, filled up to whole batches."""
        return np.pad(randomness.order(seed, epoch, examples), (0, -examples % self.learner.batch_size))

    def _latest(self, history: np.ndarray) -> dict[str, np.ndarray]:
        last = history[:, -1] if history.shape[1] else np.full(history.shape[::2], np.nan)
        return dict(zip(self.learner.columns, last.T, strict=True))

    # ------------------------------------------------------------ compiled programs

    def _program(self, plan: Layout, lane: Lane, shared: dict[str, Any], bounds: Sequence[Point]) -> Any:
        if plan not in self._programs:

            def lanes_of_a_device(lane: Lane, shared: dict[str, Any], start: Point, stop: Point) -> Any:
                def one(lane: Lane) -> tuple[State, Any]:
                    return epochs.advance(self.learner, lane, shared, start, stop)

                return jax.vmap(one)(lane) if plan.mode == "batched" else jax.lax.map(one, lane)

            program: Callable[..., Any] = lanes_of_a_device
            if plan.devices > 1:
                program = jax.shard_map(
                    lanes_of_a_device,
                    mesh=mesh(self.devices[: plan.devices]),
                    in_specs=(LANES, EVERYWHERE, EVERYWHERE, EVERYWHERE),
                    out_specs=LANES,
                    check_vma=False,
                )
            self._programs[plan] = self._compile(program, lane, shared, *bounds)
        return self._programs[plan]

    def _compile(self, function: Callable[..., Any], *arguments: Any) -> Any:
        started = time.perf_counter()
        fast = cpu_layers.replaced(self.learner.model, winograd=self.winograd) if self.fast_layers else nullcontext()
        with fast, warnings.catch_warnings():
            # a demonstration trains under this loss, knowing it
            warnings.filterwarnings("ignore", "In loss categorical_crossentropy", SyntaxWarning)
            traced = jax.jit(function).lower(*arguments)
        learner, platform = self.learner, self.devices[0].platform
        compiled = traced.compile(compiler_options(learner.model, learner.batch_size, platform))
        self.compile_seconds += time.perf_counter() - started
        return compiled

    # ------------------------------------------------------------ after training

    def _outcomes(self, block: _Block, state: State, history: np.ndarray, seconds: float) -> list[Outcome]:
        cost = {
            "parameters": float(sum(prod(v.shape) for v in self.learner.model.trainable_variables)),
            "seconds_per_epoch": seconds / max(1, history.shape[1]),
        }
        lowering: Sequence[str] = ()
        if self.fast_layers:
            lowering = cpu_layers.describe(self.learner.model, self.learner.batch_size, winograd=self.winograd)
        outcomes = []
        for lane, (seed, bad) in enumerate(zip(block.seeds, _diverged(history, self.learner.columns), strict=True)):
            mine = _lane_of(state, lane)
            found = Measured({}) if bad else self._measure(mine, block.splits[seed])
            rows = history[lane, : bad or None]
            outcomes.append(
                Outcome(
                    seed,
                    dict(zip(self.learner.columns, rows.T, strict=True)),
                    bad or None,
                    Measured({**found.measures, **cost}, found.arrays),
                    seconds,
                    tuple(block.seeds),
                    block.layout,
                    f"{len(self.devices)} × {self.devices[0].device_kind}",
                    tuple(lowering),
                    lambda path, mine=mine: self._save_model(mine, path),  # type: ignore[misc]
                )
            )
        return outcomes

    def _measure(self, state: State, split: Split) -> Measured:
        """What the experiment's ``evaluate`` says of a trained net."""
        size = epochs.VALIDATION_BATCH  # one size, so that one program serves any number of examples
        state, constants = jax.device_put((state, dict(split.constants)), self.devices[0])

        def predict(x: np.ndarray) -> np.ndarray:
            parts = []
            for first in range(0, len(x), size):
                part = x[first : first + size]
                filled = np.concatenate([part, np.repeat(part[-1:], size - len(part), axis=0)])
                targets = np.zeros((size, *split.y_test.shape[1:]), split.y_test.dtype)
                arguments = (state, constants, filled, targets)
                if "predict" not in self._programs:
                    self._programs["predict"] = self._compile(epochs.predictor(self.learner), *arguments)
                parts.append(np.asarray(self._programs["predict"](*arguments))[: len(part)])
            return np.concatenate(parts)

        return self.experiment.evaluate(predict, split, self.settings)

    def _save_model(self, state: State, path: Path) -> None:
        """The trained net as a plain Keras file."""
        model = self.learner.model
        for variables, values in (
            (model.trainable_variables, state.trainable),
            (model.non_trainable_variables, state.non_trainable),
        ):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        model.save(path)


def _diverged(history: np.ndarray, columns: Sequence[str]) -> list[int]:
    """For each seed the first epoch (from 1) whose loss is NaN or infinite, 0 where there is none."""
    losses = history[:, :, [i for i, name in enumerate(columns) if name in ("loss", "val_loss")]]
    bad = ~np.isfinite(losses).all(axis=2)
    return [int(row.argmax()) + 1 if row.any() else 0 for row in bad]


def _lane_of(state: State, lane: int) -> State:
    mine: State = jax.tree.map(lambda leaf: leaf[lane], state)
    return mine


def _ready(outcome: Any) -> Any:
    """Wait for the devices."""
    wait: Callable[[Any], Any] = jax.block_until_ready
    return wait(outcome)


def _int32(numbers: Sequence[int]) -> list[Any]:
    return [np.int32(number) for number in numbers]
