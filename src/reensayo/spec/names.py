"""What metrics are called where people read of them, and their bounds; commands and JSON keep Keras's names."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from reensayo.text import Text

Bounds = tuple[float, float]
"""The least and the most that a metric can be, both possible."""

ANYWHERE: Bounds = (-math.inf, math.inf)
SHARE: Bounds = (0.0, 1.0)
NEVER_NEGATIVE: Bounds = (0.0, math.inf)


class Named(NamedTuple):
    """A metric's words, and within what it always is."""

    words: Text
    bounds: Bounds = ANYWHERE


Naming = Callable[[str], Named]
"""Name of a metric -> what it is called; an original's is ``original.named``."""

COSTS: Mapping[str, Named] = {
    "parameters": Named(Text(es="parámetros entrenables", en="trainable parameters"), NEVER_NEGATIVE),
    "multiply_adds": Named(
        Text(es="multiplicaciones y sumas por cada ejemplo", en="multiply-adds per example"), NEVER_NEGATIVE
    ),
    "seconds_per_epoch": Named(Text(es="segundos por época", en="seconds per epoch"), NEVER_NEGATIVE),
}
"""What is no sample over seeds: counts, and a time that a block's seeds share."""

METRICS: Mapping[str, Named] = {
    "loss": Named(Text(es="costo", en="loss"), NEVER_NEGATIVE),
    "mean_squared_error": Named(Text(es="error cuadrático medio", en="mean squared error"), NEVER_NEGATIVE),
    "mean_absolute_error": Named(Text(es="error absoluto medio", en="mean absolute error"), NEVER_NEGATIVE),
    "binary_accuracy": Named(Text(es="exactitud binaria", en="binary accuracy"), SHARE),
    "categorical_accuracy": Named(Text(es="exactitud categórica", en="categorical accuracy"), SHARE),
    "r2_score": Named(
        Text(es="coeficiente de determinación R²", en="coefficient of determination R²"), (-math.inf, 1.0)
    ),
    "squared_correlation": Named(Text(es="correlación al cuadrado r²", en="squared correlation r²"), SHARE),
    "roc_auc": Named(Text(es="área bajo la curva ROC", en="area under the ROC curve"), SHARE),
}
"""Each on the training data, with a prefix as in ``DATA``."""

DATA = {
    "val_": Text(es="{metric} en validación", en="{metric} in validation"),
    "inference_": Text(es="{metric} en entrenamiento, modo inferencia", en="{metric} in training, inference mode"),
    "test_": Text(es="{metric} en prueba", en="{metric} in test"),
    "": Text(es="{metric} en entrenamiento", en="{metric} in training"),
}

LOSSES = "loss", "val_loss", "inference_loss"
"""The columns of a history with the loss: what recipes that are trained by different losses do not have in common."""


def named(name: str, own: Mapping[str, Named]) -> Named:
    """What a metric of a history, or what ``evaluate`` measured, is called; by its name itself where it has no words.

    ``own`` are an original's: with a prefix's name there as it is, without it also on other data.
    """
    if found := {**COSTS, **own}.get(name):
        return found
    prefix = next(part for part in DATA if name.startswith(part))
    if found := {**METRICS, **own}.get(name.removeprefix(prefix)):
        return found._replace(words=DATA[prefix].format(metric=found.words))
    return Named(Text(es=name, en=name))


def bounds_of_difference(of_one: Bounds) -> Bounds:
    """Within what two such metrics differ: accuracies by -1 to 1, losses by anything."""
    low, high = of_one
    return low - high, high - low
