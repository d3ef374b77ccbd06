"""A whole training step of the convolutional networks, with and without the fast CPU layers, a seed on every core.

    python benchmarks/conv_step.py [--vgg16] [--repetitions 7] [--json]

Many steps are one XLA program, as in training; milliseconds are per step of all seeds side by side, medians of
interleaved repetitions. ``--vgg16`` adds VGG16 on 32x32 images at batch 128: some minutes and 6 GB.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from interleaved import in_turn

from reensayo import hardware
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.training import allocator, device

allocator.keep_freed_memory()
DEVICES = device.setup()

import jax  # noqa: E402  after the devices are set
import jax.numpy as jnp  # noqa: E402
import keras  # noqa: E402

from reensayo.training import cpu_layers  # noqa: E402


@dataclass(frozen=True)
class Case:
    """A network, its batch, its optimizer, and how many steps make one timed program."""

    network: Callable[[], keras.Model]
    optimizer: Callable[[], keras.Optimizer]
    batch: int
    steps: int


def published(experiment: str) -> keras.Model:
    declared = ORIGINAL.experiments[experiment]
    return declared.network(declared.recipe("script").settings)


CASES = {
    "ex08.conv": Case(lambda: published("ex08.conv"), lambda: keras.optimizers.Adagrad(0.01), 64, 20),
    "vgg16": Case(lambda: published("ex10.vgg16-cifar10"), lambda: keras.optimizers.Adadelta(1.0), 128, 1),
}


@contextmanager
def _all_but_winograd(model: keras.Model) -> Iterator[None]:
    with cpu_layers.replaced(model, winograd=False):
        yield


ALGORITHMS: dict[str, Callable[[keras.Model], Any]] = {
    "plain": lambda model: nullcontext(),
    "no winograd": _all_but_winograd,
    "fast": cpu_layers.replaced,
}


def program(case: Case, layers_as: Callable[[keras.Model], Any]) -> Callable[[], Any]:
    """Compiled: `case.steps` training steps of one seed a core; returns the losses when called."""
    model, optimizer = case.network(), case.optimizer()
    optimizer.build(model.trainable_variables)
    loss_of = keras.losses.CategoricalCrossentropy()
    rng = np.random.default_rng(0)
    images = jnp.asarray(rng.integers(0, 256, (case.steps * case.batch, *model.input_shape[1:]), np.uint8))
    labels = jnp.asarray(rng.integers(0, 10, case.steps * case.batch))

    def step(state: Any, batch: Any) -> Any:
        trainable, frozen, slots = state
        x, y = images[batch].astype(jnp.float32) / 255, jax.nn.one_hot(labels[batch], 10)

        def loss(trainable: Any) -> Any:
            predicted, now = model.stateless_call(trainable, frozen, x, training=True)
            return loss_of(y, predicted), now

        (value, frozen), gradient = jax.value_and_grad(loss, has_aux=True)(trainable)
        trainable, slots = optimizer.stateless_apply(slots, gradient, trainable)
        return (trainable, frozen, slots), value

    def one_seed(state: Any, order: Any) -> Any:
        (state, losses) = jax.lax.scan(step, jax.tree.map(lambda a: a[0], state), order[0])
        return losses[None]

    seeds = len(DEVICES)
    variables = model.trainable_variables, model.non_trainable_variables, optimizer.variables
    state = jax.tree.map(lambda v: jnp.stack([v.value] * seeds), tuple(map(list, variables)))
    order = jnp.stack([jnp.arange(len(images)).reshape(case.steps, case.batch)] * seeds)
    mesh, seed = jax.sharding.Mesh(np.array(DEVICES), ("seeds",)), jax.sharding.PartitionSpec("seeds")
    sharded = jax.shard_map(one_seed, mesh=mesh, in_specs=seed, out_specs=seed)
    with layers_as(model):
        compiled = jax.jit(sharded).lower(state, order).compile()
    state, order = jax.device_put((state, order), jax.sharding.NamedSharding(mesh, seed))
    return lambda: jax.block_until_ready(compiled(state, order))


def measure(case: Case, repetitions: int) -> dict[str, float]:
    """Milliseconds per step with each, interleaved, and the ratio to the plain layers."""
    programs = {name: program(case, layers_as) for name, layers_as in ALGORITHMS.items()}
    seconds = in_turn(list(programs.values()), repetitions)
    found = {f"{name} ms": median(times) / case.steps * 1e3 for name, times in zip(programs, seconds, strict=True)}
    return found | {"ratio": found["plain ms"] / found["fast ms"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vgg16", action="store_true")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    names = ["ex08.conv", "vgg16"] if options.vgg16 else ["ex08.conv"]
    results = {name: measure(CASES[name], options.repetitions if name != "vgg16" else 3) for name in names}
    if options.json:
        about = {"processor": hardware.processor(), "cores": len(DEVICES), "jax": jax.__version__}
        print(json.dumps({**about, "results": results}, indent=1))
        return
    print(f"{'ms per step, ' + str(len(DEVICES)) + ' seeds':24}" + "".join(f"{key:>16}" for key in results[names[0]]))
    for name, found in results.items():
        print(
            f"{name + ', batch ' + str(CASES[name].batch):24}" + "".join(f"{value:16.2f}" for value in found.values())
        )


if __name__ == "__main__":
    main()
