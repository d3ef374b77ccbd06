"""Plain Keras, as the script that ``export`` prints has it: the yardstick of the engine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from engines import VALIDATION, History
from reensayo import folds, randomness
from reensayo.export import as_script
from reensayo.selection import Chosen
from reensayo.spec import Split


def compiled(chosen: Chosen, train: tuple[np.ndarray, np.ndarray]) -> Any:
    """The exported script's network, compiled by the script's own lines."""
    return prepared(chosen, train)["model"]


def prepared(chosen: Chosen, train: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    """The names that the exported script has before ``fit``: ``model``, and ``after`` where it measures each epoch."""
    script = as_script(*chosen)
    names: dict[str, Any] = {"__name__": "exported"}
    exec(script, names)
    with nothing_drawn():
        names |= {"train": train, "model": names["network"]()}
    lines = re.findall(r"^ +(?:steps =|loss =|optimizer =|model\.compile\(|after =).*\n", script, re.MULTILINE)
    exec(dedent("".join(lines)), names)
    return names


@contextmanager
def nothing_drawn() -> Iterator[None]:
    """Weights begin as zeros: they are replaced anyway, and to draw them JAX compiles a program for every shape."""
    from keras import initializers

    def zeros(_: Any, shape: Sequence[int], dtype: str) -> np.ndarray:
        return np.zeros(shape, dtype)

    with pytest.MonkeyPatch.context() as patch:
        for initializer in (initializers.VarianceScaling, initializers.RandomUniform, initializers.RandomNormal):
            patch.setattr(initializer, "__call__", zeros)
        yield


def encoded(engine: Any, split: Split) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Training and validation data as the network sees them.

    Compiled as in the engine, since XLA multiplies where NumPy divides.
    """
    import jax
    from keras.ops import convert_to_numpy

    encode = jax.jit(lambda x, y: engine.spec.encode(x, y, dict(split.constants)))
    train, validation = (
        tuple(map(convert_to_numpy, encode(*part)))
        for part in ((split.x_train, split.y_train), (split.x_val, split.y_val))
    )
    return train, validation


def with_weights(model: Any, weights: Any) -> Any:
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    return model


def initial(learner: Any, seed: int, *fold: int) -> Any:
    """The engine's initial weights, in the model's shapes."""
    from reensayo.training import epochs

    return epochs.weights(learner, epochs.initial_state(learner, seed, *fold).trainable)


def keras_history(chosen: Chosen, engine: Any, seed: int, fold: int = 0) -> History:
    """Plain Keras from the engine's initial weights, in the engine's order."""
    (x, y), validation = encoded(engine, engine.splits(seed)[fold])
    key = folds.keys(engine.folds)[fold]
    names = prepared(chosen, (x, y))
    model = with_weights(names["model"], initial(engine.spec, seed, *key))
    s = chosen[1].settings
    rows: dict[str, list[float]] = {}
    for epoch in range(s.epochs):
        order = randomness.order(seed, epoch, len(x), *key)
        run = model.fit(
            x[order],
            y[order],
            batch_size=s.batch_size,
            shuffle=False,
            validation_data=validation,
            validation_batch_size=VALIDATION,  # a mean over all of them whatever the batches, compiled once
            callbacks=[names["after"]] if "after" in names else [],
            verbose=0,
        )
        for metric, values in run.history.items():
            rows.setdefault(metric, []).extend(values)
    return {metric: np.array(values) for metric, values in rows.items()}
