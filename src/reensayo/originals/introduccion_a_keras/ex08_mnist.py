"""Exercise 8: the ten digits of MNIST, once with dense layers and once with convolutions.

The original says: the dense network reaches 90 %, the convolutional one 93 %; 79 510 and 94 650 parameters;
convolution speeds up training. Trained soundly, the same networks get 98 and 99 % of the test digits right.

    reensayo run ex08 --recipe script        # as the published scripts ran
    reensayo run ex08.conv@text --seeds 5    # as the text says
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from reensayo import classification, settings, spec
from reensayo.datasets import MNIST, Raw
from reensayo.preprocess import feature_moments, one_hot, standardise
from reensayo.spec import both, ours, script, text
from reensayo.text import Text

if TYPE_CHECKING:
    import keras

# ---------------------------------------------------------------- data

SCALING = spec.Setting(
    "scaling",
    Text(
        es="píxeles divididos por 255, lo mismo menos la imagen media, o centrados y divididos por su desviación",
        en="pixels divided by 255, the same less the mean image, or centred and divided by their deviation",
    ),
    str,
    choices=("unit", "centred", "standardised"),
)
VALIDATION = spec.Setting(
    "validation",
    Text(es="imágenes que validan", en="images that validate"),
    int,
    low=1,
    high=10_000,
)


OUTPUT = spec.Setting(
    "output",
    Text(es="función de activación de la salida", en="activation function of the output"),
    str,
    choices=("sigmoid", "softmax"),
)
POOLING = spec.Setting(
    "pooling",
    Text(es="si cada convolución termina en un máximo de 2x2", en="whether 2x2 max pooling follows each convolution"),
    bool,
)


def held_out(s: spec.Settings) -> int:
    """How many training images validate, where it is those: not more than a tenth, of however few."""
    return int(min(s.validation, s.examples // 10))


def load(raw: Raw, s: spec.Settings) -> spec.Split:
    """The first ``examples`` digits train, or are held out to validate; else it is test digits. All 10 000 test."""
    x, y, x_test, y_test = raw.x_train[: s.examples], raw.y_train[: s.examples], raw.x_test, raw.y_test
    split = spec.Split(x, y, x_test[: s.validation], y_test[: s.validation], x_test, y_test)
    if s.validation_from == "training":
        split = split.hold_out(held_out(s))
    mean, deviation = feature_moments(split.x_train.ravel()) if s.scaling == "standardised" else (0.0, 255.0)
    if s.scaling == "centred":
        mean = feature_moments(split.x_train)[0][..., None]
    return replace(split, constants={"mean": np.array(mean), "deviation": np.array(deviation)})


def encode(x: Any, y: Any, constants: Mapping[str, Any], s: spec.Settings) -> tuple[Any, Any]:
    """(n, 28, 28) bytes and (n,) labels -> (n, 28, 28, 1) scaled and (n, 10) one-hot."""
    return standardise(x[..., None], **constants), one_hot(y, 10)


def plain_data(s: spec.Settings) -> str:
    """The same, for an exported script."""
    train, validation, kept = f"train[:{s.examples}]", f"test[:{s.validation}]", ""
    if s.validation_from == "training":
        end = s.examples if s.examples < 60_000 else ""
        trained = s.examples - held_out(s)
        train, validation = f"train[:{trained}]", f"train[{trained}:{end}]"
        kept = "del x_test, y_test  # kept for the end\n"
    moments, scaled = "", 'x[..., None].astype("float32") / 255'
    if s.scaling == "standardised":
        moments = f"mean, deviation = float(x_{train}.mean()), float(x_{train}.std())\n"
        scaled = '(x[..., None].astype("float32") - mean) / deviation'
    elif s.scaling == "centred":
        moments = f'mean = x_{train}.mean(axis=0)[..., None].astype("float32")  # the mean image\n'
        scaled = '(x[..., None].astype("float32") - mean) / 255'
    return f"""
{kept}y_train, y_val = (keras.utils.to_categorical(y, 10) for y in (y_{train}, y_{validation}))
{moments}x_train, x_val = ({scaled} for x in (x_{train}, x_{validation}))
"""


# ---------------------------------------------------------------- the networks, their recipes


def classifier(s: spec.Settings, *hidden: keras.Layer) -> keras.Model:
    """From 28x28 pixels through the ``hidden`` layers to an output for each of the ten digits."""
    import keras

    return keras.Sequential([keras.Input((28, 28, 1)), *hidden, keras.layers.Dense(10, activation=s.output)])


def one_hidden_layer(s: spec.Settings) -> keras.Model:
    """One hidden layer on all 784 pixels."""
    from keras import layers

    return classifier(s, layers.Flatten(), layers.Dense(s.hidden, activation="relu"), layers.Dropout(s.dropout))


def two_convolutions(s: spec.Settings) -> keras.Model:
    """Two 3x3 convolutions, dropout after each: 28 -> 26 -> 24 pixels a side, with pooling 28 -> 26, 13 -> 11, 5."""
    from keras import layers

    def convolution() -> list[keras.Layer]:
        pool = [layers.MaxPooling2D()] if s.pooling else []
        return [layers.Conv2D(s.filters, 3, activation="relu"), *pool]

    between, last = layers.Dropout(s.dropout), layers.Dropout(s.dropout)
    return classifier(s, *convolution(), between, *convolution(), layers.Flatten(), last)


SCRIPTS = script(scaling="unit", examples=60_000, validation=6_000, validation_from="test") | script(
    from_logits=True, schedule="constant"
)
DENSE = spec.Recipe(
    "script",
    both(hidden=100, dropout=0.15, output="sigmoid", loss="CategoricalCrossentropy")
    | both(optimizer="Adagrad", learning_rate=0.01)
    | SCRIPTS
    | script(batch_size=128, epochs=20),
)
CONV = spec.Recipe(
    "script",
    both(filters=16, dropout=0.5, optimizer="Adagrad", epochs=20)
    | SCRIPTS
    | script(pooling=False, output="sigmoid", loss="CategoricalCrossentropy", learning_rate=0.01, batch_size=64),
)
"""The text names output and loss of the dense network only, and epochs of this one only."""

DENSE_TEXT = DENSE.but("text", text(scaling="standardised", from_logits=False))
# Its outputs are taken for probabilities as the dense network's are, of which alone the text names the loss.
CONV_TEXT = CONV.but("text", text(scaling="standardised", learning_rate=0.001) | ours(from_logits=False))

SOUND = ours(output="softmax", from_logits=False, optimizer="Adam", learning_rate=0.002, schedule="cosine") | ours(
    batch_size=128, validation_from="training"
)
"""A softmax for classes that exclude each other, and as many steps for every network."""
RATES, BY = {"learning_rate": (0.0005, 0.002, 0.008)}, "val_categorical_accuracy"
POOLED = SOUND | ours(pooling=True, filters=24, dropout=0.25)

PROPER = Text(
    es="la red del texto con softmax y Adam, elegida con imágenes de entrenamiento apartadas",
    en="the text's network with a softmax and Adam, chosen by training images held out",
)
PROPER_WITHOUT_DROPOUT = Text(es="sound sin Dropout", en="sound without dropout")
PROPER_POOLED = Text(
    es="sound con 24 filtros y un máximo de 2x2 tras cada convolución: menos parámetros y más aciertos",
    en="sound with 24 filters and 2x2 max pooling after each convolution: fewer parameters, more digits right",
)
PROBABILITIES = Text(es="el script, sin tomar las salidas por logits", en="the script, outputs not taken for logits")
STANDARDISED = Text(es="el script, con los píxeles estandarizados", en="the script, with standardised pixels")
WITHOUT_DROPOUT = Text(es="el script sin Dropout", en="the script without dropout")

COMMON = (
    *(SCALING, settings.examples(60_000), VALIDATION, settings.VALIDATION_FROM, settings.DROPOUT, OUTPUT),
    *(settings.FROM_LOGITS, settings.SCHEDULE, *settings.TRAINING),
)

dense = spec.Experiment(
    id="ex08.dense",
    title=Text(es="MNIST con una capa densa oculta", en="MNIST with one hidden dense layer"),
    dataset=MNIST,
    network=one_hidden_layer,
    load=load,
    encode=encode,
    evaluate=classification.tested("0123456789"),
    metrics=("CategoricalAccuracy",),
    settings=(settings.HIDDEN, *COMMON),
    recipes=(
        DENSE_TEXT,
        DENSE,
        DENSE_TEXT.but("sound", SOUND, PROPER, tried=RATES, chosen_by=BY),
        DENSE_TEXT.but(
            "sound-without-dropout", SOUND | ours(dropout=0.0), PROPER_WITHOUT_DROPOUT, tried=RATES, chosen_by=BY
        ),
        DENSE.but("script-probabilities", ours(from_logits=False), PROBABILITIES),
        DENSE.but("script-standardised", ours(scaling="standardised"), STANDARDISED),
        DENSE.but("assignment", spec.sourced("assignment", dropout=0.0), WITHOUT_DROPOUT),
    ),
    plain_data=plain_data,
    quick=spec.Quick(seeds=1, without=("sound-without-dropout",)),
    keeps_units=24,
)

conv = replace(
    dense,
    id="ex08.conv",
    title=Text(es="MNIST con dos capas convolucionales", en="MNIST with two convolutional layers"),
    network=two_convolutions,
    settings=(settings.FILTERS, POOLING, *COMMON),
    recipes=(
        CONV_TEXT,
        CONV,
        CONV_TEXT.but("sound", SOUND, PROPER, tried=RATES, chosen_by=BY),
        CONV_TEXT.but("sound-changed", POOLED, PROPER_POOLED, tried={"dropout": (0.0, 0.25, 0.5)}, chosen_by=BY),
        CONV.but("assignment", spec.sourced("assignment", dropout=0.0), WITHOUT_DROPOUT),
    ),
    quick=spec.Quick(seeds=1, changes={"epochs": 1}, without=("text", "sound", "sound-changed")),
    seeds=5,
    keeps_units=16,
)

# ---------------------------------------------------------------- what the original claims

VAL_TOP1 = spec.Metric("val_categorical_accuracy", "last")
TEST_TOP1 = spec.Metric("test_categorical_accuracy", "measured")
SECONDS = spec.Metric("seconds_per_epoch", "measured", per_block=True)
MULTIPLY_ADDS = spec.Metric("multiply_adds", "measured")


def epochs_to_90(history: Mapping[str, Any]) -> float:
    """The first epoch that ends with nine of ten validation digits right; one more than there are where none does."""
    right = np.asarray(history["val_categorical_accuracy"]) >= 0.9
    return float(1 + (right.argmax() if right.any() else len(right)))


EPOCHS_TO_90 = spec.DerivedMetric(
    "epochs_to_90",
    epochs_to_90,
    Text(es="épocas hasta el 90 % de aciertos de validación", en="epochs to 90 % validation accuracy"),
    bounds=spec.NEVER_NEGATIVE,
)
FIG_20, FIG_21 = (spec.curve(figure, "validation_accuracy", VAL_TOP1) for figure in (20, 21))

CLAIMS = (
    spec.Claim(
        "8a",
        Text(es="La red densa llega al 90 % de aciertos.", en="The dense network reaches 90 % accuracy."),
        "§8, Fig. 20",
        spec.Reaches(dense, VAL_TOP1, 0.90, tolerance=0.005, margin=0.02, figure=FIG_20),
        comment=Text(
            es="Entrenada como dice el texto la red llega más alto, cerca del 96 %. La del script acierta el 90 % de "
            "los primeros 6000 dígitos de prueba, que son los que validan, y el 91 % de los 10 000: los últimos son "
            "más fáciles.",
            en="Trained as the text says the network gets higher, to about 96 %. The script's gets 90 % of the first "
            "6000 test digits right, which are those that validate, and 91 % of all 10 000: the last ones are easier.",
        ),
        sound=spec.Answer(
            dense.under("sound"),
            TEST_TOP1,
            Text(
                es="aciertos de prueba de la misma red, bien entrenada",
                en="test accuracy, the same network trained well",
            ),
        ),
    ),
    spec.Claim(
        "8b",
        Text(
            es="La red convolucional llega al 93 % de aciertos.", en="The convolutional network reaches 93 % accuracy."
        ),
        "§8, Fig. 21",
        spec.Reaches(conv, VAL_TOP1, 0.93, tolerance=0.005, margin=0.02, figure=FIG_21),
        sound=spec.Answer(
            conv.under("sound"),
            TEST_TOP1,
            Text(
                es="aciertos de prueba de la misma red, bien entrenada",
                en="test accuracy, the same network trained well",
            ),
        ),
    ),
    spec.Claim(
        "8c",
        Text(
            es="La red convolucional acierta algo más que la densa.",
            en="The convolutional network is slightly more accurate than the dense one.",
        ),
        "§8, Figs. 20-21",
        spec.Exceeds(conv, dense, VAL_TOP1, margin=0.005, figure=spec.difference(FIG_21, FIG_20)),
        sound=spec.Answer(
            conv.under("sound"),
            TEST_TOP1,
            Text(
                es="aciertos de prueba de la convolucional menos los de la densa, ambas bien entrenadas",
                en="test accuracy of the convolutional network minus the dense one's, both trained well",
            ),
            minus=dense.under("sound"),
        ),
    ),
    spec.Claim(
        "8d",
        Text(
            es="La red densa tiene 79 510 parámetros entrenables y la convolucional 94 650.",
            en="The dense network has 79 510 trainable parameters, the convolutional one 94 650.",
        ),
        "§8",
        spec.Equals(spec.Metric("parameters", "measured"), {dense: 79_510, conv: 94_650}),
        comment=Text(
            es="El texto agrega que las capas densas son malas para imágenes muy grandes. Con 224 píxeles de lado la "
            "red densa tendría 5 018 710 parámetros; las dos convoluciones, los mismos 2480 de siempre, pero esta red "
            "convolucional, 7 746 490, porque termina en una capa densa sobre cada píxel de 16 filtros. Lo que achica "
            "una imagen es agrupar.",
            en="The text adds that dense layers are bad for very large images. At 224 pixels a side the dense network "
            "would have 5 018 710 parameters; the two convolutions the same 2480 as ever, but this convolutional "
            "network 7 746 490, as it ends in a dense layer on every pixel of 16 filters. What makes an image smaller "
            "is pooling.",
        ),
    ),
    spec.Claim(
        "8e",
        Text(
            es="Las convoluciones agilizan el entrenamiento, porque cada neurona usa solo una parte de la imagen.",
            en="Convolutions speed up training, as every neuron uses only a part of the image.",
        ),
        "§8",
        (
            spec.Reading(
                spec.Exceeds(dense, conv, SECONDS, margin=0.0),
                "seconds",
                Text(es="una época tarda menos que con capas densas", en="an epoch takes less time than if dense"),
                role="alternative",
            ),
            spec.Reading(
                spec.Times(conv, dense, MULTIPLY_ADDS, 0, 1, exact=True),
                "multiply-adds",
                Text(es="hace menos multiplicaciones por imagen", en="it does fewer multiply-adds an image"),
                role="alternative",
            ),
            spec.Reading(
                spec.Exceeds(dense, conv, EPOCHS_TO_90, margin=1.0),
                "epochs",
                Text(es="llega al 90 % en menos épocas", en="it gets to 90 % in fewer epochs"),
                role="beyond",
            ),
        ),
        comment=Text(
            es="El texto lo dice de las convoluciones en general. Pero pocos pesos no son pocas cuentas: cada filtro "
            "se aplica en cada posición, y son 1 516 608 multiplicaciones por imagen contra 79 400, 19 veces más. Que "
            "hagan falta menos épocas no lo dice el texto, y cada una cuesta lo que cuesta.",
            en="The text says it of convolutions in general. But few weights are not little arithmetic: every filter "
            "is applied at every position, which makes 1 516 608 multiply-adds an image against 79 400, 19 times as "
            "many. That fewer epochs are needed the text does not say, and each costs what it costs.",
        ),
    ),
)

# ---------------------------------------------------------------- figures

TOP1 = Text(es="aciertos", en="top-1 accuracy")
NETWORKS = Text(es="densa", en="dense"), Text(es="convolucional", en="convolutional")


def errors(experiment: spec.Experiment, names: tuple[Text, ...] = (), groups: tuple[int, ...] = ()) -> spec.Figure:
    """What ``classification.tested`` keeps: which class was taken for which, and the worst mistakes."""
    captions = "mistaken_actual", "mistaken_predicted"
    return spec.Figure(
        f"{experiment.id.replace('.', '-')}-errors",
        Text(
            es="{title}: clases confundidas, y los peores errores de la primera semilla (cuál es → cuál dio)",
            en="{title}: classes confused, and the first seed's worst mistakes (what it is → what was given)",
        ).format(title=experiment.title),
        experiment,
        (
            spec.ConfusionMatrix("confusion", names, groups),
            spec.ImageGrid("mistaken", 4, 5, captions=captions, caption_lines=2 if names else 1),
        ),
    )


FIGURES = (
    spec.accuracy_and_loss(20, dense.title, dense, "categorical_accuracy", TOP1),
    spec.accuracy_and_loss(21, conv.title, conv, "categorical_accuracy", TOP1),
    errors(dense),
    errors(conv),
    spec.Figure(
        "ex08-dense-weights",
        Text(
            es="Pesos por píxel de 24 de las 100 unidades ocultas (rojo positivo, azul negativo), primera semilla",
            en="Weights by pixel of 24 of the 100 hidden units (red positive, blue negative), first seed",
        ),
        dense,
        (spec.ImageGrid("first_kernels", rows=4, columns=6, shape=(28, 28), signed=True),),
    ),
    spec.Figure(
        "ex08-conv-filters",
        Text(
            es="Los 16 filtros de 3 × 3 de la primera convolución (rojo positivo, azul negativo), primera semilla",
            en="The 16 filters of 3 × 3 of the first convolution (red positive, blue negative), first seed",
        ),
        conv,
        (spec.ImageGrid("first_kernels", rows=2, columns=8, shape=(3, 3), signed=True),),
    ),
)

# ---------------------------------------------------------------- what is wrong there

MISTAKES = (
    spec.Mistake(
        "§8",
        Text(
            es="El costo de los scripts toma por logits las salidas de una sigmoide, que ya están entre 0 y 1. Así no "
            "puede bajar de ln(1 + 9/e) = 1,46, y cerca de ese piso la sigmoide se satura: los gradientes se hacen "
            "pequeños y ambas redes aprenden mucho menos de lo que podrían.",
            en="The scripts' loss treats the outputs of a sigmoid, already between 0 and 1, as logits. So it cannot "
            "fall below ln(1 + 9/e) = 1.46, and near that floor the sigmoid saturates: gradients become small, and "
            "both networks learn far less than they could.",
        ),
        (dense.under("script"), dense.under("script-probabilities")),
    ),
    spec.Mistake(
        "§8",
        Text(
            es="El texto dice que los datos se estandarizan; los scripts solo dividen por 255.",
            en="The text says that the data are standardised; the scripts only divide by 255.",
        ),
        (dense.under("script"), dense.under("script-standardised")),
    ),
    spec.Mistake(
        "§8",
        Text(
            es="Que sus valores estén entre 0 y 1 no hace de la sigmoide la salida adecuada para diez clases "
            "excluyentes: una softmax da además una distribución, que es lo que la entropía cruzada supone.",
            en="That its values lie between 0 and 1 does not make a sigmoid the right output for ten exclusive "
            "classes: a softmax also gives a distribution, which is what cross-entropy assumes.",
        ),
    ),
    spec.Mistake(
        "§8, Fig. 21",
        Text(
            es="El texto da a la red convolucional un 93 %; su curva termina en el 92,1 %.",
            en="The text gives the convolutional network 93 %; its curve ends at 92.1 %.",
        ),
        (conv.under("script"),),
    ),
    spec.Mistake(
        "§8",
        Text(
            es="Una capa convolucional no se entrena con una sola característica ni recorta la imagen: cada filtro "
            "aprende la suya (aquí 16) y todas las posiciones se usan.",
            en="A convolutional layer is not trained on a single feature and does not crop the image: every filter "
            "learns its own (16 here) and all positions are used.",
        ),
    ),
)

EXERCISE = spec.Exercise(
    id="ex08",
    title=Text(es="MNIST: capas densas y convolucionales", en="MNIST: dense and convolutional layers"),
    question=Text(
        es="¿Qué gana una red convolucional frente a una densa con dígitos, a qué precio, y qué hace Dropout?",
        en="What do convolutions gain over a dense network on digits, at what cost, and what does dropout do?",
    ),
    experiments=(dense, conv),
    claims=CLAIMS,
    figures=FIGURES,
    mistakes=MISTAKES,
    quick_seconds=50,
    asked=(
        *(
            spec.Asked(
                Text(
                    es="¿Qué hace Dropout con los aciertos de prueba de la red {name}?",
                    en="What does dropout do to the {name} network's test accuracy?",
                ).format(name=name),
                TEST_TOP1,
                (experiment.under("script"), experiment.under("assignment")),
            )
            for name, experiment in zip(NETWORKS, (dense, conv), strict=True)
        ),
        spec.Asked(
            Text(
                es="¿Y si la red densa se entrena bien, con y sin Dropout?",
                en="And if the dense network is trained well, with dropout and without?",
            ),
            TEST_TOP1,
            (dense.under("sound"), dense.under("sound-without-dropout")),
        ),
        spec.Asked(
            Text(
                es="¿A cuánto llegan las redes bien entrenadas, y cuánto una convolucional que agrupa, con 11 458 "
                "parámetros?",
                en="How far do the networks get if trained well, and how far a convolutional one that pools, of 11 458 "
                "parameters?",
            ),
            TEST_TOP1,
            (dense.under("sound"), conv.under("sound"), conv.under("sound-changed")),
        ),
    ),
)
