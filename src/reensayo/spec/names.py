"""What metrics and measures are called where people read of them; commands and JSON keep Keras's names."""

from __future__ import annotations

from reensayo.text import Text

METRICS: dict[str, Text] = {
    "loss": Text(es="costo", en="loss"),
    "mean_squared_error": Text(es="error cuadrático medio", en="mean squared error"),
    "binary_accuracy": Text(es="exactitud binaria", en="binary accuracy"),
    "categorical_accuracy": Text(es="exactitud categórica", en="categorical accuracy"),
    "r2_score": Text(es="coeficiente de determinación R²", en="coefficient of determination R²"),
    "squared_correlation": Text(es="correlación al cuadrado r²", en="squared correlation r²"),
    "roc_auc": Text(es="área bajo la curva ROC", en="area under the ROC curve"),
    "largest_error": Text(es="mayor error", en="largest error"),
}
"""Each of them on the training data, ``val_`` on the validation data, ``test_`` on the test data."""

COSTS: dict[str, Text] = {
    "parameters": Text(es="parámetros entrenables", en="trainable parameters"),
    "multiply_adds": Text(es="multiplicaciones y sumas por ejemplo", en="multiply-adds per example"),
    "seconds_per_epoch": Text(es="segundos por época", en="seconds per epoch"),
}
"""Measures that are no sample over seeds: counts, and a time that a block's seeds share."""

DATA = {
    "val_": Text(es="{metric} en validación", en="{metric} in validation"),
    "test_": Text(es="{metric} en prueba", en="{metric} in test"),
    "": Text(es="{metric} en entrenamiento", en="{metric} in training"),
}


def called(name: str) -> Text:
    """The words for a metric of a history or for what ``evaluate`` measured; the name itself where it has none."""
    part = next(part for part in DATA if name.startswith(part))
    metric = METRICS.get(name.removeprefix(part))
    if metric is not None:
        return DATA[part].format(metric=metric)
    return COSTS.get(name, Text(es=name, en=name))
