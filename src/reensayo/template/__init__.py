"""template: what a work claims, written down so that `reensayo` can run it again. Written by `reensayo new`.

Read from top to bottom: data, network, recipes, claims, figure. Change one thing after the other, and look:

    reensayo --original template run        trains what is not trained yet
    reensayo --original template verdicts   says which claims hold
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reensayo import metrics, settings, spec
from reensayo.datasets import Raw, own_file
from reensayo.spec import both, script, text
from reensayo.text import Text

if TYPE_CHECKING:
    import keras

FOLDER = Path(__file__).parent

# ---------------------------------------------------------------- data


def read(content: bytes) -> dict[str, np.ndarray]:
    """The content of points.csv -> its arrays by name; another file needs no more than another `read`."""
    x, y = np.loadtxt(io.BytesIO(content), delimiter=",", skiprows=1).T
    return {"x": x, "y": y}


POINTS = own_file(
    "points",
    Text(es="80 puntos con ruido", en="80 noisy points"),
    FOLDER / "points.csv",
    read,
    script='x, y = np.loadtxt(Path(folder, "points.csv"), delimiter=",", skiprows=1).T',  # `read`, for `export`
)


def load(raw: Raw, s: spec.Settings) -> spec.Split:
    """What trains, validates and tests: here the same with every seed."""
    x, y = raw.x[:, None], raw.y[:, None]
    return spec.Split(x[:60], y[:60], x[60:], y[60:], x[60:], y[60:])


def plain_data(s: spec.Settings) -> str:
    """The same as `load`, as lines of the script that `export` prints."""
    return "x_train, y_train, x_val, y_val = x[:60, None], y[:60, None], x[60:, None], y[60:, None]"


# ---------------------------------------------------------------- network, and what is measured of it


def network(s: spec.Settings) -> keras.Model:
    """Plain Keras, imported here so that commands which only read start at once."""
    import keras
    from keras import layers

    return keras.Sequential([keras.Input((1,)), layers.Dense(s.hidden, activation="tanh"), layers.Dense(1)])


def evaluate(predict: spec.Predict, split: spec.Split, s: spec.Settings) -> spec.Evaluation:
    """Numbers for claims and arrays for figures, right after training."""
    predicted = predict(split.x_test)
    return spec.Evaluation({"test_r2_score": metrics.r2_score(split.y_test[:, 0], predicted[:, 0])})


def mean(split: spec.Split, s: spec.Settings, rng: np.random.Generator) -> spec.Fitted:
    """A baseline: always the mean of the training data."""
    error = metrics.mean_squared_error(split.y_test, np.full_like(split.y_test, split.y_train.mean()))
    return spec.Fitted({"val_mean_squared_error": [error]}, spec.Evaluation({}))


# ---------------------------------------------------------------- recipes: every setting with where it comes from

TEXT = spec.Recipe(
    "text",
    both(hidden=16, loss="MeanSquaredError")  # the text says it, and the script does it
    | text(optimizer="Adam", learning_rate=0.01, epochs=60)
    | script(batch_size=10),  # only the script says it
)
SCRIPT = TEXT.but("script", script(learning_rate=0.03))
MEAN = spec.Recipe("baseline-mean", {}, Text(es="siempre la media", en="always the mean"), fit=mean)

dense = spec.Experiment(
    id="sine.dense",
    title=Text(es="Una red densa aprende una curva", en="A dense network learns a curve"),
    dataset=POINTS,
    network=network,
    load=load,
    evaluate=evaluate,
    metrics=("MeanSquaredError",),
    settings=(settings.HIDDEN, *settings.TRAINING),
    recipes=(TEXT, SCRIPT),
    baselines=(MEAN,),
    plain_data=plain_data,
    quick=spec.Quick(seeds=3),
    seeds=10,
)

# ---------------------------------------------------------------- claims: sentences of the work, made testable

ERROR = spec.Metric("val_mean_squared_error", "last")
FALLS = spec.Reaches(dense, ERROR, 0.03, 0.005, margin=0.03, figure=spec.curve(1, "validation_loss", ERROR))
EXPLAINS = spec.Happens(
    dense,
    lambda trial: trial.measures["test_r2_score"] > 0.9,
    Text(es="la red explica más del 90 % de la varianza", en="the network explains more than 90 % of the variance"),
)
CLAIMS = (
    spec.Claim("1", Text(es="El error baja a 0,03.", en="The error falls to 0.03."), "Fig. 1", FALLS),
    spec.Claim("2", Text(es="La red aprende la curva.", en="The network learns the curve."), "§1", EXPLAINS),
)

# ---------------------------------------------------------------- figure 1 of the work; its curves are in curves.json

LABEL = Text(es="error cuadrático medio", en="mean squared error")
PANEL = spec.Panel("mean_squared_error", LABEL, figure=1, training="training_loss", validation="validation_loss")
FIGURES = (spec.Figure(1, Text(es="El error por época", en="The error by epoch"), dense, (PANEL,)),)

SINE = spec.Exercise(
    id="sine",
    title=Text(es="Una curva", en="A curve"),
    question=Text(es="¿Aprende una red densa una curva?", en="Does a dense network learn a curve?"),
    experiments=(dense,),
    claims=CLAIMS,
    figures=FIGURES,
)

ORIGINAL = spec.Original(
    name="template",
    title=Text(es="El trabajo template", en="The work template"),
    about=Text(es="Datos inventados: cámbielos por los de un trabajo.", en="Made-up data: put a work's own here."),
    exercises=(SINE,),
    folder=FOLDER,
    recipes={
        "text": Text(es="lo que dice el texto", en="what the text says"),
        "script": Text(es="lo que ejecutó el script", en="what the script ran"),
    },
    judged=("text", "script"),
    drew_figures="script",
)
