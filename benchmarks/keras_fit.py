"""Plain Keras `fit` on an exported script's data and network, timed. Runs wherever Keras does; reensayo not needed.

    python benchmarks/keras_fit.py SPEC.json      # written by speed.py; KERAS_BACKEND names the backend

Prints JSON: seconds of each fit (model built and compiled anew, as a user's loop over seeds does), seconds of each
epoch, peak memory of the process in bytes.
"""

from __future__ import annotations

import importlib.util
import json
import resource
import sys
import time
from pathlib import Path

import keras


class EpochClock(keras.callbacks.Callback):
    """Seconds of each epoch, validation included."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.seconds.append(time.perf_counter() - self.started)


def main(spec: dict) -> dict:
    module = importlib.util.module_from_spec(found := importlib.util.spec_from_file_location("script", spec["script"]))
    found.loader.exec_module(module)
    keras.ops.add(1.0, 1.0)  # a backend may put imports off until its first operation
    train, validation = module.data(spec["data"]) if spec["data"] else module.data()
    fits, epochs = [], []
    for seed in range(spec["seeds"]):
        keras.utils.set_random_seed(seed)
        clock, started = EpochClock(), time.perf_counter()
        model = module.network()
        model.compile(
            getattr(keras.optimizers, spec["optimizer"])(spec["learning_rate"]),
            getattr(keras.losses, spec["loss"])(**spec["loss_options"]),
            metrics=[getattr(keras.metrics, name)() for name in spec["metrics"]],  # a function is left out
        )
        options = {"batch_size": spec["batch_size"], "epochs": spec["epochs"], "verbose": 0}
        model.fit(*train, validation_data=validation, callbacks=[clock], **options)
        fits.append(time.perf_counter() - started)
        epochs.append(clock.seconds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"fits": fits, "epochs": epochs, "peak": peak, "backend": keras.backend.backend()}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(Path(sys.argv[1]).read_text()))))
