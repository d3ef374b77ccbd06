"""Exercise 1: the price of houses in Boston, by a linear model of 13 features.

The original says: two linear layers, squared error, standardised inputs, 75 % of the rows train; R2 = 0.669; the
problem is linear. The network is least squares, and it is not: a hidden ReLU layer or boosted trees halve the error.

    reensayo run ex01
    reensayo compare ex01.linear@sound ex01.linear@sound-relu
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from reensayo import metrics, settings, spec
from reensayo.datasets import BOSTON, Raw
from reensayo.preprocess import standardise
from reensayo.spec import both, ours, script
from reensayo.text import Text, number

if TYPE_CHECKING:
    import keras
    from matplotlib.axes import Axes

# ---------------------------------------------------------------- data

SPLIT = spec.Setting(
    "split",
    Text(
        es="orden de las filas: el del archivo, o al azar por semilla",
        en="order of rows: the file's, or random by seed",
    ),
    str,
    choices=("first", "random"),
)
FOLDS = replace(
    settings.FOLDS,
    about=Text(
        es="pliegues de validación cruzada; si es 1, prueba el primer cuarto de las filas",
        en="cross-validation folds; if 1, the first quarter of the rows tests",
    ),
    low=1,
)
ACTIVATION = spec.Setting(
    "activation",
    Text(es="activación de la capa oculta", en="hidden layer's activation"),
    str,
    choices=("linear", "relu"),
)


def split(raw: Raw, s: spec.Settings, rng: np.random.Generator) -> list[spec.Split]:
    """A quarter of the 506 rows (126) tests, or each fold once. Mean and deviation are those of the rows that train.

    The rows that test validate, too, or else a fifth of the others does, of the fold before, and does not train.
    """
    rows = rng.permutation(len(raw.x)) if s.split == "random" else np.arange(len(raw.x))
    parts, splits = np.array_split(rows, s.folds) if s.folds > 1 else np.split(rows, [len(rows) // 4]), []
    for k in range(s.folds):
        test, *others = parts[k:] + parts[:k]
        train = np.concatenate(others)
        x, y, x_test, y_test = raw.x[train], raw.y[train], raw.x[test], raw.y[test]
        found = spec.Split(x, y, x_test, y_test, x_test, y_test)
        if s.validation_from == "training":
            found = found.hold_out(len(train) // 5)
        moments = {"mean": found.x_train.mean(axis=0), "deviation": found.x_train.std(axis=0)}
        splits.append(replace(found, constants=moments))
    return splits


def encode(x: Any, y: Any, constants: Mapping[str, Any], s: spec.Settings) -> tuple[Any, Any]:
    """(n, 13) features -> standardised; (n,) prices in 1000 USD -> (n, 1), in their own unit."""
    return standardise(x, **constants), y[:, None]


def plain_data(s: spec.Settings) -> str:
    """The same, for an exported script."""
    order = "np.random.default_rng(0).permutation(len(x))" if s.split == "random" else "np.arange(len(x))"
    test, val, hold_out = "test", "test", ""
    if s.validation_from == "training":
        test, val, hold_out = "_test", "val", "train, val = np.split(train, [-(len(train) // 5)])\n"
    parts = f"{test}, train = np.split(rows, [len(x) // 4])"
    if s.folds > 1:
        parts = f"""\
parts = np.array_split(rows, {s.folds})
{test}, *others = parts[fold:] + parts[:fold]
train = np.concatenate(others)"""
    return f"""
rows = {order}
{parts}
{hold_out}mean, deviation = x[train].mean(axis=0), x[train].std(axis=0)
x_train, y_train = (x[train] - mean) / deviation, y[train, None]
x_val, y_val = (x[{val}] - mean) / deviation, y[{val}, None]
"""


# ---------------------------------------------------------------- the network, its recipes, what is measured


def network(s: spec.Settings) -> keras.Model:
    """Two layers; if both are linear, together they are one linear model of the 13 features."""
    import keras

    hidden = keras.layers.Dense(s.hidden, activation=s.activation)
    return keras.Sequential([keras.Input((13,)), hidden, keras.layers.Dense(1)])


CALLED_R2 = metrics.r2_score, metrics.squared_correlation


def evaluate(predict: spec.Predict, split: spec.Split, s: spec.Settings) -> spec.Evaluation:
    """The squared and the absolute error, both numbers that are called R2, the points of the scatter (1000 USD)."""
    actual, predicted = split.y_test, predict(split.x_test)[:, 0]
    errors = metrics.mean_squared_error, metrics.mean_absolute_error
    measures = {f"test_{f.__name__}": f(actual, predicted) for f in (*errors, *CALLED_R2)}
    return spec.Evaluation(measures, {"test_actual": actual, "test_predicted": predicted})


SCRIPT = spec.Recipe(
    "script",
    both(loss="MeanSquaredError", activation="linear")
    | script(split="first", folds=1, validation_from="test", hidden=2)
    | script(optimizer="Adam", learning_rate=0.001, schedule="constant", batch_size=2, epochs=50),
)
# The text says how many rows test, not which.
TEXT = SCRIPT.but("text", ours(split="random"))

# One rate for all folds, so rows that test in one helped to choose it in another, but never by their own network. Among
# three values that gains a network far less than the width of its interval.
RATES = {"learning_rate": (0.003, 0.01, 0.03)}
SOUND_ROWS = ours(split="random", folds=5, validation_from="training")
SOUND = SCRIPT.but(
    "sound",
    SOUND_ROWS | ours(learning_rate=0.003, schedule="cosine", batch_size=32, epochs=300),
    Text(es="la red lineal, en cinco pliegues al azar", en="the linear network, in five random folds"),
    RATES,
)
RELU = SOUND.but(
    "sound-relu",
    ours(activation="relu", hidden=64),
    Text(es="lo mismo con 64 unidades ReLU ocultas", en="the same with 64 hidden ReLU units"),
    RATES,
)


def best_of(models: Callable[[int], Sequence[Any]], split: spec.Split, s: spec.Settings, rng: Any) -> spec.Fitted:
    """Of several of scikit-learn's models, made from a seed, the one with the least error on the validation rows."""
    x_train, x_val = (standardise(x, **split.constants) for x in (split.x_train, split.x_val))
    fitted = [model.fit(x_train, split.y_train) for model in models(int(rng.integers(2**31)))]
    errors = [metrics.mean_squared_error(split.y_val, model.predict(x_val)) for model in fitted]
    best = fitted[np.argmin(errors)]
    found = evaluate(lambda x: best.predict(standardise(x, **split.constants))[:, None], split, s)
    return spec.Fitted({"val_mean_squared_error": [min(errors)]}, found)


def least_squares(seed: int) -> list[Any]:
    """The linear model of least error, without training."""
    from sklearn.linear_model import LinearRegression

    return [LinearRegression()]


def ridge(seed: int) -> list[Any]:
    """Linear models with three penalties, as many as the rates that the networks tried."""
    from sklearn.linear_model import Ridge

    return [Ridge(penalty) for penalty in (1.0, 10.0, 100.0)]


def boosting(seed: int) -> list[Any]:
    """A hundred small trees each, with three rates."""
    from sklearn.ensemble import GradientBoostingRegressor

    return [GradientBoostingRegressor(learning_rate=rate, random_state=seed) for rate in (0.03, 0.1, 0.3)]


BASELINES = (
    spec.Recipe(
        "baseline-least-squares",
        script(split="first", folds=1, validation_from="test"),
        Text(es="cuadrados mínimos, división del script", en="least squares, the script's split"),
        fit=partial(best_of, least_squares),
    ),
    spec.Recipe(
        "baseline-least-squares-random",
        script(folds=1, validation_from="test") | ours(split="random"),
        Text(es="cuadrados mínimos, división de la receta text", en="least squares, the split of recipe text"),
        fit=partial(best_of, least_squares),
    ),
    spec.Recipe(
        "baseline-ridge",
        SOUND_ROWS,
        Text(es="regresión ridge, pliegues de la receta sound", en="ridge regression, the folds of recipe sound"),
        fit=partial(best_of, ridge),
    ),
    spec.Recipe(
        "baseline-boosting",
        SOUND_ROWS,
        Text(es="árboles con boosting, pliegues de la receta sound", en="boosted trees, the folds of recipe sound"),
        fit=partial(best_of, boosting),
    ),
)

linear = spec.Experiment(
    id="ex01.linear",
    title=Text(es="Boston: regresión lineal", en="Boston: linear regression"),
    dataset=BOSTON,
    network=network,
    split=split,
    encode=encode,
    evaluate=evaluate,
    metrics=("MeanSquaredError",),
    settings=(
        *(SPLIT, FOLDS, settings.VALIDATION_FROM, settings.HIDDEN, ACTIVATION, settings.SCHEDULE),
        *settings.TRAINING,
    ),
    recipes=(TEXT, SCRIPT, SOUND, RELU),
    plain_data=plain_data,
    quick=spec.Quick(seeds=1),
    baselines=BASELINES,
)

# ---------------------------------------------------------------- what the original claims


def reaches(r2: Callable[[np.ndarray, np.ndarray], float]) -> spec.Reaches:
    """The published number, taken for one of the two that are called R2; the original's figure shows 126 points."""
    metric = spec.Metric(f"test_{r2.__name__}", "measured")

    def in_figure(curves: spec.Curves) -> float:
        return r2(np.array(curves[1]["actual_price"]), np.array(curves[1]["predicted_price"]))

    return spec.Reaches(linear, metric, 0.669, tolerance=0.0005, margin=0.1, figure=in_figure)


CLAIMS = (
    spec.Claim(
        "1",
        Text(
            es="El coeficiente R2 entre precios reales y predichos es 0,669.",
            en="The coefficient R2 between real and predicted prices is 0.669.",
        ),
        "§1, Fig. 1",
        (
            spec.Reading(
                reaches(metrics.squared_correlation),
                "squared correlation",
                Text(
                    es="el cuadrado de la correlación de Pearson, lo que calculó el script",
                    en="the squared Pearson correlation, which is what the script computed",
                ),
                role="alternative",
            ),
            spec.Reading(
                reaches(metrics.r2_score),
                "coefficient of determination",
                Text(
                    es="uno menos el error cuadrático sobre la varianza, lo que suele entenderse por R2",
                    en="one minus squared error over variance, the usual meaning of R2",
                ),
                role="alternative",
            ),
        ),
        comment=Text(
            es="El cuadrado de la correlación mide lo que explicaría una recta ajustada a las predicciones; perdona un "
            "sesgo y una escala equivocada. El coeficiente de determinación no los perdona y nunca es mayor. Uno y "
            "otro dependen de las filas de prueba: con otro cuarto al azar cambian en 0,05 (un desvío estándar).",
            en="The squared correlation measures what a line fitted to the predictions would explain; it forgives a "
            "bias and a wrong scale. The coefficient of determination forgives neither and is never larger. "
            "Both depend on the rows that test: another random quarter moves them by 0.05 (one standard deviation).",
        ),
        sound=spec.Answer(
            linear.under("sound"),
            spec.Metric("test_r2_score", "measured"),
            Text(
                es="R² de la red lineal en prueba, media de cinco pliegues al azar",
                en="R² of the linear network in test, mean over five random folds",
            ),
        ),
    ),
)

# ---------------------------------------------------------------- figures

ERROR = Text(es="error cuadrático medio (1000 USD)²", en="mean squared error (1000 USD)²")
PRICE = Text(es="precio real (1000 USD)", en="real price (1000 USD)")
PREDICTED = Text(es="precio predicho (1000 USD)", en="predicted price (1000 USD)")
OURS = Text(es="semilla {seed}", en="seed {seed}")
BOTH_R2 = Text(es="media de n = {n}: R² {r2}, r² {squared}", en="mean of n = {n}: R² {r2}, r² {squared}")


def scatter(axes: Axes, view: spec.View, recipe: str) -> None:
    """Predicted against real price of the first seed's test rows, over the original's where they are its rows."""
    trials = view.trials(linear, recipe)
    axes.axline((0, 0), slope=1, color=view.colours.guide, linewidth=1, zorder=0)
    if recipe == "script":
        theirs = view.curves[1]["actual_price"], view.curves[1]["predicted_price"]
        axes.scatter(*theirs, s=14, marker="x", color=view.colours.original, linewidth=0.8, label="original")
    ours = trials[0].arrays["test_actual"], trials[0].arrays["test_predicted"]
    label = OURS.format(seed=trials[0].seed)(view.lang)
    axes.scatter(*ours, s=12, color=view.colours.validation, label=label)
    axes.set(xlabel=PRICE(view.lang), ylabel=PREDICTED(view.lang))
    r2, squared = (
        number(float(np.mean([trial.measures[f"test_{f.__name__}"] for trial in trials])), 3) for f in CALLED_R2
    )
    axes.set_title(BOTH_R2.format(n=len(trials), r2=r2, squared=squared)(view.lang))


FIGURES = (
    spec.Figure(
        1,
        Text(es="Boston: error al entrenar y ajuste final", en="Boston: error during training and final fit"),
        linear,
        (spec.Panel("mean_squared_error", ERROR, 1, "training_loss", "validation_loss", log=True), scatter),
    ),
    spec.Figure(
        "ex01-linear",
        Text(
            es="¿Es lineal el problema? La red lineal, la misma con ReLU, y árboles, cada casa en su pliegue de prueba",
            en="Is the problem linear? The linear network, one with ReLU, and trees, each house in its test fold",
        ),
        linear,
        (scatter,),
        recipes=("sound", "sound-relu", "baseline-boosting"),
    ),
)

# ---------------------------------------------------------------- what is wrong there

SHOWN = tuple(f"test_{function.__name__}" for function in (*CALLED_R2, metrics.mean_squared_error))


def runs(*recipes: str) -> tuple[spec.Condition, ...]:
    """The experiment under these recipes."""
    return tuple(linear.under(recipe) for recipe in recipes)


MISTAKES = (
    spec.Mistake(
        "§1",
        Text(
            es="El texto dice que el problema es lineal. No lo es: en los mismos pliegues, una capa oculta de ReLU o "
            "árboles con boosting cometen la mitad del error cuadrático de la red lineal y de la regresión ridge.",
            en="The text says that the problem is linear. It is not: on the same folds, a hidden layer of ReLU or "
            "boosted trees make half the squared error of the linear network and of ridge regression.",
        ),
        runs("sound", "baseline-ridge", "sound-relu", "baseline-boosting"),
        ("test_r2_score", "test_mean_squared_error", "test_mean_absolute_error"),
    ),
    spec.Mistake(
        "§1",
        Text(
            es="El número dado como R2 es el puntaje (score) de una regresión de los precios reales a los predichos: "
            "el cuadrado de la correlación. El coeficiente de determinación de los mismos puntos es menor.",
            en="The number given as R2 is the score of a regression from real to predicted prices: the squared "
            "correlation. The coefficient of determination of the same points is lower.",
        ),
        runs("script"),
        SHOWN,
    ),
    spec.Mistake(
        "§1",
        Text(
            es="Prueban las primeras 126 filas, sin mezclar, y Boston está ordenado por barrios: el resultado es el de "
            "esas filas, no el de un cuarto cualquiera. La receta text sortea la división con cada semilla.",
            en="The test set is the first 126 rows, unshuffled, and Boston is ordered by neighbourhood: the result is "
            "that of those rows, not of just any quarter. Recipe text draws the split with each seed.",
        ),
        runs("script", "text"),
        SHOWN,
    ),
    spec.Mistake(
        "§1, Fig. 1",
        Text(
            es="El texto propone dos capas densas; el epígrafe dice una sola. Dos capas lineales seguidas son un solo "
            "modelo lineal: la red llega, paso a paso, a lo que los cuadrados mínimos dan sin entrenar.",
            en="The text proposes two dense layers, the caption says a single one. Two linear layers in a row are one "
            "linear model: step by step the network gets to what least squares give without training.",
        ),
        runs("script", "baseline-least-squares", "text", "baseline-least-squares-random"),
        SHOWN,
    ),
)

EXERCISE = spec.Exercise(
    id="ex01",
    title=linear.title,
    question=Text(
        es="¿Qué tan bien predice un modelo lineal, entrenado como red, el precio de las casas de Boston? ¿Es lineal "
        "el problema?",
        en="How well does a linear model, trained as a network, predict the price of houses in Boston? Is the problem "
        "linear?",
    ),
    experiments=(linear,),
    claims=CLAIMS,
    figures=FIGURES,
    mistakes=MISTAKES,
    quick_seconds=10,
)
