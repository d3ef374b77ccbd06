"""Exercise 6: which of 768 Pima women have diabetes, by five-fold cross-validation.

The original says: filling missing values with the mean of the other patients lifts accuracy from 68 % to 72 %. Its
own figures show the opposite, 0.702 and 0.694; always saying "healthy" gets 65 % right. What it does improve is the
order in which patients are put: the area under the ROC curve.

    reensayo run ex06 --recipe script
    reensayo compare ex06.imputed@script ex06.raw@script
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from reensayo import baselines, metrics, settings, spec
from reensayo.datasets import PIMA, Raw
from reensayo.preprocess import standardise
from reensayo.spec import both, ours, script, text
from reensayo.text import Text

if TYPE_CHECKING:
    import keras

# ---------------------------------------------------------------- data, what is measured

IMPUTATION = spec.Setting(
    "imputation",
    Text(es="pacientes cuya media reemplaza un dato que falta", en="patients whose mean fills in a missing value"),
    str,
    choices=("all", "known", "known in training"),
)
SCALING = spec.Setting(
    "scaling",
    Text(es="escala de los datos: la suya o estandarizada", en="scale of the data: their own or standardised"),
    str,
    choices=("none", "standardised"),
)
WIDTH = spec.Setting("width", Text(es="factor de unidades ocultas", en="factor of hidden units"), int, low=1, high=8)
DEPTH = spec.Setting("depth", Text(es="capas ocultas", en="hidden layers"), int, low=2, high=20)


def split(raw: Raw, s: spec.Settings, rng: np.random.Generator) -> list[spec.Split]:
    """Each fold tests once. It validates, too, or else a fifth of the others does, of the fold before.

    Those who are left train and give the moments that all are scaled by.
    """
    splits, folds = [], np.array_split(rng.permutation(len(raw.x)), s.folds)
    for k, test in enumerate(folds):
        train = np.concatenate(folds[:k] + folds[k + 1 :])
        validates = test
        if s.validation_from == "training":
            validates = folds[k - 1][: len(train) // 5]
            train = train[~np.isin(train, validates)]
        x, y = impute(raw.x, train, s), raw.y
        moments = {"mean": np.zeros(8), "deviation": np.ones(8)}
        if s.scaling == "standardised":
            moments = {"mean": x[train].mean(axis=0), "deviation": x[train].std(axis=0)}
        splits.append(spec.Split(x[train], y[train], x[validates], y[validates], x[test], y[test], moments))
    return splits


def impute(x: np.ndarray, train: np.ndarray, s: spec.Settings) -> np.ndarray:
    """(n, 8) measurements, zeros replaced as the recipe says; but a patient may well have had no pregnancies."""
    if "imputation" not in s:
        return x
    known = x[train] if s.imputation == "known in training" else x
    mean = known.sum(axis=0) / (len(x) if s.imputation == "all" else np.count_nonzero(known, axis=0))
    return np.where((x == 0) & (np.arange(8) > 0), mean, x)


def encode(x: Any, y: Any, constants: Mapping[str, Any], s: spec.Settings) -> tuple[Any, Any]:
    """(n, 8) measurements and (n,) labels -> (n, 8), scaled, and (n, 1)."""
    return standardise(x, **constants), y[:, None]


def plain_data(s: spec.Settings) -> str:
    """The same, for an exported script."""
    impute = scale = ""
    chosen = "val, train = folds.pop(fold), np.concatenate(folds)"
    if s.validation_from == "training":
        chosen = """\
folds.pop(fold)  # tests
train = np.concatenate(folds)
val = folds[fold - 1][: len(train) // 5]
train = train[~np.isin(train, val)]"""
    if "imputation" in s:
        mean = {
            "all": "x.mean(axis=0)  # zeros and test patients included",
            "known": "x.sum(axis=0) / np.count_nonzero(x, axis=0)  # test patients included",
            "known in training": "x[train].sum(axis=0) / np.count_nonzero(x[train], axis=0)",
        }[str(s.imputation)]
        impute = f"mean = {mean}\nx = np.where((x == 0) & (np.arange(8) > 0), mean, x)  # but for pregnancies\n"
    if s.scaling == "standardised":
        scale = "x = (x - x[train].mean(axis=0)) / x[train].std(axis=0)\n"
    return f"""
folds = np.array_split(np.random.default_rng(0).permutation(len(x)), {s.folds})
{chosen}
{impute}{scale}x_train, y_train = x[train], y[train, None]
x_val, y_val = x[val], y[val, None]
"""


def evaluate(predict: spec.Predict, split: spec.Split, s: spec.Settings) -> spec.Evaluation:
    """Accuracy, the area under the ROC curve, and the probability given to each patient of the fold."""
    actual, probability = split.y_test, predict(split.x_test)[:, 0]
    accuracy, area = metrics.binary_accuracy(actual, probability), metrics.roc_auc(actual, probability)
    arrays = {"test_actual": actual, "test_probability": probability}
    return spec.Evaluation({"test_binary_accuracy": accuracy, "test_roc_auc": area}, arrays)


# ---------------------------------------------------------------- the network, its recipes


def network(s: spec.Settings) -> keras.Model:
    """Eight measurements through ``depth`` layers of 250, 100, then 50 units, times ``width``, to one probability."""
    import keras
    from keras import layers, regularizers

    l2 = regularizers.L2(s.l2) if s.l2 else None
    units = (250, 100, *[50] * (s.depth - 2))
    hidden = [layers.Dense(s.width * n, activation="relu", kernel_regularizer=l2) for n in units]
    return keras.Sequential([keras.Input((8,)), *hidden, layers.Dense(1, activation="sigmoid", kernel_regularizer=l2)])


RAW = spec.Recipe(
    "script",
    both(folds=5, width=1, depth=5, optimizer="Adam", learning_rate=1e-4, epochs=50)
    | script(validation_from="test", scaling="none", l2=0.0, loss="BinaryCrossentropy", batch_size=128),
)
IMPUTED = spec.Recipe("script", {**RAW.sourced, **script(imputation="all")})

AS_BINARY = Text(
    es="como dice el texto, pero con entropía cruzada binaria: la que nombra es constante",
    en="as the text says, but with binary cross-entropy: the one that it names is constant",
)
SOUND = Text(
    es="los datos en una escala, que como los promedios es la de quienes entrenan; los ajustes, por quienes validan",
    en="the data in one scale, which like the means is that of those who train; settings chosen by those who validate",
)
WIDER = Text(es="el doble de neuronas en cada capa oculta", en="twice the neurons in every hidden layer")
DEEPER = Text(es="tres capas ocultas más, de 50 neuronas", en="three more hidden layers, of 50 neurons")
RAW_SOUND = ours(validation_from="training", scaling="standardised")
IMPUTED_SOUND = RAW_SOUND | ours(imputation="known in training")
# The same for both arms, and for all folds: who tests in one validates in another, though never the same network.
# A first grid, of 30 and 50 epochs, had taken 30; its test results (0.761 and 0.759 over ten seeds) had been seen
# before 20 and 40 were tried, so these are not quite blind.
TUNED = ours(learning_rate=1e-4, l2=0.0, epochs=40)
TRIED = {"learning_rate": (1e-4, 3e-4), "l2": (0.0, 0.01), "epochs": (20, 40)}
Changes = dict[str, spec.Sourced]


def recipes(ran: spec.Recipe, said: Changes, sound: Changes) -> tuple[spec.Recipe, ...]:
    """As the text ``said`` and the script ``ran``, and ``sound``; then more neurons or layers, which were asked for."""
    return (
        ran.but("text", said | text(l2=0.01) | ours(loss="BinaryCrossentropy"), AS_BINARY),
        ran,
        ran.but("sound", sound | TUNED, SOUND, TRIED),
        ran.but("assignment-wider", ours(width=2), WIDER),
        ran.but("assignment-deeper", ours(depth=8), DEEPER),
    )


def majority(split: spec.Split, s: spec.Settings, rng: np.random.Generator) -> spec.Fitted:
    """The more frequent label of the patients who train, for all others."""
    return measured([baselines.majority(split.y_train, len(x)) for x in (split.x_val, split.x_test)], split, s)


def logistic(split: spec.Split, s: spec.Settings, rng: np.random.Generator) -> spec.Fitted:
    """Logistic regression on what the network sees."""
    train, *others = (standardise(x, **split.constants) for x in (split.x_train, split.x_val, split.x_test))
    return measured(baselines.logistic_regression(train, split.y_train, *others), split, s)


def measured(probabilities: list[np.ndarray], split: spec.Split, s: spec.Settings) -> spec.Fitted:
    """A baseline's probability for each patient who validates and each who tests, measured as the network's."""
    validation, test = probabilities
    accuracy = metrics.binary_accuracy(split.y_val, validation)
    return spec.Fitted({"val_binary_accuracy": [accuracy]}, evaluate(lambda _: test[:, None], split, s))


def compared(sound: Changes) -> tuple[spec.Recipe, spec.Recipe]:
    """The baselines, on the data as recipe sound has them."""
    healthy = Text(es="siempre «sana»", en="always “healthy”")
    linear = Text(es="regresión logística, con los datos de la receta sound", en="logistic regression, on sound's data")
    return (
        spec.Recipe("baseline-majority", both(folds=5) | sound, healthy, fit=majority),
        spec.Recipe("baseline-logistic", both(folds=5) | sound, linear, fit=logistic),
    )


COMMON = (settings.FOLDS, settings.VALIDATION_FROM, SCALING, WIDTH, DEPTH, settings.L2, *settings.TRAINING)
LITERAL = Text(es="como dice el texto, también en el costo", en="as the text says, in the loss, too")

raw = spec.Experiment(
    id="ex06.raw",
    title=Text(es="Diabetes en Pima, datos sin corregir", en="Diabetes in Pima, uncorrected data"),
    dataset=PIMA,
    network=network,
    split=split,
    encode=encode,
    evaluate=evaluate,
    metrics=("BinaryAccuracy",),
    settings=COMMON,
    recipes=(
        *recipes(RAW, {}, RAW_SOUND),
        RAW.but("text-literal", text(l2=0.01, loss="CategoricalCrossentropy"), LITERAL),
    ),
    plain_data=plain_data,
    quick=spec.Quick(seeds=1, without=("assignment-wider", "assignment-deeper")),
    baselines=compared(RAW_SOUND),
)

imputed = replace(
    raw,
    id="ex06.imputed",
    title=Text(es="Diabetes en Pima, datos completados", en="Diabetes in Pima, completed data"),
    settings=(IMPUTATION, *COMMON),
    recipes=recipes(IMPUTED, text(imputation="known"), IMPUTED_SOUND),
    baselines=compared(IMPUTED_SOUND),
)

# ---------------------------------------------------------------- what the original claims

ACCURACY = spec.Metric("val_binary_accuracy", "last")  # the original's, whose test folds validate
TEST_ACCURACY, AREA = (spec.Metric(f"test_{name}", "measured") for name in ("binary_accuracy", "roc_auc"))
FOLD_MEAN = "fold_mean_validation_accuracy"
FIG_17, FIG_18 = (spec.curve(figure, FOLD_MEAN, ACCURACY) for figure in (17, 18))

CLAIMS = (
    spec.Claim(
        "6",
        Text(
            es="Completar los datos faltantes con la media de los demás pacientes lleva la exactitud del 68 % al 72 %.",
            en="Filling in missing data with the mean of the other patients lifts accuracy from 68 % to 72 %.",
        ),
        "§6, Figs. 17-18",
        (
            spec.Reading(
                spec.Exceeds(imputed, raw, ACCURACY, margin=0.02, figure=spec.difference(FIG_18, FIG_17), by=0.03),
                "a gain",
                Text(
                    es="la diferencia entre 68 % y 72 %, que son 3 puntos o más si ambos están redondeados",
                    en="the difference between 68 % and 72 %, which is 3 points or more if both are rounded",
                ),
            ),
            spec.Reading(
                spec.Reaches(raw, ACCURACY, 0.68, tolerance=0.005, margin=0.04, figure=FIG_17),
                "before",
                Text(es="68 % con los datos tal como están", en="68 % with the data as they are"),
            ),
            spec.Reading(
                spec.Reaches(imputed, ACCURACY, 0.72, tolerance=0.005, margin=0.04, figure=FIG_18),
                "after",
                Text(es="72 % con los datos completados", en="72 % with the data filled in"),
            ),
            spec.Reading(
                spec.Exceeds(imputed, raw, AREA, margin=0.01),
                "a good estimate",
                Text(
                    es="la media, una buena estimación: con ella la red ordena mejor a quienes tienen diabetes y a "
                    "quienes no, según el área bajo la curva ROC",
                    en="the mean, a good estimate: with it the network ranks those who have diabetes above those who "
                    "have not more often, by the area under the ROC curve",
                ),
                role="beyond",
            ),
        ),
        comment=Text(
            es="Son medias de los cinco pliegues; 4 puntos son 31 pacientes. Decir siempre «sana» acierta el 65 % de "
            "las veces: 268 de las 768 mujeres tienen diabetes. Lo que falta está escrito como cero: insulina 374 "
            "veces, casi la mitad, pliegue de la piel 227, presión 35, índice de masa corporal 11, glucosa 5.",
            en="These are means over the five folds; 4 points are 31 patients. Always saying “healthy” gets 65 % "
            "right: 268 of the 768 women have diabetes. What is missing is written as zero: insulin 374 "
            "times, nearly half, skin fold 227, blood pressure 35, body mass index 11, glucose 5.",
        ),
        sound=spec.Answer(
            imputed.under("sound"),
            TEST_ACCURACY,
            Text(
                es="exactitud en prueba que se gana al completar los datos, estandarizados",
                en="test accuracy gained by filling in the data, which are standardised",
            ),
            minus=raw.under("sound"),
        ),
    ),
)

# ---------------------------------------------------------------- figures


def panels(figure: int) -> tuple[spec.Panel, spec.Panel]:
    """Accuracy and loss, with the mean and the band of the five folds that the original's figure shows."""
    accuracy = "fold_min_validation_accuracy", "fold_max_validation_accuracy"
    loss = "fold_min_validation_loss", "fold_max_validation_loss"
    return (
        spec.Panel(
            "binary_accuracy", Text(es="exactitud", en="accuracy"), figure, validation=FOLD_MEAN, folds=accuracy
        ),
        spec.Panel("loss", spec.LOSS, figure, validation="fold_mean_validation_loss", folds=loss, log=True),
    )


FIGURES = (
    spec.Figure(17, raw.title, raw, panels(17)),
    spec.Figure(18, imputed.title, imputed, panels(18)),
    spec.Figure(
        "ex06-nets",
        Text(
            es="Los datos sin corregir con más neuronas, con más capas y en una misma escala",
            en="The uncorrected data with more neurons, with more layers and in one scale",
        ),
        raw,
        panels(17),
        recipes=("assignment-wider", "assignment-deeper", "sound"),
    ),
)

# ---------------------------------------------------------------- what is wrong there

SHOWN = "test_binary_accuracy", "test_roc_auc"

MISTAKES = (
    spec.Mistake(
        "§6, Figs. 17-18",
        Text(
            es="El texto da 68 % antes y 72 % después de completar los datos; sus figuras, al revés, 70,2 % y 69,4 %.",
            en="The text gives 68 % before filling in data and 72 % after; its figures, reversed, 70.2 % and 69.4 %.",
        ),
        (raw.under("script"), imputed.under("script")),
        SHOWN,
    ),
    spec.Mistake(
        "§6",
        Text(
            es="Los datos entran a la red en sus unidades: la insulina llega a 846 y el índice de antecedentes no pasa "
            "de 2,5. Así, en 50 épocas, la red supera por unos 4 puntos a quien dice siempre «sana»; con los datos en "
            "una misma escala, por 11.",
            en="The data enter the network in their own units: insulin goes up to 846, the pedigree function no "
            "further than 2.5. In 50 epochs the network is thus some 4 points better than always saying “healthy”; "
            "with the data in one scale, 11.",
        ),
        tuple(map(raw.under, ("script", "baseline-majority", "sound"))),
        SHOWN,
    ),
    spec.Mistake(
        "§6",
        Text(
            es="Completar los datos cambia la exactitud, que es lo que mira el texto, en menos de dos puntos con "
            "cualquiera de las recetas. Mejora siempre el orden en que la red pone a las pacientes: el área bajo la "
            "curva ROC crece más de una centésima.",
            en="Filling in the data changes accuracy, which is what the text looks at, by less than two points under "
            "any recipe. It always improves the order in which the network puts the patients: the area under the ROC "
            "curve grows by more than a hundredth.",
        ),
        tuple(experiment.under(name) for name in ("text", "script", "sound") for experiment in (raw, imputed)),
        SHOWN,
    ),
    spec.Mistake(
        "§6",
        Text(
            es="El texto elige ReLU porque el problema no es lineal. Si no lo fuera, haría falta alguna activación no "
            "lineal y serviría cualquiera; pero aquí nada lo muestra: la regresión logística, que es lineal, acierta "
            "tanto como la red.",
            en="The text takes ReLU because the problem is not linear. Were it not, some nonlinear activation would be "
            "needed and any would do; but nothing here shows it: logistic regression, which is linear, gets as many "
            "right as the network.",
        ),
        tuple(experiment.under(name) for experiment in (raw, imputed) for name in ("sound", "baseline-logistic")),
        SHOWN,
    ),
    spec.Mistake(
        "§6",
        Text(
            es="El promedio con que el script completa los datos incluye los ceros que reemplaza, que lo bajan, y los "
            "pacientes de prueba, que la red no debe conocer.",
            en="The mean that the script fills in includes the zeros that it replaces, which lower it, and the "
            "patients who test, whom the network must not know.",
        ),
        (imputed.under("script"), imputed.under("text"), imputed.under("sound")),
        SHOWN,
    ),
    spec.Mistake(
        "§6",
        Text(
            es="El texto nombra la entropía cruzada categórica, que sobre una sola salida vale siempre cero: solo la "
            "regularización se entrena, que achica los pesos, y a veces ni eso, pues donde la salida es casi cero el "
            "gradiente es 0/0. El script usó la binaria, y así se entrena la receta text.",
            en="The text names categorical cross-entropy, which is always zero on a single output: only the "
            "regularisation is trained, which shrinks the weights, and at times not even that, as the gradient is 0/0 "
            "where the output is almost zero. The script used the binary one, and so does recipe text.",
        ),
        (raw.under("text-literal"), raw.under("text")),
        SHOWN,
    ),
    spec.Mistake(
        "§6, Figs. 17-18",
        Text(
            es="El texto dice L2 de 0,01; las figuras no la tienen: su costo es 0,59 al final, y solo la L2 pasa de 2.",
            en="The text says L2 of 0.01; the figures have none: their loss ends at 0.59, and L2 alone exceeds 2.",
        ),
        (raw.under("script"), raw.under("text")),
        ("val_loss",),
    ),
)

EXERCISE = spec.Exercise(
    id="ex06",
    title=Text(es="Diabetes en mujeres pima", en="Diabetes in Pima women"),
    question=Text(
        es="¿Qué tan bien predice una red la diabetes en cinco pliegues, y qué cambia con los datos faltantes "
        "completados, con más neuronas o con más capas?",
        en="How well does a network predict diabetes in five folds, and what do filled-in missing data, more neurons "
        "or more layers change?",
    ),
    experiments=(raw, imputed),
    claims=CLAIMS,
    figures=FIGURES,
    mistakes=MISTAKES,
    quick_seconds=30,
    asked=(
        spec.Asked(
            Text(
                es="¿Qué dan más neuronas, más capas y los datos corregidos?",
                en="What do more neurons, more layers and the corrected data give?",
            ),
            ACCURACY,
            (*map(raw.under, ("script", "assignment-wider", "assignment-deeper")), imputed.under("script")),
        ),
        spec.Asked(
            Text(es="¿Y los datos en una misma escala?", en="And the data in one scale?"),
            TEST_ACCURACY,
            (raw.under("script"), raw.under("sound"), imputed.under("sound"), raw.under("baseline-logistic")),
        ),
    ),
)
