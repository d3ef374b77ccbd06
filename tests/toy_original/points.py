"""Two networks learn a line: one from the 40 points of a file, one from points drawn anew with each seed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reensayo import metrics, settings
from reensayo.datasets import Raw, own_file
from reensayo.spec import (
    Asked,
    Claim,
    Equals,
    Evaluation,
    Exceeds,
    Exercise,
    Experiment,
    Figure,
    Fitted,
    Happens,
    Metric,
    Mistake,
    NetworkDiagram,
    Panel,
    Predict,
    Quick,
    Reaches,
    Reading,
    Recipe,
    Settings,
    Split,
    curve,
    ours,
    script,
    text,
)
from reensayo.text import Text

if TYPE_CHECKING:
    import keras

    from reensayo.spec import FinishedTrial

# ---------------------------------------------------------------- data


def decode(content: bytes) -> dict[str, np.ndarray]:
    """Two columns with a header: x and y, each (40,) float64."""
    table = np.loadtxt(io.BytesIO(content), delimiter=",", skiprows=1)
    return {"x": table[:, 0], "y": table[:, 1]}


POINTS = own_file(
    "points",
    Text(es="unos puntos", en="some points"),
    Path(__file__).with_name("points.csv"),
    decode,
    script="""
x, y = np.loadtxt(Path(folder, "points.csv"), delimiter=",", skiprows=1).T
""",
)


def load(raw: Raw, s: Settings) -> Split:
    """The first ``examples`` points train, all others validate and test."""
    x, y, n = raw.x, raw.y, s.examples
    return Split(x[:n], y[:n], x[n:], y[n:], x[n:], y[n:])


def draw(raw: None, s: Settings, rng: np.random.Generator) -> Split:
    """As many points of y = 2 x + 1 with some noise as the file has, others with each seed."""
    x = rng.uniform(-1, 1, 40)
    y, n = 2 * x + 1 + rng.normal(0, 0.1, 40), s.examples
    return Split(x[:n], y[:n], x[n:], y[n:], x[n:], y[n:])


def encode(x: Any, y: Any, constants: Mapping[str, Any], s: Settings) -> tuple[Any, Any]:
    """(n,) and (n,) -> (n, 1) and (n, 1)."""
    return x[:, None], y[:, None]


def plain_data(s: Settings) -> str:
    """The same as ``load``, for an exported script."""
    return f"""
x_train, y_train, x_val, y_val = x[:{s.examples}, None], y[:{s.examples}, None], x[{s.examples}:, None], y[{s.examples}:, None]
"""


def plain_draw(s: Settings) -> str:
    """The same as ``draw``, for an exported script."""
    return f"""
rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, 40)
y = 2 * x + 1 + rng.normal(0, 0.1, 40)
{plain_data(s).strip()}
"""


# ---------------------------------------------------------------- networks and recipes


def network(s: Settings) -> keras.Model:
    """A line: one input, one output."""
    import keras
    from keras import layers

    return keras.Sequential([keras.Input((1,)), layers.Dense(1)])


def evaluate(predict: Predict, split: Split, s: Settings) -> Evaluation:
    """The squared error on the points that did not train, and the slope of what was learned."""
    outputs = predict(split.x_test)[:, 0]
    ends = predict(np.array([0.0, 1.0]))[:, 0]
    return Evaluation(
        {
            "test_mean_squared_error": metrics.mean_squared_error(split.y_test, outputs),
            "slope": float(ends[1] - ends[0]),
        },
        {"test_actual": split.y_test, "test_predicted": outputs},
    )


def mean(split: Split, s: Settings, rng: np.random.Generator) -> Fitted:
    """The mean of the training points, for every point."""
    error = metrics.mean_squared_error(split.y_test, np.full(len(split.y_test), split.y_train.mean()))
    return Fitted({"val_mean_squared_error": [error]}, Evaluation({"test_mean_squared_error": error}))


PAPER = Recipe(
    "paper",
    text(examples=30, loss="MeanSquaredError", optimizer="SGD", learning_rate=0.05, batch_size=10, epochs=12),
)
CODE = PAPER.but("code", script(learning_rate=0.1))
FASTER = CODE.but("faster", ours(learning_rate=0.2), Text(es="con pasos más largos", en="with longer steps"))
MEAN = Recipe("baseline-mean", text(examples=30), Text(es="siempre la media", en="always the mean"), fit=mean)

line = Experiment(
    id="toy.line",
    title=Text(es="Una recta por los puntos", en="A line through the points"),
    dataset=POINTS,
    network=network,
    load=load,
    encode=encode,
    evaluate=evaluate,
    metrics=("MeanSquaredError",),
    settings=(settings.examples(39), *settings.TRAINING),
    recipes=(PAPER, CODE, FASTER),
    baselines=(MEAN,),
    plain_data=plain_data,
    quick=Quick(seeds=3, changes={"epochs": 3}, without=("faster",)),
    seeds=5,
)
drawn = Experiment(
    id="toy.drawn",
    title=Text(es="Una recta por puntos sorteados", en="A line through points drawn"),
    dataset=None,
    network=network,
    split=draw,
    encode=encode,
    evaluate=evaluate,
    metrics=("MeanSquaredError",),
    settings=(settings.examples(39), *settings.TRAINING),
    recipes=(PAPER, CODE),
    plain_data=plain_draw,
    quick=Quick(seeds=3),
    seeds=5,
)

# ---------------------------------------------------------------- what it claims

ERROR = Metric("val_mean_squared_error", "last")


def falls(trial: FinishedTrial) -> bool:
    """Whether the validation error ends lower than it began."""
    error = trial.history["val_mean_squared_error"]
    return bool(error[-1] < error[0])


CLAIMS = (
    Claim(
        "a",
        Text(es="El error de validación baja a 0,5.", en="The validation error falls to 0.5."),
        "§1, Fig. 1",
        Reaches(line, ERROR, 0.5, 0.05, margin=0.2, figure=curve(1, "validation_loss", ERROR)),
    ),
    Claim(
        "b",
        Text(
            es="Con los puntos del archivo el error queda mayor.",
            en="With the points of the file the error stays higher.",
        ),
        "§1",
        (
            Reading(Exceeds(line, drawn, ERROR, margin=0.05), "error"),
            Reading(
                Happens(drawn, falls, Text(es="el error baja", en="the error falls")),
                "it falls",
                Text(es="al menos baja", en="at least it falls"),
            ),
        ),
    ),
    Claim(
        "c",
        Text(es="Ambas redes tienen dos parámetros.", en="Both networks have two parameters."),
        "§1",
        Equals(Metric("parameters", "measured"), {line: 2, drawn: 2}),
    ),
)

FIGURES = (
    Figure(
        1,
        Text(es="El error durante el entrenamiento", en="The error during training"),
        line,
        (
            Panel(
                "mean_squared_error",
                Text(es="error cuadrático", en="squared error"),
                1,
                training="training_loss",
                validation="validation_loss",
            ),
        ),
    ),
    Figure("toy-network", Text(es="La red", en="The network"), line, (NetworkDiagram(),), recipes=("paper",)),
)

EXERCISE = Exercise(
    id="toy",
    title=Text(es="Una recta", en="A line"),
    question=Text(es="¿Aprende una recta?", en="Does it learn a line?"),
    experiments=(line, drawn),
    claims=CLAIMS,
    figures=FIGURES,
    mistakes=(
        Mistake(
            "§1",
            Text(es="El código da pasos más largos.", en="The code takes longer steps."),
            (line.under("code"), line.under("paper")),
        ),
    ),
    asked=(
        Asked(
            Text(es="¿Gana a la media?", en="Is it better than the mean?"),
            ERROR,
            (line.under("code"), line.under("baseline-mean")),
        ),
    ),
    quick_seconds=5,
)
