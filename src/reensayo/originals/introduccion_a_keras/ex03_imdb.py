"""Exercise 3: is a film review of IMDB good or bad, told from the set of its words, and what helps overfitting.

The original says: the plain network overfits from epoch 2, L2 is the regulariser that solves it best, and the plain
network classifies 85 % of the reviews correctly.

    reensayo run ex03 --recipe script          # the four networks as the published scripts ran them
    reensayo run ex03.none@baseline-tfidf      # a linear model on the same words
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from reensayo import baselines, metrics, settings, spec
from reensayo.datasets import IMDB, Raw
from reensayo.originals.introduccion_a_keras import reviews
from reensayo.originals.introduccion_a_keras.reviews import (
    GAP,
    INFERENCE_GAP,
    KNOWN_WORDS,
    TEST_ACCURACY,
    VAL_ACCURACY,
    shown,
    shown_difference,
)
from reensayo.preprocess import BagOfWords
from reensayo.spec import both, ours, script, text
from reensayo.text import Text

if TYPE_CHECKING:
    import keras
    from scipy.sparse import csr_matrix

# ---------------------------------------------------------------- data

TESTS = 10_000
HIDDEN = spec.Setting(
    "hidden",
    Text(es="unidades de la primera capa; la segunda, la mitad", en="units of the first layer; the second has half"),
    int,
    low=2,
    high=10_000,
)
MOMENTUM = spec.Setting(
    "momentum",
    Text(
        es="cuánto de sus medias anteriores conserva la normalización por lotes en cada paso",
        en="how much of its former averages batch normalisation keeps at each step",
    ),
    float,
    low=0.0,
    high=1.0,
)
REGULARISERS = settings.L2, MOMENTUM, settings.DROPOUT


def load(raw: Raw, s: spec.Settings) -> spec.Split:
    """The first 10 000 reviews test, the ``examples`` after them train; ``reviews.divided`` says which validate.

    A review is where its words lie, each once: int32 (n, 2), first place and number. All words are int16
    (6.5 million,): 13 MB, where the floats that the network sees would be 2 GB.
    """
    texts, labels = reviews.imdb_reviews(raw)
    words = [np.unique(review) for review in texts]
    counts = np.array([len(one) for one in words], "int32")
    places = np.stack([np.cumsum(counts, dtype="int32") - counts, counts], axis=1)
    return reviews.divided(places, labels, slice(TESTS, None), slice(TESTS), s, words=np.concatenate(words))


def encode(x: Any, y: Any, constants: Mapping[str, Any], s: spec.Settings) -> tuple[Any, Any]:
    """(n, 2) places of words and (n,) labels -> sets that stand for (n, 10000) of 0.0 and 1.0, and (n, 1)."""
    return BagOfWords(x[:, 0], x[:, 1], constants["words"], KNOWN_WORDS), y[:, None]


def plain_data(s: spec.Settings) -> str:
    """The same, for an exported script."""
    return f"""
x, y = np.zeros((len(reviews), {KNOWN_WORDS}), "float32"), np.array(labels)[:, None]  # 2 GB
for row, review in zip(x, reviews, strict=True):
    row[review] = 1
{reviews.plain_divided(TESTS, 0, s)}
"""


# ---------------------------------------------------------------- baselines


def majority(split: spec.Split, s: spec.Settings, rng: np.random.Generator) -> spec.Fitted:
    """The more frequent label of the training reviews, for every review."""
    labels = split.y_train, split.y_val, split.y_test
    return accuracies(split, [baselines.majority(split.y_train, len(y)) for y in labels])


def tfidf(split: spec.Split, s: spec.Settings, rng: np.random.Generator) -> spec.Fitted:
    """Logistic regression on the same sets of words, the rare ones weighted up."""
    sets = [counted(places, split.constants["words"]) for places in (split.x_train, split.x_val, split.x_test)]
    return accuracies(split, baselines.logistic_regression(sets[0], split.y_train, *sets, tfidf=True))


def counted(places: np.ndarray, words: np.ndarray) -> csr_matrix:
    """(n, 2) places of words that lie one review after the other -> sparse (n, 10000) of ones."""
    from scipy.sparse import csr_matrix

    first, starts = places[0, 0], np.append(places[:, 0], places[-1].sum())
    mine = words[first : starts[-1]]
    return csr_matrix((np.ones(len(mine), "float32"), mine, starts - first), (len(places), KNOWN_WORDS))


def accuracies(split: spec.Split, outputs: Sequence[np.ndarray]) -> spec.Fitted:
    """The accuracies of a baseline with these outputs for the training, validation and test reviews."""
    labels = split.y_train, split.y_val, split.y_test
    train, validation, test = map(metrics.binary_accuracy, labels, outputs)
    history = {"binary_accuracy": [train], "val_binary_accuracy": [validation]}
    return spec.Fitted(history, spec.Evaluation({"test_binary_accuracy": test}))


REVIEWS = script(examples=40_000, validation=10_000, validation_from="test")
BASELINES = (
    spec.Recipe(
        "baseline-majority", REVIEWS, Text(es="la clase más frecuente", en="the more frequent class"), fit=majority
    ),
    spec.Recipe(
        "baseline-tfidf",
        REVIEWS,
        Text(es="regresión logística sobre TF-IDF de sus palabras", en="logistic regression on TF-IDF of its words"),
        fit=tfidf,
    ),
)

# ---------------------------------------------------------------- the network with each regulariser


def network(s: spec.Settings) -> keras.Model:
    """Two hidden layers, the second half as wide, on the words of a review; at most one regulariser."""
    import keras
    from keras import layers, regularizers

    penalty = regularizers.L2(s.l2) if s.get("l2") else None
    stack: list[keras.Layer] = []
    for units in (s.hidden, s.hidden // 2):
        stack.append(layers.Dense(units, activation="relu", kernel_regularizer=penalty))
        if "momentum" in s:
            stack.append(layers.BatchNormalization(momentum=s.momentum))
        if "dropout" in s:
            stack.append(layers.Dropout(s.dropout))
    output = layers.Dense(1, activation="sigmoid", kernel_regularizer=penalty)
    return keras.Sequential([keras.Input((KNOWN_WORDS,)), *stack, output])


SOUND = ours(validation=5_000, validation_from="training", optimizer="Adam", schedule="cosine", epochs=8)
SOUND |= ours(loss="BinaryCrossentropy")
AS_SOUND = Text(
    es="la red del script, mejor entrenada: de cuatro intentos por red, el más exacto en 5000 reseñas apartadas del "
    "entrenamiento",
    en="the script's network, better trained: of four attempts per network, the most accurate on 5000 reviews held out "
    "of training",
)
RATES = (3e-5, 1e-4, 3e-4, 1e-3)


def variant(
    name: str,
    title: Text,
    own: dict[str, spec.Sourced],
    in_script: dict[str, spec.Sourced],
    best: dict[str, spec.Sourced],
    tried: dict[str, tuple[spec.Value, ...]],
    baselines: tuple[spec.Recipe, ...] = (),
) -> spec.Experiment:
    """The network with one regulariser, whose settings are ``own``; ``in_script`` is what the script changed for it.

    ``best`` are those of the values ``tried`` that the sound recipe has.
    """
    said = REVIEWS | text(hidden=100) | both(optimizer="Adadelta", learning_rate=0.1)
    said |= script(epochs=20, schedule="constant", loss="MeanSquaredError", batch_size=128) | own
    regulariser = (each for each in REGULARISERS if each.name in own)
    as_said = spec.Recipe("text", said | text(**{name: said[name].value for name in in_script}))
    as_run = as_said.but("script", script(hidden=50) | in_script)
    return spec.Experiment(
        id=f"ex03.{name}",
        title=Text(es="Reseñas de IMDB, {title}", en="IMDB reviews, {title}").format(title=title),
        dataset=IMDB,
        network=network,
        load=load,
        encode=encode,
        evaluate=reviews.evaluate,
        metrics=("BinaryAccuracy", "MeanSquaredError"),
        settings=(*reviews.taken(40_000, TESTS), HIDDEN, *regulariser, *settings.TRAINING, settings.SCHEDULE),
        recipes=(as_said, as_run, as_run.but("sound", SOUND | best, AS_SOUND, tried)),
        baselines=baselines,
        plain_data=plain_data,
        measures_training=True,
        quick=spec.Quick(seeds=1, changes={"epochs": 1}),
    )


WITH = Text(es="con {regulariser}", en="with {regulariser}")
BATCH_NORMALISATION = Text(es="normalización por lotes", en="batch normalisation")
DROPOUT = Text(es="Dropout", en="dropout")

none = variant(
    "none",
    Text(es="sin regularizador", en="no regulariser"),
    both(epochs=20),
    {},
    ours(learning_rate=1e-4),
    {"learning_rate": RATES},
    BASELINES,
)
l2 = variant(
    "l2",
    Text(es="con L2", en="with L2"),
    both(l2=0.01),
    {},
    ours(learning_rate=1e-4, l2=0.001),
    {"learning_rate": (1e-4, 3e-4), "l2": (0.001, 0.01)},
)
bn = variant(
    "bn",
    WITH.format(regulariser=BATCH_NORMALISATION),
    script(momentum=0.99),
    script(learning_rate=0.01),
    ours(learning_rate=1e-4),
    {"learning_rate": RATES},
)
dropout = variant(
    "dropout",
    WITH.format(regulariser=DROPOUT),
    script(dropout=0.5),
    {},
    ours(learning_rate=3e-4, dropout=0.7),
    {"learning_rate": (1e-4, 3e-4), "dropout": (0.5, 0.7)},
)
LINEAR_MODEL = none.under("baseline-tfidf")
SHOWN = {
    none: (8, Text(es="sin regularizador", en="no regulariser")),
    l2: (9, Text(es="con L2", en="with L2")),
    bn: (10, BATCH_NORMALISATION),
    dropout: (11, DROPOUT),
}

# ---------------------------------------------------------------- what the original claims


def overtaking(history: Mapping[str, Any]) -> float:
    """The epoch (from 1) since which training accuracy is above validation accuracy; one after the last if never."""
    behind = 1 + np.flatnonzero(np.less_equal(history["binary_accuracy"], history["val_binary_accuracy"]))
    return float(max(behind, default=0) + 1)


RISE = reviews.rise_of(
    "rise_at_20", "val_mean_squared_error", Text(es="error cuadrático de validación", en="squared validation error")
)
OVERTAKING = spec.DerivedMetric(
    "overtaking",
    overtaking,
    Text(
        es="época desde la cual la exactitud de entrenamiento supera a la de validación",
        en="epoch since which training accuracy is above validation accuracy",
    ),
    bounds=(1.0, math.inf),
)
TURNING = spec.DerivedMetric(
    "turning",
    lambda h: float(np.argmin(h["val_loss"]) + 1),
    Text(es="época del costo de validación más bajo", en="epoch of the lowest validation loss"),
    bounds=(1.0, math.inf),
)
LAST = spec.Metric("val_binary_accuracy", "last")

OTHERS = {e: WITH.format(regulariser=SHOWN[e][1]) for e in (bn, dropout)}
AGAINST = {none: Text(es="sin regularizador", en="without a regulariser"), **OTHERS}
SMALLER_GAP = Text(
    es="la distancia entre la exactitud de entrenamiento, en modo inferencia, y la de validación es menor con L2 que "
    "{other}",
    en="the gap between training accuracy, in inference mode, and validation accuracy is smaller with L2 than {other}",
)
SMALLER_DRAWN_GAP = Text(
    es="como la muestran las figuras (entrenamiento: media de cada época, con Dropout activo), esa distancia es menor "
    "con L2 que {other}",
    en="as the figures show it (training: a mean over each epoch, with dropout on), that gap is smaller with L2 than "
    "{other}",
)
SMALLER_RISE = Text(
    es="con L2 el error de validación sube, tras su mínimo, menos que {other}",
    en="after its lowest value the validation error rises less with L2 than {other}",
)

CLAIMS = (
    spec.Claim(
        "3a",
        Text(
            es="La red sin regularizador sobreajusta desde la época 2.",
            en="The network without a regulariser overfits from epoch 2 on.",
        ),
        "§3, Fig. 8",
        (
            spec.Reading(
                spec.Reaches(none, OVERTAKING, 2, tolerance=0.5, margin=4.0, figure=shown(8, OVERTAKING)),
                "accuracies cross",
                Text(
                    es="la exactitud de entrenamiento supera a la de validación desde la época 2",
                    en="training accuracy is above validation accuracy from epoch 2 on",
                ),
                "alternative",
            ),
            spec.Reading(
                spec.Reaches(none, TURNING, 2, tolerance=0.5, margin=4.0, figure=shown(8, TURNING)),
                "validation loss turns",
                Text(
                    es="el costo de validación tiene su mínimo en la época 2 y después sube",
                    en="the validation loss has its lowest value at epoch 2 and rises afterwards",
                ),
                "alternative",
            ),
        ),
        comment=Text(
            es="En casi toda red sin regularizar la exactitud de entrenamiento supera en algún momento a la de "
            "validación: son datos que ya vio. El cruce no dice que la validación empeore; empeora cuando su costo "
            "sube, más tarde y poco. La figura atrasa el cruce una época: su exactitud de entrenamiento es la media de "
            "una época durante la cual la red todavía aprende.",
            en="In almost every unregularised network training accuracy some time crosses validation accuracy: it has "
            "seen those data. That does not say that validation gets worse; it does where its loss rises, later and "
            "little. The figure shows the crossing an epoch late: its training accuracy is a mean over an epoch during "
            "which the network is still learning.",
        ),
        sound=spec.Answer(
            none.under("sound"),
            TURNING,
            Text(
                es="época del costo de validación más bajo, de 8, sin regularizador y con Adam",
                en="epoch of the lowest validation loss, of 8, without a regulariser and with Adam",
            ),
        ),
    ),
    spec.Claim(
        "3b",
        Text(
            es="L2 es el regularizador que mejor resuelve el sobreajuste.",
            en="L2 is the regulariser that solves overfitting best.",
        ),
        "§3, Figs. 8-11",
        (
            *(
                spec.Reading(
                    spec.Exceeds(e, l2, INFERENCE_GAP, margin=0.01),
                    f"gap, {other}",
                    SMALLER_GAP.format(other=other),
                )
                for e, other in AGAINST.items()
            ),
            *(
                spec.Reading(
                    spec.Exceeds(e, l2, GAP, margin=0.01, figure=shown_difference(SHOWN[e][0], 9, GAP)),
                    f"gap as drawn, {other}",
                    SMALLER_DRAWN_GAP.format(other=other),
                )
                for e, other in AGAINST.items()
            ),
            *(
                spec.Reading(
                    spec.Exceeds(e, l2, RISE, margin=0.02),
                    f"rise, {other}",
                    SMALLER_RISE.format(other=other),
                    "beyond",
                )
                for e, other in OTHERS.items()
            ),
            spec.Reading(
                spec.Exceeds(l2, none, LAST, margin=0.005, figure=shown_difference(9, 8, VAL_ACCURACY)),
                "what it is for",
                Text(
                    es="con L2 se aciertan más reseñas nuevas que sin regularizador, que es para lo que se regulariza",
                    en="with L2 new reviews are classified better than without a regulariser, which is its purpose",
                ),
                "beyond",
            ),
        ),
        comment=Text(
            es="Aprender menos también achica la distancia: L2 con 0,01 baja la exactitud de entrenamiento hasta la "
            "de validación, que no sube. El error cuadrático se mide sin la penalización, que solo esa red tiene.",
            en="Learning less shrinks the gap, too: L2 with 0.01 brings training accuracy down to validation's, which "
            "does not rise. The squared error is measured without the penalty, which only that network has.",
        ),
        sound=spec.Answer(
            l2.under("sound"),
            TEST_ACCURACY,
            Text(
                es="exactitud en las 10 000 reseñas de prueba, L2 menos Dropout, con igual entrenamiento e intentos",
                en="accuracy on the 10 000 test reviews, L2 minus dropout, trained alike with as many attempts",
            ),
            minus=dropout.under("sound"),
        ),
    ),
    spec.Claim(
        "3c",
        Text(
            es="La red sin regularizador acierta el 85 % de las reseñas.",
            en="The network without a regulariser classifies 85 % of the reviews correctly.",
        ),
        "§4, Fig. 8",
        spec.Reaches(none, LAST, 0.85, tolerance=0.005, margin=0.02, figure=shown(8, VAL_ACCURACY)),
        sound=spec.Answer(
            none.under("sound"),
            TEST_ACCURACY,
            Text(
                es="exactitud en las 10 000 reseñas de prueba, sin regularizador, con Adam",
                en="accuracy on the 10 000 test reviews, without a regulariser, with Adam",
            ),
        ),
    ),
)

# ---------------------------------------------------------------- figures

MISCAPTIONED = Text(
    es="{title} (el epígrafe del original es el del ejercicio 1)",
    en="{title} (the original's caption is that of exercise 1)",
)

L2_FIGURE = spec.accuracy_and_loss(9, l2.title, l2, *reviews.ACCURACY)
WITHOUT_PENALTY = spec.Panel(
    "mean_squared_error", Text(es="error cuadrático, sin la penalización", en="squared error, without the penalty")
)
FIGURES = (
    spec.accuracy_and_loss(8, none.title, none, *reviews.ACCURACY),
    replace(L2_FIGURE, panels=(*L2_FIGURE.panels, WITHOUT_PENALTY)),
    spec.accuracy_and_loss(10, MISCAPTIONED.format(title=bn.title), bn, *reviews.ACCURACY),
    spec.accuracy_and_loss(11, MISCAPTIONED.format(title=dropout.title), dropout, *reviews.ACCURACY),
    spec.Figure(
        "ex03-regularisers",
        Text(es="Los cuatro juntos, en la época 20 o la última", en="The four together, at epoch 20 or the last"),
        none,
        reviews.accuracy_and_gap(SHOWN, LINEAR_MODEL),
    ),
)

# ---------------------------------------------------------------- what is wrong there

MISTAKES = (
    spec.Mistake(
        "§§3-4",
        Text(
            es="ReLU no se elige porque los datos no sean lineales: cualquier activación no lineal sirve para eso, y "
            "aquí casi no hace falta: un modelo lineal de las mismas palabras acierta al menos lo mismo. Se la usa "
            "porque su gradiente no se apaga donde la unidad está activa.",
            en="ReLU is not chosen because the data are not linear: any nonlinear activation serves for that, and here "
            "it is hardly needed: a linear model of the same words is at least as accurate. It is used because its "
            "gradient does not fade where the unit is active.",
        ),
        (none.under("script"), LINEAR_MODEL),
        ("test_binary_accuracy",),
    ),
    spec.Mistake(
        "§3",
        Text(
            es="No todos los regularizadores penalizan la complejidad: L2 suma al costo una penalización de los pesos; "
            "Dropout y la normalización por lotes no suman nada, y regularizan por el ruido que meten al entrenar.",
            en="Not every regulariser penalises complexity: L2 adds a penalty of the weights to the loss; dropout and "
            "batch normalisation add nothing, and regularise by the noise that they bring into training.",
        ),
    ),
    spec.Mistake(
        "§3",
        Text(
            es="La normalización por lotes no es solo estandarizar: después multiplica y suma dos parámetros que "
            "aprende por unidad, y al predecir usa medias acumuladas en lugar de las del lote.",
            en="Batch normalisation does not just standardise: it then scales and shifts by two parameters that it "
            "learns for each unit, and to predict it uses accumulated averages instead of the batch's.",
        ),
    ),
    spec.Mistake(
        "§3",
        Text(
            es="El texto da 0,1 como tasa de aprendizaje de todas las redes; el script entrenó la de normalización por "
            "lotes con 0,01: lo que la separa de las otras no es solo el regularizador.",
            en="The text gives 0.1 as the learning rate of all networks; the script trained the one with batch "
            "normalisation at 0.01: the regulariser is not all that sets it apart.",
        ),
        (bn.under("script"), bn.under("text")),
    ),
    spec.Mistake(
        "§3",
        Text(
            es="El texto dice 100 y 50 neuronas ocultas; las figuras son de redes con 50 y 25.",
            en="The text says 100 and 50 hidden units; the figures are of networks with 50 and 25.",
        ),
        (none.under("script"), none.under("text")),
    ),
    spec.Mistake(
        "§3",
        Text(
            es="La conclusión mira la distancia entre dos curvas y no lo que se busca: la red con L2 acierta menos "
            "reseñas nuevas que la que no tiene regularizador.",
            en="The conclusion looks at the gap between two curves and not at what is wanted: the network with L2 "
            "classifies fewer new reviews correctly than the one without a regulariser.",
        ),
        (l2.under("script"), none.under("script"), LINEAR_MODEL),
    ),
    spec.Mistake(
        "§3",
        Text(
            es="Dropout no saltea una capa al azar: apaga unidades sueltas dentro de la capa, otras en cada paso.",
            en="Dropout does not skip a layer at random: it switches off single units within it, others at each step.",
        ),
    ),
    spec.Mistake(
        "§4, Fig. 8",
        Text(
            es="La sección siguiente da a la red sin regularizador una exactitud del 85 %; su curva termina en el "
            "88,9 %.",
            en="The next section gives the network without a regulariser 85 %; its curve ends at 88.9 %.",
        ),
        (none.under("script"),),
    ),
    spec.Mistake(
        "Figs. 10-11",
        Text(
            es="Los epígrafes son los del ejercicio 1 (precios de Boston); los paneles muestran reseñas.",
            en="The captions are those of exercise 1 (prices in Boston); the panels show reviews.",
        ),
    ),
)

EXERCISE = spec.Exercise(
    id="ex03",
    title=Text(es="IMDB: reseñas y regularizadores", en="IMDB: reviews and regularisers"),
    question=Text(
        es="¿Qué tan bien se reconoce una reseña favorable por sus palabras, y qué regularizador frena el sobreajuste?",
        en="How well do its words tell a good review from a bad one, and which regulariser helps against overfitting?",
    ),
    experiments=(none, l2, bn, dropout),
    claims=CLAIMS,
    figures=FIGURES,
    mistakes=MISTAKES,
    quick_seconds=45,
    asked=(
        spec.Asked(
            Text(
                es="¿Cuánto acierta la red con cada regularizador, frente a la que no tiene y a un modelo lineal?",
                en="How accurate is the network with each regulariser, compared with none and with a linear model?",
            ),
            LAST,
            (*(e.under("script") for e in SHOWN), LINEAR_MODEL),
        ),
        spec.Asked(
            Text(
                es="¿Qué regularizador hace más exacta a la red, si todas se entrenan igual y cada una se afina con el "
                "mismo número de intentos?",
                en="Which regulariser makes the network more accurate where all are trained alike and each is tuned "
                "with as many attempts?",
            ),
            TEST_ACCURACY,
            (*(e.under("sound") for e in SHOWN), LINEAR_MODEL),
        ),
    ),
)
