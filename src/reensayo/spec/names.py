"""What metrics and measures are called where people read of them; commands and JSON keep Keras's names."""

from __future__ import annotations

import math

from reensayo.text import Text

Bounds = tuple[float, float]
"""The least and the most that a quantity can be, both possible."""

ANYWHERE: Bounds = (-math.inf, math.inf)
SHARE: Bounds = (0.0, 1.0)
NEVER_NEGATIVE: Bounds = (0.0, math.inf)

METRICS: dict[str, Text] = {
    "loss": Text(es="costo", en="loss"),
    "mean_squared_error": Text(es="error cuadrático medio", en="mean squared error"),
    "binary_accuracy": Text(es="exactitud binaria", en="binary accuracy"),
    "categorical_accuracy": Text(es="exactitud categórica", en="categorical accuracy"),
    "r2_score": Text(es="coeficiente de determinación R²", en="coefficient of determination R²"),
    "squared_correlation": Text(es="correlación al cuadrado r²", en="squared correlation r²"),
    "roc_auc": Text(es="área bajo la curva ROC", en="area under the ROC curve"),
    "largest_error": Text(es="mayor error", en="largest error"),
    "within_a_tenth": Text(es="salidas a menos de 0,1 de su objetivo", en="outputs within 0.1 of their target"),
    "mse_0.25": Text(es="error cuadrático medio con ruido de 0,25", en="mean squared error with noise of 0.25"),
    "mse_0.5": Text(es="error cuadrático medio con ruido de 0,5", en="mean squared error with noise of 0.5"),
    "psnr_0.25": Text(es="PSNR en dB con ruido de 0,25", en="PSNR in dB with noise of 0.25"),
    "psnr_0.5": Text(es="PSNR en dB con ruido de 0,5", en="PSNR in dB with noise of 0.5"),
}
"""Each of them on the training data, ``val_`` on the validation data, ``test_`` on the test data."""

COSTS: dict[str, Text] = {
    "parameters": Text(es="parámetros entrenables", en="trainable parameters"),
    "multiply_adds": Text(es="multiplicaciones y sumas por cada ejemplo", en="multiply-adds per example"),
    "seconds_per_epoch": Text(es="segundos por época", en="seconds per epoch"),
}
"""Measures that are no sample over seeds: counts, and a time that a block's seeds share."""

OTHERS: dict[str, Text] = {
    "psnr_above_noisy": Text(es="dB sobre la imagen ruidosa", en="dB above the noisy image"),
    "psnr_above_mean": Text(es="dB sobre la media de los dígitos", en="dB above the mean of the digits"),
    "psnr_above_median": Text(es="dB sobre el filtro de mediana", en="dB above the median filter"),
    "lyapunov_exponent": Text(es="exponente de Lyapunov", en="Lyapunov exponent"),
}

BOUNDS: dict[str, Bounds] = {
    "loss": NEVER_NEGATIVE,
    "mean_squared_error": NEVER_NEGATIVE,
    "binary_accuracy": SHARE,
    "categorical_accuracy": SHARE,
    "r2_score": (-math.inf, 1.0),
    "squared_correlation": SHARE,
    "roc_auc": SHARE,
    "largest_error": NEVER_NEGATIVE,
    "within_a_tenth": SHARE,
    "mse_0.25": NEVER_NEGATIVE,
    "mse_0.5": NEVER_NEGATIVE,
    **dict.fromkeys(COSTS, NEVER_NEGATIVE),
}
"""Within what those of them stay that cannot be just any number."""

DATA = {
    "val_": Text(es="{metric} en validación", en="{metric} in validation"),
    "test_": Text(es="{metric} en prueba", en="{metric} in test"),
    "": Text(es="{metric} en entrenamiento", en="{metric} in training"),
}


def called(name: str) -> Text:
    """The words for a metric of a history or for what ``evaluate`` measured; the name itself where it has none."""
    part = _data(name)
    if metric := METRICS.get(name.removeprefix(part)):
        return DATA[part].format(metric=metric)
    return {**COSTS, **OTHERS}.get(name, Text(es=name, en=name))


def bounds(name: str) -> Bounds:
    """Within what a metric of a history, or what ``evaluate`` measured, always is."""
    return BOUNDS.get(name.removeprefix(_data(name)), ANYWHERE)


def bounds_of_difference(of_one: Bounds) -> Bounds:
    """Within what two such quantities differ: accuracies by -1 to 1, losses by anything."""
    low, high = of_one
    return low - high, high - low


def _data(name: str) -> str:
    """The data that a name says it was measured on: its prefix."""
    return next(part for part in DATA if name.startswith(part))
