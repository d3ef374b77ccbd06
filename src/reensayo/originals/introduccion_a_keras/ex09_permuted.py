"""Exercise 9: the digits of exercise 8 with their pixels in another order, always the same one.

The original says: the permutation lifts the dense network to 98 %, above the convolutional one, which it neither helps
nor harms. Its 98 % are binary accuracy over ten outputs; of the digits, about 92 % are right.

    reensayo run ex09 --recipe script
    reensayo compare ex09.dense@script ex09.dense-plain@script    # the effect of the permutation, seed by seed
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reensayo import metrics, settings, spec
from reensayo.datasets import MNIST, Raw
from reensayo.originals.introduccion_a_keras import ex08_mnist
from reensayo.originals.introduccion_a_keras.ex08_mnist import TEST_TOP1, TOP1, VAL_CONV, VAL_TOP1
from reensayo.preprocess import one_hot
from reensayo.spec import script, text
from reensayo.text import Text

# ---------------------------------------------------------------- data

ORDER_SEED = 9
PERMUTATION = np.random.RandomState(ORDER_SEED).permutation(28 * 28)
"""Where the value of each pixel comes from: one order for every image, seed, recipe and exported script.

NumPy promises that this generator's numbers never change; the original's order is not known.
"""


def permuted(images: np.ndarray, order: np.ndarray = PERMUTATION) -> np.ndarray:
    """(n, 28, 28) or (n, 28, 28, 1) -> the same with the pixels in their new places."""
    moved: np.ndarray = images.reshape(len(images), -1)[:, order].reshape(images.shape)
    return moved


def put_back(images: np.ndarray) -> np.ndarray:
    """What ``permuted`` was given."""
    return permuted(images, np.argsort(PERMUTATION))


def load(raw: Raw, s: spec.Settings) -> spec.Split:
    """As in exercise 8, of digits permuted beforehand: the compiled program is that of the unpermuted ones."""
    moved = {name: permuted(raw.arrays[name]) for name in ("x_train", "x_test")}
    return ex08_mnist.load(replace(raw, arrays={**raw.arrays, **moved}), s)


def plain_data(s: spec.Settings) -> str:
    """The same, for an exported script."""
    return f"""{ex08_mnist.plain_data(s).strip()}
order = np.random.RandomState({ORDER_SEED}).permutation(28 * 28)  # one for all images
x_train, x_val = (x.reshape(len(x), -1)[:, order].reshape(x.shape) for x in (x_train, x_val))
"""


# ---------------------------------------------------------------- what is measured after training


def evaluate(predict: spec.Predict, split: spec.Split, s: spec.Settings) -> spec.Evaluation:
    """Both accuracies of the same outputs for all 10 000 test digits."""
    outputs = predict(split.x_test)
    return spec.Evaluation(
        {
            "test_categorical_accuracy": metrics.categorical_accuracy(split.y_test, outputs),
            "test_binary_accuracy": metrics.binary_accuracy(one_hot(split.y_test, 10), outputs),
        }
    )


def evaluate_permuted(predict: spec.Predict, split: spec.Split, s: spec.Settings) -> spec.Evaluation:
    """The same, and the first five test digits before and after."""
    after = split.x_test[:5]
    return spec.Evaluation(
        evaluate(predict, split, s).measures, {"before_and_after": np.concatenate([put_back(after), after])}
    )


# ---------------------------------------------------------------- experiments and recipes

# The scripts take a mean away before dividing by 255. Whose mean is not known: here it is the image of the means.
DENSE = ex08_mnist.DENSE.but(
    "script",
    scaling=script("centred"),
    loss=script("BinaryCrossentropy"),
    from_logits=script(False),
    optimizer=script("Adadelta"),
    learning_rate=script(0.1),
)

dense = spec.Experiment(
    id="ex09.dense",
    title=Text(es="MNIST permutado, una capa densa oculta", en="Permuted MNIST, one hidden dense layer"),
    dataset=MNIST,
    network=ex08_mnist.one_hidden_layer,
    load=load,
    encode=ex08_mnist.encode,
    evaluate=evaluate_permuted,
    metrics=("BinaryAccuracy", "CategoricalAccuracy"),
    settings=(settings.HIDDEN, *ex08_mnist.COMMON),
    recipes=(
        DENSE.but(
            "text",
            scaling=text("standardised"),
            loss=text("CategoricalCrossentropy"),
            from_logits=text(False),
            optimizer=text("Adagrad"),
            learning_rate=text(0.01),
        ),
        DENSE,
    ),
    plain_data=plain_data,
    quick=spec.Quick(seeds=2, changes={"epochs": 3}),
)
conv = replace(
    dense,
    id="ex09.conv",
    title=Text(es="MNIST permutado, dos capas convolucionales", en="Permuted MNIST, two convolutional layers"),
    network=ex08_mnist.two_convolutions,
    metrics=("CategoricalAccuracy",),
    settings=(settings.FILTERS, *ex08_mnist.COMMON),
    recipes=(ex08_mnist.conv.recipe("text"), ex08_mnist.CONV.but("script", scaling=script("centred"))),
    quick=spec.Quick(seeds=2, changes={"epochs": 2, "examples": 4_000}, without=("text",)),
    seeds=5,
)
dense_plain = replace(
    dense,
    id="ex09.dense-plain",
    title=Text(es="Lo mismo sin permutar, una capa densa oculta", en="The same unpermuted, one hidden dense layer"),
    load=ex08_mnist.load,
    evaluate=evaluate,
    plain_data=ex08_mnist.plain_data,
)
conv_plain = replace(
    conv,
    id="ex09.conv-plain",
    title=Text(
        es="Lo mismo sin permutar, dos capas convolucionales", en="The same unpermuted, two convolutional layers"
    ),
    load=ex08_mnist.load,
    evaluate=evaluate,
    plain_data=ex08_mnist.plain_data,
)

# ---------------------------------------------------------------- what the original claims

VAL_BINARY = spec.Metric("val_binary_accuracy", "last")
FIG_22, FIG_23 = (spec.curve(figure, "validation_accuracy", VAL_TOP1) for figure in (22, 23))

CLAIMS = (
    spec.Claim(
        "9a",
        Text(
            es="Con los píxeles permutados la red densa llega a 98 % de aciertos.",
            en="With permuted pixels the dense network reaches 98 % accuracy.",
        ),
        "§9, Fig. 22",
        (
            spec.Reading(
                spec.Reaches(dense, VAL_BINARY, 0.98, tolerance=0.005, margin=0.02, figure=FIG_22),
                "binary accuracy",
                Text(
                    es="como se midió: cada una de las diez salidas del lado correcto de 1/2",
                    en="as it was measured: each of the ten outputs on the right side of 1/2",
                ),
            ),
            spec.Reading(
                spec.Reaches(dense, VAL_TOP1, 0.98, tolerance=0.005, margin=0.02),
                "categorical accuracy",
                Text(
                    es="como se lee: dígitos reconocidos, igual que en la sección 8",
                    en="as it is read: digits recognised, as in section 8",
                ),
            ),
        ),
        comment=Text(
            es="Una red que diera cero en las diez salidas no reconocería ningún dígito y tendría 90 % de aciertos "
            "binarios: nueve de cada diez salidas deben ser cero.",
            en="A network that gave zero at all ten outputs would tell no digit and have 90 % binary accuracy: nine "
            "out of ten outputs should be zero.",
        ),
    ),
    spec.Claim(
        "9b",
        Text(
            es="Con los píxeles permutados la red convolucional llega a 92 % de aciertos.",
            en="With permuted pixels the convolutional network reaches 92 % accuracy.",
        ),
        "§9, Fig. 23",
        (spec.Reading(spec.Reaches(conv, VAL_TOP1, 0.92, tolerance=0.005, margin=0.02, figure=FIG_23)),),
    ),
    spec.Claim(
        "9c",
        Text(
            es="Permutar los píxeles parece mejorar los aciertos de la red densa.",
            en="Permuting the pixels seems to improve the dense network's accuracy.",
        ),
        "§9, Figs. 20, 22",
        (
            # its figures show no difference of the same accuracy: 22 has the binary one, 20 the digits
            spec.Reading(spec.Exceeds(dense, dense_plain, VAL_TOP1, margin=0.005)),
        ),
        comment=Text(
            es="El original compara con la sección 8, y entre una y otra cambian también el costo, el optimizador y lo "
            "que se llama aciertos. Aquí solo cambia el lugar de los píxeles.",
            en="The original compares with section 8, and between the two the loss, the optimiser and what is called "
            "accuracy change, too. Here nothing changes but the places of the pixels.",
        ),
    ),
    spec.Claim(
        "9d",
        Text(
            es="Permutar los píxeles no beneficia ni perjudica a la red convolucional.",
            en="Permuting the pixels does the convolutional network neither good nor harm.",
        ),
        "§9, Figs. 21, 23",
        (spec.Reading(spec.Alike(conv, conv_plain, VAL_TOP1, margin=0.005, figure=spec.difference(FIG_23, VAL_CONV))),),
    ),
    spec.Claim(
        "9e",
        Text(
            es="Con los píxeles permutados la red densa acierta más que la convolucional.",
            en="With permuted pixels the dense network is more accurate than the convolutional one.",
        ),
        "§9, Figs. 22-23",
        (spec.Reading(spec.Exceeds(dense, conv, VAL_TOP1, margin=0.005)),),
        comment=Text(
            es="Las figuras ponen aciertos binarios de una red junto a dígitos acertados de la otra. Aquí se comparan "
            "dígitos acertados de ambas.",
            en="The figures set one network's binary accuracy beside the digits that the other got right. Here it is "
            "the digits that each got right.",
        ),
    ),
)

# ---------------------------------------------------------------- figures

FIGURES = (
    spec.Figure(
        22,
        Text(
            es="MNIST permutado con capas densas: aciertos binarios, que son los publicados, dígitos acertados y costo",
            en="Permuted MNIST with dense layers: binary accuracy, which is what was published, digits right and loss",
        ),
        dense,
        (
            spec.Panel(
                "binary_accuracy",
                Text(es="aciertos binarios", en="binary accuracy"),
                22,
                training="training_accuracy",
                validation="validation_accuracy",
            ),
            spec.Panel("categorical_accuracy", TOP1),
            spec.Panel("loss", spec.LOSS, 22, training="training_loss", validation="validation_loss", log=True),
        ),
    ),
    spec.accuracy_and_loss(
        23,
        Text(
            es="MNIST permutado con convoluciones: aciertos y costo",
            en="Permuted MNIST with convolutions: accuracy and loss",
        ),
        conv,
        "categorical_accuracy",
        TOP1,
    ),
    spec.Figure(
        "ex09-digits",
        Text(
            es="Los primeros dígitos de prueba, como son y con los píxeles permutados",
            en="The first test digits, as they are and with their pixels permuted",
        ),
        dense,
        (spec.ImageGrid("before_and_after", rows=2, columns=5),),
        recipes=("script",),
    ),
    spec.Figure(
        "ex09-effect",
        Text(
            es="Lo que cambia al permutar los píxeles, semilla por semilla",
            en="What permuting the pixels changes, seed by seed",
        ),
        dense,
        (
            spec.Differences(
                VAL_TOP1,
                Text(
                    es="aciertos con los píxeles permutados menos sin permutar",
                    en="top-1 accuracy with permuted pixels minus unpermuted",
                ),
                (
                    (Text(es="densa", en="dense"), dense, dense_plain),
                    (Text(es="convolucional", en="convolutional"), conv, conv_plain),
                ),
            ),
        ),
    ),
)

# ---------------------------------------------------------------- what is wrong there

MISTAKES = (
    spec.Mistake(
        "§9, Fig. 22",
        Text(
            es="Los 98 % de la red densa no son dígitos acertados. Con entropía cruzada binaria, el nombre «accuracy» "
            "de Keras cuenta cada una de las diez salidas: todos los valores de validación de la figura son múltiplos "
            "de 1/60 000, y con 6000 imágenes los de dígitos acertados lo serían de 1/6000. De las mismas "
            "predicciones, los dígitos acertados son cerca de 92 %. Un número no dice el otro: con la receta text la "
            "red acierta más dígitos y tiene menos aciertos binarios.",
            en="The dense network's 98 % are not digits got right. With binary cross-entropy Keras's “accuracy” counts "
            "each of the ten outputs: all validation values of the figure are multiples of 1/60 000, and with 6000 "
            "images those of digits got right would be multiples of 1/6000. Of the same predictions, about 92 % of the "
            "digits are right. One number does not tell the other: with recipe text the network gets more digits right "
            "and has less binary accuracy.",
        ),
        (dense.under("script"), dense.under("text")),
    ),
    spec.Mistake(
        "§9, Figs. 20, 22",
        Text(
            es="Lo que parece efecto de la permutación es que la red densa se entrenó y se midió de otro modo que en "
            "la sección 8: con entropía cruzada binaria y Adadelta, y en aciertos binarios. Así, sin permutar nada, da "
            "lo mismo.",
            en="What looks like an effect of the permutation is that the dense network was trained and measured "
            "otherwise than in section 8: with binary cross-entropy and Adadelta, and by binary accuracy. With nothing "
            "permuted that gives the same.",
        ),
        (dense_plain.under("script"), dense.under("script")),
    ),
    spec.Mistake(
        "§9",
        Text(
            es="Una red densa no puede notar una permutación: cada píxel tiene su peso hacia cada unidad, los pesos se "
            "sortean todos por igual, y permutar los píxeles es permutar los pesos. No hacía falta una corrida para "
            "saberlo.",
            en="A dense network cannot notice a permutation: each pixel has its weight to each unit, the weights are "
            "all drawn alike, and to permute the pixels is to permute the weights. No run was needed to know it.",
        ),
        (dense_plain.under("text"), dense.under("text")),
    ),
    spec.Mistake(
        "§9, Figs. 21, 23",
        Text(
            es="Que la convolución no se perjudica se dice de una corrida sola por caso. Una red convolucional supone "
            "que los píxeles vecinos se parecen; permutados ya no son vecinos, y pierde parte de su ventaja.",
            en="That convolution is not harmed is said of a single run each. A convolutional network assumes that "
            "neighbouring pixels are alike; permuted they are neighbours no more, and part of its advantage is lost.",
        ),
        (conv_plain.under("script"), conv.under("script"), conv_plain.under("text"), conv.under("text")),
    ),
)

EXERCISE = spec.Exercise(
    id="ex09",
    title=Text(es="MNIST con los píxeles permutados", en="MNIST with permuted pixels"),
    question=Text(
        es="¿Qué cambia para una red densa y para una convolucional si los píxeles de todas las imágenes se permutan "
        "del mismo modo?",
        en="What changes for a dense and for a convolutional network if the pixels of all images are permuted in the "
        "same way?",
    ),
    experiments=(dense, conv, dense_plain, conv_plain),
    claims=CLAIMS,
    figures=FIGURES,
    mistakes=MISTAKES,
    quick_seconds=40,
    asked=(
        spec.Asked(
            Text(
                es="¿Cuánto acierta la red densa con los píxeles permutados, comparada con la misma sin permutar?",
                en="How often is the dense network right with permuted pixels, compared with the same unpermuted?",
            ),
            TEST_TOP1,
            (dense_plain.under("script"), dense.under("script")),
        ),
        spec.Asked(
            Text(es="¿Y la red convolucional?", en="And the convolutional network?"),
            TEST_TOP1,
            (conv_plain.under("script"), conv.under("script")),
        ),
    ),
)
