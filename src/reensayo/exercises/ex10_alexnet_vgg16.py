"""Exercise 10: AlexNet and VGG16, cut down to 32x32 pixels, on CIFAR-10 and CIFAR-100.

The original says: on CIFAR-10 VGG16 reaches 75 % and AlexNet only 40 %; on CIFAR-100 40 % and 25 % after 20 epochs;
VGG16 is far better and costs two or three times more.

    reensayo run ex10.alexnet-cifar10@script      # as the published scripts ran
    reensayo run ex10.alexnet-cifar10@text        # as the text says, with other images in every epoch
    reensayo run ex10.vgg16-cifar10@script        # hours on a laptop: stop it when you like, and go on later
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from reensayo import measures, networks, settings
from reensayo.datasets import CIFAR10, CIFAR100, DataSet, Raw
from reensayo.preprocess import one_hot
from reensayo.spec import (
    Claim,
    Exceeds,
    Exercise,
    Experiment,
    Figure,
    Measured,
    Mistake,
    Predict,
    Quantity,
    Quick,
    Reaches,
    Reading,
    Recipe,
    Setting,
    Settings,
    Sourced,
    Split,
    accuracy_and_loss,
    both,
    curve,
    difference,
    script,
    text,
)
from reensayo.text import Text

if TYPE_CHECKING:
    import keras

# ---------------------------------------------------------------- data

VALIDATION = 5_000
"""The first so many test images validate, as in the published scripts; all 10 000 test."""

AUGMENTED = Setting(
    "augmented",
    Text(
        es="si en cada época las imágenes se espejan, giran y corren al azar",
        en="whether images are mirrored, turned and shifted at random in every epoch",
    ),
    bool,
)
DROPOUT_FIRST = Setting(
    "dropout_first",
    Text(es="fracción que se apaga tras la primera convolución", en="share dropped after the first convolution"),
    float,
    low=0.0,
    high=0.95,
)
DROPOUT_DENSE = Setting(
    "dropout_dense",
    Text(es="fracción que se apaga antes y después de las capas densas", en="share dropped around the dense layers"),
    float,
    low=0.0,
    high=0.95,
)


def prepare(raw: Raw, s: Settings, rng: np.random.Generator) -> Split:
    """The first ``examples`` images train; their mean image is taken away from all."""
    x_train = raw.x_train[: s.examples]
    return Split(
        x_train,
        raw.y_train[: s.examples],
        raw.x_test[:VALIDATION],
        raw.y_test[:VALIDATION],
        raw.x_test,
        raw.y_test,
        {"mean": x_train.mean(axis=0, dtype=float).astype("float32")},
    )


def encode(classes: int) -> Callable[[Any, Any, Mapping[str, Any], Settings], tuple[Any, Any]]:
    """(n, 32, 32, 3) bytes and (n,) labels -> the same minus the mean image, by 255, and (n, classes) one-hot."""

    def images_and_classes(x: Any, y: Any, constants: Mapping[str, Any], s: Settings) -> tuple[Any, Any]:
        return (x - constants["mean"]) / 255, one_hot(y, classes)

    return images_and_classes


def plain_data(classes: int) -> Callable[[Settings], str]:
    """The same, for an exported script."""

    def lines(s: Settings) -> str:
        fewer = f"x_train, y_train = x_train[:{s.examples}], y_train[:{s.examples}]\n" if s.examples < 50_000 else ""
        return f"""
{fewer}mean = x_train.mean(axis=0, dtype=float).astype("float32")
x_train, x_val = ((x - mean) / 255 for x in (x_train, x_test[:{VALIDATION}]))
y_train, y_val = (keras.utils.to_categorical(y, {classes}) for y in (y_train, y_test[:{VALIDATION}]))
"""

    return lines


def evaluate(predict: Predict, split: Split, s: Settings) -> Measured:
    """Top-1 accuracy on all 10 000 test images, and the class predicted for each."""
    outputs = predict(split.x_test)
    return Measured(
        {"test_categorical_accuracy": measures.categorical_accuracy(split.y_test, outputs)},
        {"test_predicted": outputs.argmax(axis=1).astype(np.uint8)},
    )


# ---------------------------------------------------------------- experiments and recipes


def alexnet(filters: int, hidden: int, epochs: Sourced) -> dict[str, Sourced]:
    """The published run; the text says the same but for the augmentation."""
    return {
        "examples": script(50_000),
        "augmented": script(False),
        "filters": script(filters),
        "hidden": script(hidden),
        "dropout": script(0.2),
        "loss": script("CategoricalCrossentropy"),
        "optimizer": both("Adagrad"),
        "learning_rate": both(0.01),
        "batch_size": both(128),
        "epochs": epochs,
    }


def vgg16(batch_size: Sourced, epochs: Sourced) -> dict[str, Sourced]:
    """The published run; the text has another optimizer and batch, and the augmentation."""
    return {
        "examples": script(50_000),
        "augmented": script(False),
        "filters": script(64),
        "hidden": script(512),
        "l2": script(5e-4),
        "dropout_first": script(0.3),
        "dropout": script(0.4),
        "dropout_dense": script(0.5),
        "loss": script("CategoricalCrossentropy"),
        "optimizer": script("Adadelta"),
        "learning_rate": script(1.0),
        "batch_size": batch_size,
        "epochs": epochs,
    }


def images(
    name: str,
    title: Text,
    network: Callable[[Settings], keras.Model],
    dataset: DataSet,
    published: Mapping[str, Sourced],
    said: Mapping[str, Sourced],
    parameters: int,
    quick: Mapping[str, int],
    seeds: int,
) -> Experiment:
    """One net on one set, as published and as the text says, where augmentation is really applied."""
    as_published = Recipe("script", published)
    classes = 10 if dataset is CIFAR10 else 100
    normalised = (settings.L2, DROPOUT_FIRST, DROPOUT_DENSE) if "l2" in published else ()
    return Experiment(
        id=f"ex10.{name}",
        title=title,
        dataset=dataset,
        network=network,
        prepare=prepare,
        encode=encode(classes),
        evaluate=evaluate,
        metrics=("CategoricalAccuracy",),
        settings=(
            settings.examples(50_000),
            AUGMENTED,
            settings.FILTERS,
            settings.HIDDEN,
            settings.DROPOUT,
            *normalised,
            *settings.TRAINING,
        ),
        recipes=(as_published.but("text", None, augmented=text(True), **said), as_published),
        parameters={"text": parameters, "script": parameters},
        plain_data=plain_data(classes),
        quick=Quick(seeds=1, changes=quick),
        seeds=seeds,
    )


OTHER_TRAINING = {"optimizer": text("Adagrad"), "learning_rate": text(0.01), "batch_size": text(128)}
"""Section 10 names one optimizer, one rate and one batch size for all."""

alexnet_cifar10 = images(
    "alexnet-cifar10",
    Text(es="CIFAR-10 con AlexNet", en="CIFAR-10 with AlexNet"),
    networks.alexnet_cifar10,
    CIFAR10,
    alexnet(8, 100, script(25)),
    {},
    18_316,
    {"epochs": 3, "examples": 10_000},
    5,
)
vgg16_cifar10 = images(
    "vgg16-cifar10",
    Text(es="CIFAR-10 con VGG16", en="CIFAR-10 with VGG16"),
    networks.vgg16_cifar10,
    CIFAR10,
    vgg16(script(512), script(25)),
    OTHER_TRAINING,
    15_181_326,
    {"epochs": 1, "examples": 512, "batch_size": 128},
    1,
)
alexnet_cifar100 = images(
    "alexnet-cifar100",
    Text(es="CIFAR-100 con AlexNet", en="CIFAR-100 with AlexNet"),
    networks.alexnet_cifar100,
    CIFAR100,
    alexnet(32, 1000, script(25)),
    {"epochs": text(20)},
    2_921_776,
    {"epochs": 1, "examples": 5_120},
    5,
)
vgg16_cifar100 = images(
    "vgg16-cifar100",
    Text(es="CIFAR-100 con VGG16", en="CIFAR-100 with VGG16"),
    networks.vgg16_cifar100,
    CIFAR100,
    vgg16(script(128), both(20)),
    OTHER_TRAINING,
    15_160_850,
    {"epochs": 1, "examples": 512},
    1,
)

EXERCISE = Exercise(
    id="ex10",
    title=Text(es="AlexNet y VGG16 con CIFAR-10 y CIFAR-100", en="AlexNet and VGG16 on CIFAR-10 and CIFAR-100"),
    question=Text(es="a", en="b"),
    experiments=(alexnet_cifar10, vgg16_cifar10, alexnet_cifar100, vgg16_cifar100),
    claims=(),
    figures=(),
    mistakes=(),
    quick_seconds=100,
)
