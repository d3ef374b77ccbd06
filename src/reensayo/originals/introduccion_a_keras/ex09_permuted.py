"""Exercise 9: the digits of exercise 8 with their pixels in another order, always the same one.

The original says: the permutation seems to have an effect on the dense network, which reaches 98 %, above the
convolutional one, which it neither helps nor harms. These 98 % are binary accuracy over ten outputs.

    reensayo run ex09 --recipe script
    reensayo compare ex09.dense@script ex09.dense-plain@script    # the effect of the permutation, seed by seed
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reensayo import metrics, spec
from reensayo.datasets import Raw
from reensayo.originals.introduccion_a_keras import ex08_mnist
from reensayo.originals.introduccion_a_keras.ex08_mnist import FIG_21, NETWORKS, TEST_TOP1, TOP1, VAL_TOP1
from reensayo.preprocess import one_hot
from reensayo.spec import script, text
from reensayo.text import Text

# ---------------------------------------------------------------- data, what is measured

ORDER_SEED = 9
PERMUTATION = np.random.RandomState(ORDER_SEED).permutation(28 * 28)
"""Where the value of each pixel comes from: one order for every image, seed, recipe and exported script.

NumPy promises that this generator's numbers never change; the original's order is not known.
"""


def permuted(images: np.ndarray, order: np.ndarray = PERMUTATION) -> np.ndarray:
    """(n, 28, 28) or (n, 28, 28, 1) -> the same with the pixels in their new places."""
    return np.take(images.reshape(len(images), -1), order, axis=1).reshape(images.shape)


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


def evaluate(predict: spec.Predict, split: spec.Split, s: spec.Settings) -> spec.Evaluation:
    """Both accuracies of the same outputs for all 10 000 test digits."""
    outputs = predict(split.x_test)
    digits = metrics.categorical_accuracy(split.y_test, outputs)
    binary = metrics.binary_accuracy(one_hot(split.y_test, 10), outputs)
    return spec.Evaluation({"test_categorical_accuracy": digits, "test_binary_accuracy": binary})


def evaluate_permuted(predict: spec.Predict, split: spec.Split, s: spec.Settings) -> spec.Evaluation:
    """The same, and the first five test digits before and after."""
    after = split.x_test[:5]
    before = permuted(after, np.argsort(PERMUTATION))
    return replace(evaluate(predict, split, s), arrays={"before_and_after": np.concatenate([before, after])})


# ---------------------------------------------------------------- experiments and recipes

# The scripts take a mean away before dividing by 255. Whose mean is not known: here it is the image of the means.
DENSE = ex08_mnist.DENSE.but(
    "script",
    script(scaling="centred", loss="BinaryCrossentropy", from_logits=False, optimizer="Adadelta", learning_rate=0.1),
)

SECTION_8 = text(loss="CategoricalCrossentropy", from_logits=False, optimizer="Adagrad", learning_rate=0.01)
"""The text names no other training for the dense network here."""

dense_plain = replace(
    ex08_mnist.dense,
    id="ex09.dense-plain",
    title=Text(es="Lo mismo sin permutar, una capa densa oculta", en="The same unpermuted, one hidden dense layer"),
    evaluate=evaluate,
    metrics=("BinaryAccuracy", "CategoricalAccuracy"),
    recipes=(DENSE.but("text", text(scaling="standardised") | SECTION_8), DENSE, ex08_mnist.dense.recipe("sound")),
    quick=spec.Quick(seeds=1, without=("sound",)),
    keeps_units=0,
)
conv_plain = replace(
    ex08_mnist.conv,
    id="ex09.conv-plain",
    title=Text(
        es="Lo mismo sin permutar, dos capas convolucionales", en="The same unpermuted, two convolutional layers"
    ),
    evaluate=evaluate,
    recipes=(
        ex08_mnist.conv.recipe("text"),
        ex08_mnist.CONV.but("script", script(scaling="centred")),
        ex08_mnist.conv.recipe("sound"),
    ),
    quick=spec.Quick(seeds=1, changes={"epochs": 1}, without=("text", "sound")),
    keeps_units=0,
)


def on_permuted(plain: spec.Experiment, title: Text) -> spec.Experiment:
    """The same network, trained in the same way on permuted digits."""
    experiment = replace(plain, id=plain.id.removesuffix("-plain"), title=title)
    return replace(experiment, load=load, evaluate=evaluate_permuted, plain_data=plain_data)


dense = on_permuted(
    dense_plain, Text(es="MNIST permutado, una capa densa oculta", en="Permuted MNIST, one hidden dense layer")
)
conv = on_permuted(
    conv_plain, Text(es="MNIST permutado, dos capas convolucionales", en="Permuted MNIST, two convolutional layers")
)
PAIRS = tuple(zip(NETWORKS, (dense, conv), (dense_plain, conv_plain), strict=True))

# ---------------------------------------------------------------- what the original claims

WELL_TRAINED = Text(es="aciertos de prueba con la red bien entrenada", en="test accuracy, the network trained well")
LESS_UNPERMUTED = Text(
    es="aciertos de prueba con los píxeles permutados menos sin permutar, la red bien entrenada",
    en="test accuracy with permuted pixels minus unpermuted, the network trained well",
)

VAL_BINARY = spec.Metric("val_binary_accuracy", "last")
FIG_22, FIG_23 = (spec.curve(figure, "validation_accuracy", VAL_TOP1) for figure in (22, 23))

CLAIMS = (
    spec.Claim(
        "9a",
        Text(
            es="Con los píxeles permutados la red densa llega al 98 % de aciertos.",
            en="With permuted pixels the dense network reaches 98 % accuracy.",
        ),
        "§9, Fig. 22",
        (
            spec.Reading(
                spec.Reaches(dense, VAL_BINARY, 0.98, tolerance=0.005, margin=0.02, figure=FIG_22),
                "binary accuracy",
                Text(es="como se midió: cada una de las diez salidas", en="as measured: each of the ten outputs"),
                role="alternative",
                recipes=("script",),  # under the text's loss nothing ties an output to a side of 1/2
            ),
            spec.Reading(
                spec.Reaches(dense, VAL_TOP1, 0.98, tolerance=0.005, margin=0.02),
                "categorical accuracy",
                Text(es="como se lee: dígitos, igual que en la sección 8", en="as it is read: digits, as in section 8"),
                role="alternative",
            ),
        ),
        comment=Text(
            es="Una red que diera siempre diez ceros no reconocería dígito alguno y tendría un 90 % de aciertos "
            "binarios. Bajo el costo del texto esa cuenta no significa nada: solo importa cuál salida es la mayor.",
            en="A network that always gave ten zeros would tell no digit and have 90 % binary accuracy. Under the "
            "text's loss that count means nothing: all that matters is which output is the largest.",
        ),
        sound=spec.Answer(dense.under("sound"), TEST_TOP1, WELL_TRAINED),
    ),
    spec.Claim(
        "9b",
        Text(
            es="Con los píxeles permutados la red convolucional llega al 92 % de aciertos.",
            en="With permuted pixels the convolutional network reaches 92 % accuracy.",
        ),
        "§9, Fig. 23",
        spec.Reaches(conv, VAL_TOP1, 0.92, tolerance=0.005, margin=0.02, figure=FIG_23),
        sound=spec.Answer(conv.under("sound"), TEST_TOP1, WELL_TRAINED),
    ),
    spec.Claim(
        "9c",
        Text(
            es="Permutar los píxeles parece tener un efecto sobre los aciertos de la red densa.",
            en="Permuting the pixels seems to have an effect on the dense network's accuracy.",
        ),
        "§9, Figs. 20, 22",
        # its figures show no difference of the same accuracy: 22 has the binary one, 20 the digits
        spec.Differs(dense, dense_plain, VAL_TOP1, margin=0.005),
        comment=Text(
            es="No dice cuál: vale una diferencia hacia cualquier lado. El original compara con la sección 8, y entre "
            "una y otra cambian también el costo, el optimizador y lo que se llama aciertos. Aquí solo cambia el lugar "
            "de los píxeles.",
            en="It does not say which: a difference either way will do. The original compares with section 8, and "
            "between the two the loss, the optimiser and what is called accuracy change, too. Here nothing changes but "
            "the places of the pixels.",
        ),
        sound=spec.Answer(dense.under("sound"), TEST_TOP1, LESS_UNPERMUTED, minus=dense_plain.under("sound")),
    ),
    spec.Claim(
        "9d",
        Text(
            es="Permutar los píxeles no beneficia ni perjudica a la red convolucional.",
            en="Permuting the pixels does the convolutional network neither good nor harm.",
        ),
        "§9, Figs. 21, 23",
        spec.Alike(conv, conv_plain, VAL_TOP1, margin=0.005, figure=spec.difference(FIG_23, FIG_21)),
        sound=spec.Answer(conv.under("sound"), TEST_TOP1, LESS_UNPERMUTED, minus=conv_plain.under("sound")),
    ),
    spec.Claim(
        "9e",
        Text(
            es="Con los píxeles permutados la red densa acierta más que la convolucional.",
            en="With permuted pixels the dense network is more accurate than the convolutional one.",
        ),
        "§9, Figs. 22-23",
        spec.Exceeds(dense, conv, VAL_TOP1, margin=0.005),
        comment=Text(
            es="Las figuras comparan aciertos binarios de una con dígitos de la otra; aquí, dígitos de ambas.",
            en="The figures compare one's binary accuracy with the other's digits; here, it is digits of both.",
        ),
        sound=spec.Answer(
            dense.under("sound"),
            TEST_TOP1,
            Text(
                es="aciertos de prueba de la densa menos los de la convolucional, permutadas y bien entrenadas",
                en="test accuracy of the dense network minus the convolutional one's, permuted and trained well",
            ),
            minus=conv.under("sound"),
        ),
    ),
)

# ---------------------------------------------------------------- figures

BINARY = Text(es="aciertos binarios", en="binary accuracy")
PUBLISHED = Text(
    es="{title}: aciertos binarios, que son los publicados, y costo",
    en="{title}: binary accuracy, which is what was published, and loss",
)

FIGURES = (
    replace(
        spec.accuracy_and_loss(22, PUBLISHED.format(title=dense.title), dense, "binary_accuracy", BINARY, log=True),
        recipes=("script",),  # the text's loss is of another kind, and binary accuracy means nothing under it
    ),
    spec.Figure(
        "ex09-dense-digits",
        Text(es="{title}: dígitos acertados", en="{title}: digits right").format(title=dense.title),
        dense,
        (spec.Panel("categorical_accuracy", TOP1),),
    ),
    spec.accuracy_and_loss(23, conv.title, conv, "categorical_accuracy", TOP1),
    spec.Figure(
        "ex09-digits",
        Text(es="Cinco dígitos de prueba, como son y permutados", en="Five test digits, as they are and permuted"),
        dense,
        (spec.ImageGrid("before_and_after", rows=2, columns=5),),
        recipes=("script",),
    ),
    spec.Figure(
        "ex09-effect",
        Text(es="El efecto de permutar los píxeles, semilla por semilla", en="The permutation's effect, seed by seed"),
        dense,
        (
            spec.Differences(
                VAL_TOP1,
                Text(
                    es="aciertos con los píxeles permutados menos sin permutar",
                    en="top-1 accuracy with permuted pixels minus unpermuted",
                ),
                PAIRS,
            ),
        ),
        recipes=("script", "text", "sound"),
    ),
)

# ---------------------------------------------------------------- what is wrong there

MISTAKES = (
    spec.Mistake(
        "§9, Fig. 22",
        Text(
            es="El 98 % de la red densa no son dígitos acertados. Con entropía cruzada binaria, la «accuracy» de Keras "
            "cuenta cada una de las diez salidas: los valores de validación de la figura, de 6000 imágenes, son "
            "múltiplos de 1/60 000. En nuestros ensayos del script, con las mismas salidas se acierta cerca del 92 % "
            "de los dígitos; las del original no se conocen. Un número no dice el otro: la receta text acierta más "
            "dígitos y tiene menos aciertos binarios.",
            en="The dense network's 98 % are not digits got right. With binary cross-entropy Keras's “accuracy” counts "
            "each of the ten outputs: the figure's validation values, of 6000 images, are multiples of 1/60 000. In "
            "our trials of the script the same outputs get about 92 % of the digits right; those of the original are "
            "unknown. One number does not tell the other: recipe text gets more digits right and has less binary "
            "accuracy.",
        ),
        (dense.under("script"), dense.under("text")),
        ("test_binary_accuracy", "test_categorical_accuracy"),
    ),
    spec.Mistake(
        "§9, Figs. 20, 22",
        Text(
            es="Lo que parece efecto de la permutación es que la red densa se entrenó con entropía cruzada binaria y "
            "Adadelta y se midió en aciertos binarios, a diferencia de la sección 8. Sin permutar nada da lo mismo.",
            en="What looks like the permutation's effect is that the dense network was trained with binary "
            "cross-entropy and Adadelta and measured by binary accuracy, unlike in section 8. Unpermuted is the same.",
        ),
        (dense_plain.under("script"), dense.under("script")),
    ),
    spec.Mistake(
        "§9",
        Text(
            es="Una red densa no puede notar una permutación, y no hacía falta una corrida para saberlo: los pesos de "
            "todos los píxeles se sortean por igual, y permutar los píxeles es permutar los pesos.",
            en="A dense network cannot notice a permutation, and no run was needed to know it: the weights of all "
            "pixels are drawn alike, and to permute the pixels is to permute the weights.",
        ),
        (dense_plain.under("text"), dense.under("text")),
    ),
    spec.Mistake(
        "§9, Figs. 21, 23",
        Text(
            es="Que la convolución no se perjudica se afirma a partir de una sola corrida por caso. Una red "
            "convolucional supone que los píxeles vecinos se parecen; permutados ya no son vecinos, y pierde parte de "
            "su ventaja.",
            en="That convolution is not harmed is concluded from a single run of each. A convolutional network assumes "
            "that neighbouring pixels are alike; permuted they are neighbours no more, and part of its advantage is "
            "lost.",
        ),
        tuple(e.under(recipe) for recipe in ("script", "text", "sound") for e in (conv_plain, conv)),
    ),
)

EXERCISE = spec.Exercise(
    id="ex09",
    title=Text(es="MNIST con los píxeles permutados", en="MNIST with permuted pixels"),
    question=Text(
        es="¿Qué cambia para una red densa y una convolucional si en toda imagen se permutan igual los píxeles?",
        en="What changes for a dense and a convolutional network if the pixels of all images are permuted alike?",
    ),
    experiments=(dense, conv, dense_plain, conv_plain),
    claims=CLAIMS,
    figures=FIGURES,
    mistakes=MISTAKES,
    quick_seconds=45,
    asked=tuple(
        spec.Asked(
            Text(
                es="¿Cuánto acierta la red {name} con los píxeles permutados, comparada con la misma sin permutar?",
                en="How often is the {name} network right with permuted pixels, compared with the same unpermuted?",
            ).format(name=name),
            TEST_TOP1,
            (plain.under(recipe), experiment.under(recipe)),
        )
        for name, experiment, plain in PAIRS
        for recipe in ("script", "sound")
    ),
)
