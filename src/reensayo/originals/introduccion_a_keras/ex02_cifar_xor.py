"""Exercise 2: small dense networks on CIFAR-10 under three losses, and XOR.

The original says: with squared error up to 45 % top-1 accuracy, more than with cross-entropy or hinge; with the network
of problem 4 at most 40 %; XOR is learned in 500 epochs.

    reensayo run ex02 --recipe script             # the published runs
    reensayo run ex02.mse@baseline-svm --seeds 3  # a linear classifier beside them
    reensayo run ex02.xor --seeds 30              # how often XOR is learned
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from reensayo import baselines, metrics, settings, spec
from reensayo.datasets import CIFAR10, Raw
from reensayo.preprocess import feature_moments, one_hot, standardise
from reensayo.spec import both, ours, script, text
from reensayo.text import Text

if TYPE_CHECKING:
    import keras

# ---------------------------------------------------------------- CIFAR-10: data, network, what is measured

VALIDATION = 5_000
"""So many validate, as in the published scripts: of the test images the first, of the training images the last."""

ACTIVATION = spec.Setting(
    "activation",
    Text(es="activación de las unidades ocultas", en="activation of the hidden units"),
    str,
    choices=("sigmoid", "relu"),
)

KERNELS = spec.Setting(
    "kernels",
    Text(
        es="pesos iniciales: los de Keras por omisión, o N(0, 3) en la oculta y N(0, 1) en la de salida",
        en="initial kernels: Keras's default, or N(0, 3) in the hidden layer and N(0, 1) in the output layer",
    ),
    str,
    choices=("default", "normal"),
)


def load(raw: Raw, s: spec.Settings) -> spec.Split:
    """The first ``examples`` images train; each of the 3072 values gets the mean and deviation of those that do."""
    x, y, x_test, y_test = raw.x_train[: s.examples], raw.y_train[: s.examples], raw.x_test, raw.y_test
    split = spec.Split(x, y, x_test[:VALIDATION], y_test[:VALIDATION], x_test, y_test)
    if s.validation_from == "training":
        split = split.hold_out(VALIDATION)
    mean, deviation = (moment.ravel() for moment in feature_moments(split.x_train))
    return replace(split, constants={"mean": mean, "deviation": deviation})


def encode(x: Any, y: Any, constants: Mapping[str, Any], s: spec.Settings) -> tuple[Any, Any]:
    """(n, 32, 32, 3) bytes and (n,) labels -> (n, 3072) standardised and (n, 10) one-hot."""
    return standardise(x.reshape(len(x), -1), **constants), one_hot(y, 10)


def plain_data(s: spec.Settings) -> str:
    """The same, for an exported script."""
    fewer = f"x_train, y_train = x_train[:{s.examples}], y_train[:{s.examples}]\n" if s.examples < 50_000 else ""
    parts = f"x_val, y_val = x_test[:{VALIDATION}], y_test[:{VALIDATION}]"
    if s.validation_from == "training":
        parts = f"(x_train, x_val), (y_train, y_val) = (np.split(part, [-{VALIDATION}]) for part in (x_train, y_train))"
    return f"""
{fewer}{parts}
mean, deviation = (moment(x_train, axis=0).astype("float32") for moment in (np.mean, np.std))
x_train, x_val = (((x - mean) / deviation).reshape(-1, 3072) for x in (x_train, x_val))
y_train, y_val = (keras.utils.to_categorical(y, 10) for y in (y_train, y_val))
"""


def network(s: spec.Settings) -> keras.Model:
    """One hidden layer on all 3072 values of a small colour image."""
    import keras
    from keras import initializers, layers, regularizers

    def dense(units: int, deviation: float, activation: str | None = None) -> keras.Layer:
        kernels = initializers.RandomNormal(stddev=deviation) if s.kernels == "normal" else "glorot_uniform"
        penalty = regularizers.L2(s.l2) if s.l2 else None
        return layers.Dense(units, activation, kernel_initializer=kernels, kernel_regularizer=penalty)

    hidden = dense(s.hidden, 3.0, str(s.get("activation", "sigmoid")))
    dropout = [layers.Dropout(s.dropout)] if s.get("dropout") else []
    return keras.Sequential([keras.Input((3072,)), hidden, *dropout, dense(10, 1.0)])


def cross_entropy(y: Any, outputs: Any) -> Any:
    """The loss without its L2 penalty, which at first is many times as large where kernels are N(0, 3)."""
    import keras

    return keras.ops.categorical_crossentropy(y, outputs, from_logits=True)


def evaluate(predict: spec.Predict, split: spec.Split, s: spec.Settings) -> spec.Evaluation:
    """Top-1 accuracy on all 10 000 test images, and the class predicted for each."""
    outputs = predict(split.x_test)
    measures = {"test_categorical_accuracy": metrics.categorical_accuracy(split.y_test, outputs)}
    return spec.Evaluation(measures, {"test_predicted": outputs.argmax(axis=1).astype(np.uint8)})


def linear(loss: str, split: spec.Split, s: spec.Settings, rng: np.random.Generator) -> spec.Fitted:
    """A baseline: ten linear classifiers of the same standardised values, one for each class."""

    def features(x: np.ndarray) -> np.ndarray:
        return np.asarray(standardise(x.reshape(len(x), -1), **split.constants), "float32")

    others = ((split.x_val, split.y_val), (split.x_test, split.y_test))
    rows = baselines.linear_classifier(loss, s.l2, s.epochs, features, (split.x_train, split.y_train), others, rng)
    training, validation, test = zip(*rows, strict=True)
    history = {"categorical_accuracy": training, "val_categorical_accuracy": validation}
    return spec.Fitted(history, spec.Evaluation({"test_categorical_accuracy": test[-1]}))


# ---------------------------------------------------------------- CIFAR-10: experiments and recipes

LINEAR = script(examples=50_000, validation_from="test") | ours(l2=0.01, epochs=5)
BASELINES = (
    spec.Recipe(
        "baseline-svm",
        LINEAR,
        Text(es="clasificadores lineales con costo hinge (SVM)", en="linear classifiers with hinge loss (SVM)"),
        fit=partial(linear, "hinge"),
    ),
    spec.Recipe(
        "baseline-softmax",
        LINEAR,
        Text(es="clasificador lineal con softmax y entropía cruzada", en="linear softmax classifier, cross-entropy"),
        fit=partial(linear, "softmax"),
    ),
)

WITHOUT_PENALTY: Mapping[spec.Value, spec.KerasMetric] = {
    "MeanSquaredError": "MeanSquaredError",
    "Hinge": "Hinge",
    "CategoricalCrossentropy": cross_entropy,
}
"""The metric that is the loss less its L2 penalty."""


def pixels(
    name: str,
    title: Text,
    ran: dict[str, spec.Sourced],
    said: Mapping[str, spec.Sourced],
    baselines: tuple[spec.Recipe, ...] = (),
) -> spec.Experiment:
    """The dense network as one published run ``ran``, and as the text ``said``, where it says something else."""
    usual = both(hidden=100) | script(
        examples=50_000, validation_from="test", kernels="default", optimizer="SGD", epochs=50
    )
    as_published = spec.Recipe("script", usual | ran)
    own = (one for one in (ACTIVATION, settings.DROPOUT, settings.FROM_LOGITS, settings.SCHEDULE) if one.name in ran)
    return spec.Experiment(
        id=f"ex02.{name}",
        title=Text(es="CIFAR-10 densa, {title}", en="CIFAR-10 dense, {title}").format(title=title),
        dataset=CIFAR10,
        network=network,
        load=load,
        encode=encode,
        evaluate=evaluate,
        metrics=("CategoricalAccuracy", WITHOUT_PENALTY[ran["loss"].value]),
        settings=(
            *(settings.examples(50_000), settings.VALIDATION_FROM, settings.HIDDEN, settings.L2, KERNELS),
            *(*own, *settings.TRAINING),
        ),
        recipes=(as_published.but("text", said), as_published),
        baselines=baselines,
        plain_data=plain_data,
        quick=spec.Quick(seeds=1, changes={"epochs": 2}),
    )


STATED = both(optimizer="SGD", learning_rate=0.1)
"""Sections 2.1, of squared error, and 2.2."""
SECTION_2_1 = text(l2=1e-3) | ours(kernels="default")
"""The text is silent about initial kernels, so they are Keras's; of squared error it gives all else."""
SAME_ARCHITECTURE = SECTION_2_1 | ours(learning_rate=0.1, l2=1e-3)
"""Of hinge and cross-entropy it says that the architecture is the same; we take the rest to be, too."""
COMPARED = script(l2=1e-4) | ours(batch_size=50)
"""In Fig. 5. The batch is read off its curves: with the script's 200, as in Figs. 2 and 3, ours start and end below
them; with 50 they lie on them from the first epoch to the last.
"""
WITH_ERROR = both(loss="MeanSquaredError") | STATED
WITH_HINGE = both(loss="Hinge") | script(learning_rate=1e-3)
WITH_ENTROPY = both(loss="CategoricalCrossentropy") | script(kernels="normal", from_logits=True, batch_size=50)
TUNED = script(schedule="constant")
"""What a sound recipe changes and the published runs left as it is."""
WIDENED = both(activation="sigmoid") | script(dropout=0.0)

SQUARED_ERROR = Text(es="error cuadrático", en="squared error")
CROSS_ENTROPY = Text(es="entropía cruzada", en="cross-entropy")
HINGE = Text(es="hinge", en="hinge")
AS_COMPARED = Text(es="{loss}, de la comparación", en="{loss}, as compared")

mse = pixels("mse", SQUARED_ERROR, WITH_ERROR | both(l2=1e-3) | script(batch_size=200) | TUNED, SECTION_2_1, BASELINES)
hinge = pixels("hinge", HINGE, WITH_HINGE | script(l2=1e-2, batch_size=200) | TUNED, SAME_ARCHITECTURE)
cce = pixels(
    "cce", CROSS_ENTROPY, WITH_ENTROPY | script(l2=1e-4, learning_rate=1.0) | TUNED | WIDENED, SAME_ARCHITECTURE
)
fig5_mse = pixels("fig5-mse", AS_COMPARED.format(loss=SQUARED_ERROR), WITH_ERROR | COMPARED, SECTION_2_1)
fig5_hinge = pixels("fig5-hinge", AS_COMPARED.format(loss=HINGE), WITH_HINGE | COMPARED, SAME_ARCHITECTURE)
problem4 = pixels(
    "problem4",
    Text(es="problema 4", en="problem 4"),
    WITH_ENTROPY | STATED | both(l2=1e-4),
    ours(kernels="default"),  # the text: the same classifier as before
)
CLASSIFIERS = mse.under("baseline-svm"), mse.under("baseline-softmax")

# ---------------------------------------------------------------- XOR


def load_xor(raw: None, s: spec.Settings) -> spec.Split:
    """All of XOR: (4, 2) of +-1; (4, 1), -1 if the two differ, +1 if equal. Nothing is left to validate with."""
    x = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    y = x[:, :1] * x[:, 1:]
    return spec.Split(x, y, x[:0], y[:0], x, y)


def plain_xor(s: spec.Settings) -> str:
    """The same, for an exported script."""
    return """
x_train = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
y_train = x_train[:, :1] * x_train[:, 1:]  # -1 where the two differ, +1 where they are equal
"""


def network_2_2_1(s: spec.Settings) -> keras.Model:
    """Two inputs, hidden tanh units, one tanh output."""
    import keras

    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(s.hidden, "tanh"), keras.layers.Dense(1, "tanh")])


def network_2_1_1(s: spec.Settings) -> keras.Model:
    """The same, but the output also sees the two inputs."""
    import keras

    x = keras.Input((2,))
    joined = keras.layers.Concatenate()([x, keras.layers.Dense(s.hidden, "tanh")(x)])
    return keras.Model(x, keras.layers.Dense(1, "tanh")(joined))


def within_a_tenth(y: Any, outputs: Any) -> Any:
    """Share of outputs that are at most 0.1 away from their target: what the original calls accuracy for XOR."""
    import keras

    return keras.ops.mean(keras.ops.cast(keras.ops.abs(y - outputs) <= 0.1, outputs.dtype), axis=-1)


def right_sign(y: Any, outputs: Any) -> Any:
    """Share of outputs on the side of 0 where their target is: what a threshold makes of XOR."""
    import keras

    return keras.ops.mean(keras.ops.cast(y * outputs > 0, outputs.dtype), axis=-1)


def evaluate_xor(predict: spec.Predict, split: spec.Split, s: spec.Settings) -> spec.Evaluation:
    """Squared error, largest error and share of right signs of the four cases, and the network's output for each."""
    outputs = predict(split.x_test)
    measures = {
        "test_mean_squared_error": metrics.mean_squared_error(split.y_test, outputs),
        "test_largest_error": float(np.abs(split.y_test - outputs).max()),
        "test_right_sign": float(np.mean(split.y_test * outputs > 0)),
    }
    return spec.Evaluation(measures, {"test_outputs": outputs[:, 0]})


XOR = spec.Recipe("script", both(hidden=2, loss="MeanSquaredError", epochs=500) | STATED | script(batch_size=4))

xor = spec.Experiment(
    id="ex02.xor",
    title=Text(es="XOR, red 2-2-1", en="XOR, a 2-2-1 network"),
    dataset=None,
    network=network_2_2_1,
    load=load_xor,
    evaluate=evaluate_xor,
    metrics=("MeanSquaredError", within_a_tenth, right_sign),
    settings=(settings.HIDDEN, *settings.TRAINING),
    recipes=(XOR.but("text", {}), XOR),
    plain_data=plain_xor,
    quick=spec.Quick(seeds=20),
    seeds=20,
    validates=False,
)
xor_skip = replace(
    xor,
    id="ex02.xor-skip",
    title=Text(es="XOR, red 2-1-1 cuya salida ve las entradas", en="XOR, 2-1-1 network, its output sees the inputs"),
    network=network_2_1_1,
    recipes=(XOR.but("assignment", spec.sourced("assignment", hidden=1)),),
)

# ---------------------------------------------------------------- what the original claims

BEST = spec.Metric("val_categorical_accuracy", "highest")
LAST = spec.Metric("val_categorical_accuracy", "last")
RIGHT = spec.Metric("within_a_tenth", "last")


def over(less: spec.Experiment, curve: str, loss: Text) -> spec.Reading:
    """Squared error ends higher than the network ``less``, and in Figure 5 than the ``curve`` of its loss."""
    shown = spec.difference(*(spec.curve(5, f"{name}_validation_accuracy", LAST) for name in ("mse", curve)))
    test = spec.Exceeds(fig5_mse, less, LAST, margin=0.01, figure=shown, compares=("loss",))
    about = Text(es="más que con {loss}", en="more than with {loss}").format(loss=loss)
    return spec.Reading(test, f"over {loss}", about)


CLAIMS = (
    spec.Claim(
        "2a",
        Text(
            es="Con error cuadrático la red alcanza hasta 45 % de aciertos.",
            en="With squared error the network reaches up to 45 % accuracy.",
        ),
        "§2.1, Fig. 2",
        spec.Reaches(mse, BEST, 0.45, tolerance=0.005, margin=0.02, figure=spec.curve(2, "validation_accuracy", BEST)),
        comment=Text(
            es="La Fig. 5, de otra corrida con una L2 diez veces menor y, según su curva, lotes de 50, sube a 48,5 %.",
            en="Fig. 5, of another run with a tenth of the L2 and, as its curve tells, batches of 50, rises to 48.5 %.",
        ),
    ),
    spec.Claim(
        "2b",
        Text(
            es="De los tres costos, el error cuadrático es el que da más aciertos.",
            en="Of the three losses, squared error gives the highest accuracy.",
        ),
        "§2.1, Fig. 5",
        (over(cce, "cce", CROSS_ENTROPY), over(fig5_hinge, "hinge", HINGE)),
        comment=Text(
            es="En los scripts la entropía cruzada parte de pesos muy grandes y hinge da pasos cien veces más cortos: "
            "se compara el ajuste de cada uno. La receta text los compara con igual paso, L2 y pesos iniciales.",
            en="In the scripts cross-entropy starts from very large weights and hinge takes steps 100 times shorter: "
            "what is compared is the tuning. Recipe text compares them with equal step, L2 and initial weights.",
        ),
    ),
    spec.Claim(
        "2c",
        Text(
            es="La red del problema 4 alcanza a lo sumo 40 % de aciertos.",
            en="The network of problem 4 reaches at most 40 % accuracy.",
        ),
        "§2.2, Fig. 6",
        spec.Reaches(
            problem4, BEST, 0.4, tolerance=0.005, margin=0.02, figure=spec.curve(6, "validation_accuracy", BEST)
        ),
    ),
    spec.Claim(
        "2d",
        Text(es="La red 2-2-1 aprende XOR en 500 épocas.", en="The 2-2-1 network learns XOR in 500 epochs."),
        "§2.3, Fig. 7",
        spec.Happens(
            xor,
            lambda trial: trial.measures["test_largest_error"] <= 0.1,
            Text(
                es="las cuatro salidas acaban a menos de 0,1 de su objetivo",
                en="all four outputs end within 0.1 of their target",
            ),
            figure=spec.curve(7, "training_accuracy", RIGHT),
        ),
    ),
)

# ---------------------------------------------------------------- figures

TOP1 = "categorical_accuracy", Text(es="aciertos", en="top-1 accuracy")
"""The metric, and what it is called in figures."""
ARMS = (
    spec.Arm(fig5_mse, SQUARED_ERROR, "mse_validation_accuracy"),
    spec.Arm(cce, CROSS_ENTROPY, "cce_validation_accuracy"),
    spec.Arm(fig5_hinge, Text(es="hinge", en="hinge loss"), "hinge_validation_accuracy"),
)

FIGURES = (
    spec.accuracy_and_loss(2, Text(es="CIFAR-10 con error cuadrático", en="CIFAR-10 with squared error"), mse, *TOP1),
    spec.accuracy_and_loss(3, Text(es="CIFAR-10 con hinge", en="CIFAR-10 with hinge loss"), hinge, *TOP1),
    spec.accuracy_and_loss(
        4, Text(es="CIFAR-10 con entropía cruzada", en="CIFAR-10 with cross-entropy"), cce, *TOP1, log=True
    ),
    spec.Figure(
        5,
        Text(es="CIFAR-10: los tres costos y modelos lineales", en="CIFAR-10: the three losses and linear models"),
        fig5_mse,
        (
            spec.Comparison(
                LAST.name, Text(es="aciertos en validación", en="validation top-1 accuracy"), 5, ARMS, CLASSIFIERS
            ),
        ),
    ),
    spec.accuracy_and_loss(
        6,
        Text(
            es="CIFAR-10, problema 4 (con entropía cruzada, aunque el epígrafe del original dice MSE)",
            en="CIFAR-10, problem 4 (with cross-entropy, though the original's caption says MSE)",
        ),
        problem4,
        *TOP1,
        log=True,
    ),
    spec.Figure(
        7,
        Text(es="XOR: salidas a menos de 0,1 y costo", en="XOR: outputs within 0.1, and loss"),
        xor,
        (
            spec.Panel(
                "within_a_tenth", Text(es="salidas a menos de 0,1", en="outputs within 0.1"), 7, "training_accuracy"
            ),
            spec.Panel("loss", spec.LOSS, 7, "training_loss"),
        ),
    ),
)

# ---------------------------------------------------------------- what is wrong there

MISTAKES = (
    spec.Mistake(
        "§2.1, Fig. 5",
        Text(
            es="La comparación de los tres costos compara otras cosas: la entropía cruzada parte de pesos N(0, 3), que "
            "saturan las sigmoides, con paso 1; hinge da pasos de 0,001; el error cuadrático, de 0,1 con los pesos de "
            "Keras. La receta text los compara con igual paso, L2 y pesos iniciales.",
            en="The comparison of three losses compares other things: cross-entropy starts from N(0, 3) weights, which "
            "saturate the sigmoids, with a step of 1; hinge takes steps of 0.001; squared error of 0.1, from Keras's "
            "weights. Recipe text compares them with equal step, L2 and initial weights.",
        ),
        (cce.under("script"), cce.under("text"), fig5_hinge.under("text"), fig5_mse.under("text")),
    ),
    spec.Mistake(
        "§2.1, Fig. 2",
        Text(
            es="El texto habla de hasta 45 %; la curva de la Fig. 2 llega a 43,8 %. La de la Fig. 5 es otra corrida, "
            "con L2 de 0,0001 en lugar de 0,001 y, según su curva, lotes de 50 en lugar de los 200 del script: con 200 "
            "la nuestra empieza y termina por debajo; con 50 la sigue de la primera época a la última.",
            en="The text speaks of up to 45 %; the curve of Fig. 2 gets to 43.8 %. That of Fig. 5 is another run, with "
            "L2 of 0.0001 in place of 0.001 and, as its curve tells, batches of 50 in place of the script's 200: with "
            "200 ours starts and ends below it, with 50 it follows it from the first epoch to the last.",
        ),
        (mse.under("script"), fig5_mse.under("script")),
    ),
    spec.Mistake(
        "§2.1",
        Text(
            es="La sección se corta en mitad de una frase, y faltan la comparación con clasificadores lineales y la "
            "segunda red para XOR, que la consigna pedía. Aquí están.",
            en="The section breaks off in mid-sentence, and the comparison with linear classifiers and the second "
            "network for XOR, which the assignment asked for, are missing. They are here.",
        ),
        (*CLASSIFIERS, xor_skip.under("assignment")),
    ),
    spec.Mistake(
        "§2.1",
        Text(
            es="Llamar SVM a esta red es impropio: hinge con una capa oculta de sigmoides no da un separador de margen "
            "máximo. El SVM lineal que pedía la consigna está aquí como baseline-svm.",
            en="To call this network an SVM is improper: hinge loss behind a hidden layer of sigmoids gives no "
            "maximum-margin separator. The linear SVM that the assignment asked for is here as baseline-svm.",
        ),
        (hinge.under("script"), mse.under("baseline-svm")),
    ),
    spec.Mistake(
        "§2.2, Fig. 6",
        Text(
            es="El texto da a la red del problema 4 40 % como mucho; su curva de validación no pasa de 35,1 %.",
            en="The text gives the network of problem 4 at most 40 %; its validation curve does not get beyond 35.1 %.",
        ),
        (problem4.under("script"),),
    ),
    spec.Mistake(
        "Fig. 6",
        Text(
            es="El epígrafe dice MSE; la corrida es con entropía cruzada, como el texto.",
            en="The caption says MSE; the run is with cross-entropy, as the text says.",
        ),
    ),
    spec.Mistake(
        "§2.3",
        Text(
            es="Una corrida que aprende XOR no dice que la red lo aprenda: según los pesos iniciales, parte de las "
            "corridas se queda en un mínimo con uno o dos casos mal.",
            en="One run that learns XOR does not say that the network learns it: depending on the initial weights, "
            "some runs stay in a minimum with one or two of the cases wrong.",
        ),
        (xor.under("script"), xor_skip.under("assignment")),
    ),
)

EXERCISE = spec.Exercise(
    id="ex02",
    title=Text(es="CIFAR-10 con redes densas, y XOR", en="CIFAR-10 with dense networks, and XOR"),
    question=Text(
        es="¿Qué costo conviene a una red densa chica que clasifica CIFAR-10, cuánto gana a un clasificador lineal, y "
        "aprende XOR una red de dos neuronas ocultas?",
        en="Which loss suits a small dense network that classifies CIFAR-10, how much better than a linear classifier "
        "is it, and does a network of two hidden units learn XOR?",
    ),
    experiments=(mse, hinge, cce, fig5_mse, fig5_hinge, problem4, xor, xor_skip),
    claims=CLAIMS,
    figures=FIGURES,
    mistakes=MISTAKES,
    quick_seconds=55,
    asked=(
        spec.Asked(
            Text(
                es="¿Cuánto acierta la red con cada costo, comparada con clasificadores lineales?",
                en="How accurate is the network with each loss, compared with linear classifiers?",
            ),
            spec.Metric("test_categorical_accuracy", "measured"),
            # the networks that differ in the loss alone
            (fig5_mse.under("text"), fig5_hinge.under("text"), cce.under("text"), *CLASSIFIERS),
        ),
        spec.Asked(
            Text(
                es="¿Aprenden XOR las dos redes, la 2-2-1 y la 2-1-1 cuya salida ve las entradas?",
                en="Do both networks learn XOR, the 2-2-1 and the 2-1-1 whose output sees the inputs?",
            ),
            RIGHT,
            (xor.under("script"), xor_skip.under("assignment")),
        ),
    ),
)
