"""Seeds side by side: a block of trials of one recipe, over the cores and on each core.

Small nets run as one batched program (``vmap``) on each core, large ones one after the other. Where a trial stands
in its block changes nothing but the last bits; a block that is run again, interrupted or not, gives the same bits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Literal

import jax
import keras
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from reensayo import randomness
from reensayo.spec import Experiment, Measured, Recipe, Split
from reensayo.store import Checkpoint
from reensayo.training import cpu_layers, epochs
from reensayo.training.epochs import Lane, Point, State

if TYPE_CHECKING:
    from reensayo.datasets import Raw

SMALL = 2e6
"""Multiply-adds of one training step's forward pass below which seeds are batched: a larger step fills a core alone."""
WINDOW_BYTES = 32 * 2**20
"""Memory that the orders of the epochs on the device may take."""
CALL_SECONDS = 1.0
"""How long one call of the compiled program should take: the pace of progress, never a choice of arithmetic."""
MOST_SEEDS = 32
"""Most seeds of a small net in one block."""


@dataclass(frozen=True)
class Layout:
    """How a block's seeds lie on the machine: ``devices`` cores with ``lanes`` seeds each."""

    devices: int
    lanes: int
    mode: Literal["batched", "in turn"]

    @property
    def width(self) -> int:
        return self.devices * self.lanes


def forward_work(model: keras.Model) -> int:
    """Multiply-adds of the kernels for one example: kernel size times the positions where it is applied."""
    return sum(
        prod(layer.kernel.shape) * prod(layer.output.shape[1:-1] if layer.output.ndim > 2 else ())
        for layer in epochs.layers_of(model)
        if hasattr(layer, "kernel")
    )


def block_width(model: keras.Model, batch_size: int, devices: int) -> int:
    """Most seeds in one block: many of a small net, one a core of a large one."""
    return MOST_SEEDS if forward_work(model) * batch_size < SMALL else devices


def layout(model: keras.Model, batch_size: int, seeds: int, devices: int) -> Layout:
    """The rule, by shape alone: spread over the cores first, then batch small nets and queue large ones."""
    used = min(devices, seeds)
    small = forward_work(model) * batch_size < SMALL
    return Layout(used, -(-seeds // used), "batched" if small else "in turn")


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
    layout: Layout
    lowering: tuple[str, ...]
    save_model: Callable[[Path], None]


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
        self.settings = self.recipe.settings
        started = time.perf_counter()
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
        plan = layout(self.learner.model, self.learner.batch_size, len(seeds), len(self.devices))
        lanes = [*seeds, *[seeds[-1]] * (plan.width - len(seeds))]  # the last seed fills what is left over
        splits = {seed: self.split(seed) for seed in seeds}
        place = _places(self.devices[: plan.devices])
        shared, own = _shared_and_own([epochs.arrays_of(splits[seed]) for seed in lanes])
        shared, own = jax.device_put(shared, place.everywhere), jax.device_put(own, place.by_lane)
        examples = len(splits[seeds[0]].x_train)
        total, full = self.settings.epochs, examples // self.learner.batch_size
        units = full + 1  # an epoch's full steps, and its end
        window = max(1, min(total, WINDOW_BYTES // (4 * examples * plan.width)))

        started = self._initial(lanes) if resume is None else self._resumed(resume, len(lanes))
        state = jax.device_put(started, place.by_lane)
        history = np.zeros((len(seeds), 0, len(self.learner.columns))) if resume is None else resume.history
        position = 0 if resume is None else resume.epoch * units + resume.step
        seconds = 0.0 if resume is None else resume.seconds
        calls, last_saved = 1, time.perf_counter()

        while position < total * units and not np.all(_diverged(history, self.learner.columns)):
            first = position // units
            count = min(window, total - first)
            lane = jax.device_put(self._window(state, own, lanes, first, window, examples), place.by_lane)
            done = history
            while position < (first + count) * units:
                start, end = position, min(position + calls, (first + count) * units)
                bounds = [Point(*map(np.int32, divmod(p - first * units, units))) for p in (start, end)]
                program = self._program(plan, lane, shared, bounds)
                clock = time.perf_counter()
                state, rows = jax.block_until_ready(program(lane, shared, *bounds))
                elapsed = time.perf_counter() - clock
                lane, position, seconds = lane._replace(state=state, rows=rows), end, seconds + elapsed
                epoch, step = divmod(position, units)
                history = np.concatenate([done, np.asarray(rows, float)[: len(seeds), : epoch - first]], axis=1)
                watch(Progress(epoch, position / (total * units), self._latest(history)))
                interrupted = stop is not None and stop.is_set()
                if interrupted or time.perf_counter() - last_saved + elapsed > checkpoint_seconds:
                    leaves = [np.asarray(leaf)[: len(seeds)] for leaf in jax.tree.leaves(state)]
                    save(Checkpoint(epoch, step, history, leaves, seconds))
                    last_saved = time.perf_counter()
                if interrupted:
                    raise KeyboardInterrupt
                pace = min(CALL_SECONDS, checkpoint_seconds / 4) / max(elapsed, 1e-4)
                calls = max(1, int(calls * min(8.0, pace)))
        return self._outcomes(seeds, splits, jax.tree.map(np.asarray, state), history, seconds / len(seeds), plan)

    # ------------------------------------------------------------ state and windows

    def _initial(self, lanes: Sequence[int]) -> State:
        drawn = {seed: epochs.initial_state(self.learner, seed) for seed in dict.fromkeys(lanes)}
        return jax.tree.map(lambda *leaves: np.stack(leaves), *[drawn[seed] for seed in lanes])

    def _resumed(self, checkpoint: Checkpoint, lanes: int) -> State:
        structure = jax.tree.structure(epochs.initial_state(self.learner, 0))
        padded = [leaf[np.minimum(np.arange(lanes), len(leaf) - 1)] for leaf in checkpoint.state]
        return jax.tree.unflatten(structure, padded)

    def _window(
        self, state: State, own: dict[str, Any], lanes: Sequence[int], first: int, count: int, examples: int
    ) -> Lane:
        """The block's lanes with the random streams of ``count`` epochs from ``first``."""
        numbers = range(first, first + count)
        streams = {
            seed: (
                np.stack([randomness.order(seed, epoch, examples) for epoch in numbers]),
                np.stack([epochs.dropout_keys(self.learner, seed, epoch) for epoch in numbers]),
            )
            for seed in dict.fromkeys(lanes)
        }
        orders, dropout = (np.stack(parts) for parts in zip(*[streams[seed] for seed in lanes], strict=True))
        rows = np.zeros((len(lanes), count, len(self.learner.columns)), keras.config.floatx())
        return Lane(state, rows, own, orders, dropout)

    def _latest(self, history: np.ndarray) -> dict[str, np.ndarray]:
        last = history[:, -1] if history.shape[1] else np.full(history[:, 0:1].shape[::2], np.nan)
        return dict(zip(self.learner.columns, last.T, strict=False))

    # ------------------------------------------------------------ compiled programs

    def _program(self, plan: Layout, lane: Lane, shared: dict[str, Any], bounds: Sequence[Point]) -> Any:
        if plan not in self._programs:

            def block(lane: Lane, shared: dict[str, Any], start: Point, stop: Point) -> Any:
                def one(lane: Lane) -> tuple[State, Any]:
                    return epochs.advance(self.learner, lane, shared, start, stop)

                return jax.vmap(one)(lane) if plan.mode == "batched" else jax.lax.map(one, lane)

            if plan.devices > 1:
                by_lane, everywhere = PartitionSpec("seeds"), PartitionSpec()
                block = jax.shard_map(
                    block,
                    mesh=_places(self.devices[: plan.devices]).by_lane.mesh,
                    in_specs=(by_lane, everywhere, everywhere, everywhere),
                    out_specs=by_lane,
                    check_vma=False,
                )
            self._programs[plan] = self._compile(block, lane, shared, *bounds)
        return self._programs[plan]

    def _compile(self, function: Callable[..., Any], *arguments: Any) -> Any:
        started = time.perf_counter()
        with cpu_layers.replaced(self.learner.model, winograd=self.winograd) if self.fast_layers else nullcontext():
            compiled = jax.jit(function).lower(*arguments).compile()
        self.compile_seconds += time.perf_counter() - started
        return compiled

    # ------------------------------------------------------------ after training

    def _outcomes(
        self,
        seeds: Sequence[int],
        splits: Mapping[int, Split],
        state: State,
        history: np.ndarray,
        seconds: float,
        plan: Layout,
    ) -> list[Outcome]:
        first_bad = _diverged(history, self.learner.columns)
        cost = {
            "parameters": float(sum(prod(v.shape) for v in self.learner.model.trainable_variables)),
            "seconds_per_epoch": seconds / max(1, history.shape[1]),
        }
        outcomes = []
        for lane, (seed, bad) in enumerate(zip(seeds, first_bad, strict=True)):
            mine: State = jax.tree.map(lambda leaf, lane=lane: leaf[lane], state)
            rows = history[lane, : bad or None]
            found = Measured({})
            if not bad:
                predict = self._predict(mine, splits[seed])
                found = self.experiment.evaluate(predict, splits[seed], self.settings)
            outcomes.append(
                Outcome(
                    seed,
                    dict(zip(self.learner.columns, rows.T, strict=True)),
                    bad or None,
                    Measured({**found.measures, **cost}, found.arrays),
                    seconds,
                    plan,
                    tuple(cpu_layers.describe(self.learner.model, self.learner.batch_size)) if self.fast_layers else (),
                    lambda path, mine=mine: self._save_model(mine, path),
                )
            )
        return outcomes

    def _predict(self, state: State, split: Split) -> Callable[[np.ndarray], np.ndarray]:
        """Outputs for any number of raw examples, in batches of one size so that one program serves them all."""
        size = epochs.VALIDATION_BATCH

        def predict(x: np.ndarray) -> np.ndarray:
            parts = []
            for first in range(0, len(x), size):
                part = x[first : first + size]
                filled = np.concatenate([part, np.repeat(part[-1:], size - len(part), axis=0)])
                targets = np.zeros((size, *split.y_test.shape[1:]), split.y_test.dtype)
                arguments = (state, dict(split.constants), filled, targets)
                if "predict" not in self._programs:
                    self._programs["predict"] = self._compile(epochs.predictor(self.learner), *arguments)
                parts.append(np.asarray(self._programs["predict"](*arguments))[: len(part)])
            return np.concatenate(parts)

        return predict

    def _save_model(self, state: State, path: Path) -> None:
        for variable, value in zip(self.learner.model.trainable_variables, state.trainable, strict=True):
            variable.assign(value)
        for variable, value in zip(self.learner.model.non_trainable_variables, state.non_trainable, strict=True):
            variable.assign(value)
        self.learner.model.save(path)


def _diverged(history: np.ndarray, columns: Sequence[str]) -> list[int]:
    """For each seed the first epoch (from 1) whose loss is NaN or infinite, 0 where there is none."""
    losses = history[:, :, [i for i, name in enumerate(columns) if name in ("loss", "val_loss")]]
    bad = ~np.isfinite(losses).all(axis=2)
    return [int(row.argmax()) + 1 if row.any() else 0 for row in bad]


# ---------------------------------------------------------------- arrays on devices


@dataclass(frozen=True)
class _Places:
    by_lane: NamedSharding | jax.Device
    everywhere: NamedSharding | jax.Device


def _places(devices: Sequence[jax.Device]) -> _Places:
    """Where arrays lie: lanes spread over the devices, shared arrays on each of them."""
    if len(devices) == 1:
        return _Places(devices[0], devices[0])
    mesh = Mesh(np.array(devices), ("seeds",))
    return _Places(NamedSharding(mesh, PartitionSpec("seeds")), NamedSharding(mesh, PartitionSpec()))


def _shared_and_own(
    lanes: Sequence[Mapping[str, np.ndarray]],
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Arrays that are the same memory or the same number in every lane, once; the others stacked, lanes first."""
    shared, own = {}, {}
    for name, first in lanes[0].items():
        arrays = [lane[name] for lane in lanes]
        if all(_same(first, array) for array in arrays):
            shared[name] = first
        else:
            own[name] = np.stack(arrays)
    return shared, own


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    same_memory = a.__array_interface__ == b.__array_interface__
    return same_memory or (a.size == 1 and a.dtype == b.dtype and np.array_equal(a, b))
