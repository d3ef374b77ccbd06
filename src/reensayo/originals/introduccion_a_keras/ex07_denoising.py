"""Exercise 7: an autoencoder that is to denoise MNIST's digits.

The original shows five of them. The network of its text, under L2 of 0.001, gives every image nearly the same answer,
and at the text's noise even that is closer to nearly all clean digits than the noisy ones. The network of its script
removes less noise than a median filter.

    reensayo run ex07 --recipe script        # as the published script ran
    reensayo compare ex07.denoise@script ex07.denoise@baseline-median
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from reensayo import metrics, settings, spec
from reensayo.datasets import MNIST, Raw
from reensayo.spec import both, ours, script, text
from reensayo.text import Text, number

if TYPE_CHECKING:
    import keras
    from matplotlib.axes import Axes

# ---------------------------------------------------------------- data

NOISE = spec.Setting(
    "noise",
    Text(es="desviación del ruido, sobre píxeles de 0 a 1", en="deviation of the noise, on pixels from 0 to 1"),
    float,
    low=0.01,
    high=10.0,
)
LAYERS = spec.Setting(
    "layers",
    Text(es="unidades de cada capa oculta", en="units of each hidden layer"),
    str,
    choices=("1500-750-250-750-1500", "2000-1500-750-1500-2000"),
)

VALIDATION = 2_000
"""The first so many test images validate, as in the published script; they also test, under noise drawn anew.

Where it is the last training images that validate, not more than a tenth of them, all test images test.
"""

STRENGTHS = (0.25, 0.5)
"""Every network is tested at the noise of the published script and at that of the text, whichever it was trained at."""

SHOWN = slice(30, 35)
"""The test images that the original's figure shows."""


def strengths(s: spec.Settings) -> list[float]:
    """Deviations of the noise at which a network is tested; its own is one of them."""
    return sorted({s.noise, *STRENGTHS})


def noisy(images: np.ndarray, deviation: float, rng: np.random.Generator) -> np.ndarray:
    """Bytes -> float32 of the same shape, from 0 to 1, with noise N(0, deviation) added and clipped to that range."""
    noise = rng.standard_normal(images.shape, "float32")
    found: np.ndarray = np.clip(images / np.float32(255) + deviation * noise, 0, 1)
    return found


def held_out(s: spec.Settings) -> int:
    """How many training images validate, where it is those."""
    return int(min(VALIDATION, s.examples // 10))


def load(raw: Raw, s: spec.Settings) -> spec.Split:
    """The clean images, which are the targets of every seed."""
    train, test = raw.x_train[: s.examples], raw.x_test
    if s.validation_from == "training":
        return spec.Split(train, train, test, test, test, test).hold_out(held_out(s))
    test = test[:VALIDATION]
    return spec.Split(train, train, test, test, test, test)


def split(clean: spec.Split, s: spec.Settings, rng: np.random.Generator) -> spec.Split:
    """Noise on what the network sees. As in the published script it is drawn once, not for every epoch.

    ``x_test`` is (n, strengths, 28, 28): each test image under one draw of noise at every strength. It is drawn far
    from the others, so that a seed tests every recipe on the same noisy images, however many train.
    """
    far = rng.bit_generator.jumped  # type: ignore[attr-defined]
    tests = [noisy(clean.x_test, deviation, np.random.Generator(far())) for deviation in strengths(s)]
    return replace(
        clean,
        x_train=noisy(clean.x_train, s.noise, rng),
        x_val=noisy(clean.x_val, s.noise, rng),
        x_test=np.stack(tests, axis=1),
    )


def encode(x: Any, y: Any, constants: Mapping[str, Any], s: spec.Settings) -> tuple[Any, Any]:
    """(n, 28, 28) noisy and (n, 28, 28) bytes -> (n, 784) and (n, 784), both from 0 to 1."""
    # JAX would divide bytes by a whole number in float32 whatever the precision.
    return x.reshape(len(x), -1), y.reshape(len(y), -1) / 255.0


def plain_data(s: spec.Settings) -> str:
    """The same, for an exported script."""
    train, validation, unused = f"x_train[:{s.examples}]", f"x_test[:{VALIDATION}]", "y_train, y_test"
    if s.validation_from == "training":
        trained = s.examples - held_out(s)
        train, validation = f"x_train[:{trained}]", f"x_train[{trained}:{s.examples}]"
        unused += ", x_test"
    return f"""
del {unused}  # no labels are needed: a clean image is the target
rng = np.random.default_rng(0)
y_train, y_val = (x.reshape(-1, 784) / np.float32(255) for x in ({train}, {validation}))
x_train, x_val = (np.clip(y + {s.noise} * rng.standard_normal(y.shape, "float32"), 0, 1) for y in (y_train, y_val))
"""


# ---------------------------------------------------------------- what is measured


def mean_digit(split: spec.Split, images: np.ndarray) -> np.ndarray:
    """The mean of the clean training images, whatever the noisy image: the best that a blind network can do."""
    return np.broadcast_to(split.y_train.mean(axis=0) / 255, images.shape)


def median(split: spec.Split, images: np.ndarray) -> np.ndarray:
    """Each pixel as the median of the 3x3 around it; beyond its edge an image is mirrored."""
    from scipy.ndimage import median_filter

    return np.asarray(median_filter(images, size=(1, 3, 3)))


UNTRAINED: Mapping[str, tuple[Callable[[spec.Split, np.ndarray], np.ndarray], Text]] = {
    "noisy": (lambda split, images: images, Text(es="la imagen con su ruido", en="the image with its noise")),
    "mean": (mean_digit, Text(es="siempre la media de los dígitos", en="always the mean of the digits")),
    "median": (median, Text(es="mediana de 3x3 píxeles", en="median of 3x3 pixels")),
}
"""What the network is held against."""


def squared_errors(clean: np.ndarray, predict: spec.Predict, images: np.ndarray) -> np.ndarray:
    """(n,) mean squared error of what ``predict`` makes of each noisy image, against the bytes of the clean ones."""
    errors: np.ndarray = np.square(clean / 255 - predict(images).reshape(clean.shape)).mean(axis=(1, 2))
    return errors


def evaluate(predict: spec.Predict, split: spec.Split, s: spec.Settings) -> spec.Evaluation:
    """Error and PSNR of the denoised test images at every strength of noise, over all their pixels together.

    Beside them, at the noise that the network was trained at, how many decibels it is above each of ``UNTRAINED``, and
    of how many digits it gives something closer to the clean one.
    The arrays hold the PSNR at every strength, and the images that the original's figure shows.
    """
    tested = strengths(s)
    methods = {"denoised": predict} | {name: partial(method, split) for name, (method, _) in UNTRAINED.items()}
    errors = {
        name: np.array([squared_errors(split.y_test, method, images) for images in split.x_test.swapaxes(0, 1)])
        for name, method in methods.items()
    }
    mse = {name: each.mean(axis=1) for name, each in errors.items()}
    psnr = {name: [metrics.peak_signal_to_noise(error) for error in each] for name, each in mse.items()}
    own = tested.index(s.noise)
    closer_than = {name: errors["denoised"][own] < errors[name][own] for name in UNTRAINED}
    shown = split.x_test[SHOWN, own]
    return spec.Evaluation(
        {f"test_mse_{deviation:g}": float(error) for deviation, error in zip(tested, mse["denoised"], strict=True)}
        | {f"test_psnr_{deviation:g}": value for deviation, value in zip(tested, psnr["denoised"], strict=True)}
        | {f"psnr_above_{name}": psnr["denoised"][own] - psnr[name][own] for name in UNTRAINED}
        | {f"closer_than_{name}": float(digits.mean()) for name, digits in closer_than.items()},
        {
            "strengths": np.array(tested),
            **{f"psnr_{name}": np.array(each) for name, each in psnr.items()},
            "shown": np.concatenate([split.y_test[SHOWN] / 255, shown, predict(shown).reshape(shown.shape)]),
        },
    )


# ---------------------------------------------------------------- the network, its recipes


def network(s: spec.Settings) -> keras.Model:
    """The 784 pixels of a noisy digit through dense layers, narrowest in the middle, to clean ones."""
    import keras
    from keras import layers, regularizers

    l2 = regularizers.L2(s.l2) if s.l2 else None
    widths = map(int, s.layers.split("-"))
    hidden = (layers.Dense(units, activation="relu", kernel_regularizer=l2) for units in widths)
    return keras.Sequential([keras.Input((784,)), *hidden, layers.Dense(784, activation="sigmoid")])


SCRIPT = spec.Recipe(
    "script",
    both(loss="MeanSquaredError", learning_rate=1.0)
    | script(examples=20_000, noise=0.25, layers="2000-1500-750-1500-2000", l2=0.0)
    | script(optimizer="Adadelta", schedule="constant", batch_size=128, epochs=20, validation_from="test"),
)
TEXT = SCRIPT.but("text", text(noise=0.5, layers="1500-750-250-750-1500", l2=0.001, optimizer="Adagrad"))
WITHOUT_L2 = TEXT.but("text-without-l2", ours(l2=0.0), Text(es="el texto, sin L2", en="the text, without L2"))
SOUND = WITHOUT_L2.but(
    "sound",
    ours(optimizer="Adam", learning_rate=0.0006, schedule="cosine")
    | ours(examples=60_000, epochs=8, validation_from="training"),
    Text(
        es="la red del texto sin L2, con Adam y todas las imágenes; elegida con imágenes de entrenamiento apartadas",
        en="the network of the text without L2, with Adam and all images; chosen by training images held out",
    ),
    tried={"learning_rate": (0.0002, 0.0006, 0.002)},
)


def baseline(name: str) -> spec.Recipe:
    """One of ``UNTRAINED`` in the place of the network, under the noise of the text."""
    method, about = UNTRAINED[name]

    def fit(split: spec.Split, s: spec.Settings, rng: np.random.Generator) -> spec.Fitted:
        predict = partial(method, split)
        error = float(squared_errors(split.y_val, predict, split.x_val).mean())
        return spec.Fitted({"val_mean_squared_error": [error]}, evaluate(predict, split, s))

    of_data = {n: TEXT.sourced[n] for n in ("examples", "validation_from", "noise")}
    return spec.Recipe(f"baseline-{name}", of_data, about, fit=fit)


denoise = spec.Experiment(
    id="ex07.denoise",
    title=Text(es="Autoencoder que quita ruido de MNIST", en="MNIST denoising autoencoder"),
    dataset=MNIST,
    network=network,
    load=load,
    split=split,
    encode=encode,
    evaluate=evaluate,
    metrics=("MeanSquaredError",),
    settings=(
        *(settings.examples(60_000), settings.VALIDATION_FROM, NOISE, LAYERS, settings.L2),
        *(settings.SCHEDULE, *settings.TRAINING),
    ),
    recipes=(TEXT, SCRIPT, WITHOUT_L2, SOUND),
    plain_data=plain_data,
    quick=spec.Quick(seeds=1, changes={"epochs": 1}, without=("text-without-l2", "sound")),
    seeds=5,
    baselines=tuple(baseline(name) for name in UNTRAINED),
)

# ---------------------------------------------------------------- what the original claims

ABOVE_NOISY = spec.Metric("psnr_above_noisy", "measured")
HALF = metrics.peak_signal_to_noise(0.5)
"""Decibels by which half the squared error is above the whole: 3.01."""


def above(name: str, decibels: float = 0.0) -> spec.Above:
    """The network's PSNR is more than so many decibels above that of one of ``UNTRAINED``."""
    return spec.Above(denoise, spec.Metric(f"psnr_above_{name}", "measured"), decibels)


CLAIMS = (
    spec.Claim(
        "7",
        Text(es="El autoencoder quita el ruido de los dígitos.", en="The autoencoder denoises the digits."),
        "§7, Fig. 19",
        (
            spec.Reading(
                above("noisy"),
                "less noise",
                Text(es="tal como está dicho: queda menos error que ruido había", en="as said: less error than noise"),
            ),
            spec.Reading(
                above("mean", HALF),
                "the digit is kept",
                Text(
                    es="el dígito sigue ahí: con menos de la mitad del error de dar siempre la media de los dígitos",
                    en="the digit is still there: less than half the error of always giving the mean of the digits",
                ),
                role="beyond",
            ),
            spec.Reading(
                above("median"),
                "better than a median filter",
                Text(es="quita más que un filtro sencillo", en="it removes more than a simple filter does"),
                role="beyond",
            ),
        ),
        comment=Text(
            es="Ninguna frase lo afirma: es lo que la sección se propone y lo que su figura deja ver. Cada red se "
            "juzga con el ruido con que se entrenó. La cercanía es la PSNR, 10 log10(1 / error), con el error "
            "cuadrático medio de todos los píxeles. Con desviación 0,5 y recortado, el ruido deja sobre el fondo negro "
            "un error de 0,115, más que la varianza de los dígitos, que es el de dar siempre su media.",
            en="No sentence claims it: it is what the section sets out to do and what its figure suggests. Each "
            "network is judged under the noise that it was trained at. Closeness is PSNR, 10 log10(1 / error), with "
            "the mean squared error over all pixels. At a deviation of 0.5, clipped noise makes an error of 0.115 on "
            "the black background, more than the variance of the digits, which is that of giving their mean.",
        ),
        sound=spec.Answer(
            denoise.under("sound"),
            ABOVE_NOISY,
            Text(
                es="dB sobre la imagen ruidosa, con desviación 0,5, en las 10 000 imágenes de prueba",
                en="dB above the noisy image, at a deviation of 0.5, over all 10 000 test images",
            ),
        ),
    ),
)

# ---------------------------------------------------------------- figures

ROWS = (Text(es="limpia", en="clean"), Text(es="ruidosa", en="noisy"), Text(es="filtrada", en="denoised"))
COMPARED = ("script", "text", "text-without-l2", "sound")
DENOISED = Text(es="autoencoder, cada semilla y media", en="autoencoder, each seed and mean")


def psnr(axes: Axes, view: spec.View, recipe: str) -> None:
    """PSNR at each strength of noise, every seed a point: the network's, with lines across for the untrained."""
    trials = view.trials(denoise, recipe)
    tested = trials[0].arrays["strengths"]
    places = np.arange(len(tested))
    colours = (view.colours.guide, view.colours.fourth, view.colours.third)
    for (name, (_, label)), colour in zip(UNTRAINED.items(), colours, strict=True):
        level = np.mean([trial.arrays[f"psnr_{name}"] for trial in trials], axis=0)
        axes.hlines(level, places - 0.35, places + 0.35, color=colour, linewidth=2, label=label(view.lang))
    each = np.array([trial.arrays["psnr_denoised"] for trial in trials])
    axes.scatter(np.broadcast_to(places, each.shape), each, s=12, color=view.colours.validation, alpha=0.5)
    axes.scatter(places, each.mean(axis=0), s=45, color=view.colours.validation, zorder=3, label=DENOISED(view.lang))
    axes.set_xticks(places, [number(deviation)(view.lang) for deviation in tested])
    strength = Text(es="desviación del ruido de prueba", en="deviation of the noise in testing")
    axes.set(xlim=(-0.6, len(tested) - 0.4), ylim=(0, 22), xlabel=strength(view.lang), ylabel="PSNR, dB")


FIGURES = (
    spec.Figure(
        19,
        Text(
            es="Imágenes de prueba 30 a 34: limpia, ruidosa (desviación 0,5; script 0,25), filtrada, y debajo su PSNR; "
            "primera semilla",
            en="Test images 30 to 34: clean, noisy (deviation 0.5; script 0.25), denoised, and below each its PSNR; "
            "first seed",
        ),
        denoise,
        (spec.ImageGrid("shown", rows=3, columns=SHOWN.stop - SHOWN.start, row_names=ROWS, decibels=True),),
        recipes=("script", "text", "sound"),
    ),
    spec.Figure(
        "ex07-psnr",
        Text(
            es="Cuánto ruido quita la red, con el del script y con el del texto",
            en="How much noise the network removes, of the script's and of the text's",
        ),
        denoise,
        (psnr,),
        recipes=COMPARED,
    ),
    spec.Figure(
        "ex07-error",
        Text(es="Cuánto aprende la red", en="How much the network learns"),
        denoise,
        (spec.Panel("mean_squared_error", Text(es="error cuadrático medio", en="mean squared error"), log=True),),
        recipes=COMPARED,
    ),
)

# ---------------------------------------------------------------- what is wrong there

MISTAKES = (
    spec.Mistake(
        "§7",
        Text(
            es="Con la L2 de 0,001 del texto la red no aprende a quitar el ruido: los cuadrados de 3,8 millones de "
            "pesos, los de las capas ocultas, importan mucho más que el error de un píxel, y da a toda imagen casi la "
            "media de los dígitos. En casi todos, aun eso está más cerca del dígito limpio que la imagen ruidosa.",
            en="Under the text's L2 of 0.001 the network does not learn to denoise: the squares of 3.8 million "
            "weights, those of the hidden layers, count far more than a pixel's error, and it gives every image nearly "
            "the mean of the digits. Of nearly all, even that is closer to the clean digit than the noisy image.",
        ),
        (denoise.under("text"), denoise.under("baseline-mean"), denoise.under("text-without-l2")),
        ("test_psnr_0.5", "psnr_above_noisy", "psnr_above_mean", "closer_than_noisy"),
    ),
    spec.Mistake(
        "§7, Fig. 19",
        Text(
            es="La figura no es de la red que describe el texto: el script usó otras capas, Adadelta en lugar de "
            "Adagrad, ninguna L2, y la mitad del ruido, desviación 0,25.",
            en="The figure is not of the network that the text describes: the script had other layers, Adadelta in "
            "place of Adagrad, no L2, and half the noise, a deviation of 0.25.",
        ),
        (denoise.under("script"), denoise.under("text")),
        ("parameters", "test_psnr_0.25", "test_psnr_0.5"),
    ),
    spec.Mistake(
        "§7, Fig. 19",
        Text(
            es="Cinco dígitos a la vista no dicen cuánto ruido se quitó, y falta con qué compararlos. Medida, la red "
            "del script queda por debajo de un filtro de mediana de 3x3, que no aprende nada. No es culpa de la red: "
            "Adadelta no había terminado en 20 épocas; sound es la red del texto, más chica, con Adam y sin L2.",
            en="Five digits to look at do not say how much noise was removed, and there is nothing to compare them "
            "with. Measured, the script's network falls short of a 3x3 median filter, which learns nothing. It is not "
            "to blame: Adadelta had not finished in 20 epochs; sound is the text's smaller one, with Adam and no L2.",
        ),
        (denoise.under("script"), denoise.under("baseline-median"), denoise.under("sound")),
        ("test_psnr_0.25", "test_psnr_0.5", "psnr_above_median"),
    ),
)

EXERCISE = spec.Exercise(
    id="ex07",
    title=Text(es="MNIST: autoencoder contra el ruido", en="MNIST: an autoencoder against noise"),
    question=Text(
        es="¿Cuánto ruido quita un autoencoder denso de los dígitos, comparado con un filtro que no aprende nada?",
        en="How much noise does a dense autoencoder remove from digits, compared with a filter that learns nothing?",
    ),
    experiments=(denoise,),
    claims=CLAIMS,
    figures=FIGURES,
    mistakes=MISTAKES,
    quick_seconds=45,
    asked=tuple(
        spec.Asked(
            Text(
                es="¿Cuánto se acerca cada método a la imagen limpia, con ruido de desviación {deviation}? (PSNR, dB)",
                en="How close does each method come to the clean image, at a deviation of {deviation}? (PSNR, dB)",
            ).format(deviation=number(deviation)),
            spec.Metric(f"test_psnr_{deviation:g}", "measured"),
            tuple(denoise.under(name) for name in (*(b.name for b in denoise.baselines), "text", "script", "sound")),
        )
        for deviation in STRENGTHS
    ),
)
