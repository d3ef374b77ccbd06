"""The engine against plain Keras in double precision, which holds for a whole process: hence a program.

It takes the names of recipes, a JSON list a line, and prints how far each is from Keras, an object a line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engines import UNDROPPED, History, declared, deviation, fold_of, is_costly, small, trainer
from plain_keras import keras_history
from reensayo.export import network_source
from reensayo.training import device


def use_float64() -> None:
    """From here on, in Keras and the engine."""
    devices = device.setup()
    import jax
    import keras

    jax.config.update("jax_enable_x64", True)
    assert devices
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    # Keras would normalise, and take means, in single precision
    keras.src.backend.common.dtypes.BIT64_TO_BIT32_DTYPE.pop("float64")


def deviations(names: Sequence[str]) -> dict[str, dict[str, float]]:
    """How far each way to compute a network's layers is from Keras over three epochs without dropout, by recipe."""

    def far(engine: Any, expected: Mapping[int, History]) -> float:
        (outcome,) = engine.train([0])
        return max(deviation(fold_of(outcome, fold), history) for fold, history in expected.items())

    found: dict[str, dict[str, float]] = {}
    transformed = set()
    for name in names:
        chosen = declared(name)
        case = small(chosen, epochs=3, **UNDROPPED)
        plain = trainer(case, fast_layers=False)
        expected = {fold: keras_history(case, plain, 0, fold) for fold in {0, plain.folds - 1}}  # of either size
        ways = found.setdefault(name, {})
        network = network_source(plain.spec.model)
        with compiled_well(unless=is_costly(chosen)):
            with winograd_in_float64():
                fast = trainer(case, winograd=False)
                lowering = trainer(case, winograd=True).lowering(fast.splits(0)[0])
                # once a network: where an image is zero, rounding puts what a rectifier gets on either side of its kink
                if any(" F(" in way for way in lowering) and network not in transformed:
                    transformed.add(network)
                    ways["winograd"] = far(trainer(case, winograd=True), expected)
            if lowering and not is_costly(chosen):
                ways["fast"] = far(fast, expected)
            if not lowering or chosen[0].id == "ex08.conv":
                ways["plain"] = far(plain, expected)
    return found


@contextmanager
def compiled_well(unless: bool) -> Iterator[None]:
    """As for a long training; costly nets take longer to compile well than to run."""
    from reensayo.training import layout

    with pytest.MonkeyPatch.context() as patch:
        if not unless:
            patch.setattr(layout, "FEW_STEPS", 0)
        yield


@contextmanager
def winograd_in_float64() -> Iterator[None]:
    """Winograd's algorithm in double precision, which the engine otherwise leaves to XLA."""
    from reensayo.training import convolution

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution, "np", SimpleNamespace(**{**vars(np), "float32": np.float64}))
        yield


if __name__ == "__main__":
    use_float64()
    for line in sys.stdin:
        print(json.dumps(deviations(json.loads(line))), flush=True)
