"""Every network, in plain Keras. Keras is imported inside, so that nothing happens at import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reensayo.preprocess import KNOWN_WORDS
from reensayo.spec import Settings

if TYPE_CHECKING:
    import keras


def _l2(s: Settings) -> keras.Regularizer | None:
    from keras import regularizers

    return regularizers.L2(s.l2) if s.get("l2") else None


def linear_pair(s: Settings) -> keras.Model:
    """Exercise 1: two linear layers, which together are one linear model of the 13 features."""
    import keras
    from keras import layers

    return keras.Sequential([keras.Input((13,)), layers.Dense(s.hidden), layers.Dense(1)])


def pixels_dense(s: Settings) -> keras.Model:
    """Exercise 2: one hidden layer of sigmoids on all 3072 values of a small colour image."""
    import keras
    from keras import initializers, layers

    def dense(units: int, deviation: float, activation: str | None = None) -> keras.Layer:
        kernels = initializers.RandomNormal(stddev=deviation) if s.kernels == "normal" else "glorot_uniform"
        return layers.Dense(units, activation, kernel_initializer=kernels, kernel_regularizer=_l2(s))

    return keras.Sequential([keras.Input((3072,)), dense(s.hidden, 3.0, "sigmoid"), dense(10, 1.0)])


def xor(s: Settings) -> keras.Model:
    """Exercise 2: two inputs, hidden tanh units, one tanh output."""
    import keras
    from keras import layers

    return keras.Sequential(
        [keras.Input((2,)), layers.Dense(s.hidden, activation="tanh"), layers.Dense(1, activation="tanh")]
    )


def xor_skip(s: Settings) -> keras.Model:
    """Exercise 2: as ``xor``, but the output also sees the two inputs."""
    import keras
    from keras import layers

    x = keras.Input((2,))
    both = layers.Concatenate()([x, layers.Dense(s.hidden, activation="tanh")(x)])
    return keras.Model(x, layers.Dense(1, activation="tanh")(both))


def reviews_dense(s: Settings) -> keras.Model:
    """Exercise 3: two hidden layers, the second half as wide, on the words of a review; at most one regulariser."""
    import keras
    from keras import layers

    stack: list[keras.Layer] = []
    for units in (s.hidden, s.hidden // 2):
        stack.append(layers.Dense(units, activation="relu", kernel_regularizer=_l2(s)))
        if "momentum" in s:
            stack.append(layers.BatchNormalization(momentum=s.momentum))
        if "dropout" in s:
            stack.append(layers.Dropout(s.dropout))
    output = layers.Dense(1, activation="sigmoid", kernel_regularizer=_l2(s))
    return keras.Sequential([keras.Input((KNOWN_WORDS,)), *stack, output])


def reviews_embedded_dense(s: Settings) -> keras.Model:
    """Exercise 4: a vector a word, the same dense layer at each of the 100 positions, the larger of two neighbours."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((s.length,), dtype="int32"),
            layers.Embedding(KNOWN_WORDS, s.embedding),
            layers.Dropout(s.dropout),
            layers.Dense(s.hidden, activation="relu"),
            layers.MaxPooling1D(2),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def reviews_embedded_conv(s: Settings) -> keras.Model:
    """Exercise 4: a vector a word, filters over pairs of words, the larger of two neighbours; dropout three times."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((s.length,), dtype="int32"),
            layers.Embedding(KNOWN_WORDS, s.embedding),
            layers.Dropout(s.dropout),
            layers.Conv1D(s.filters, 2, padding="same", activation="relu"),
            layers.Dropout(s.dropout),
            layers.MaxPooling1D(2),
            layers.Flatten(),
            layers.Dropout(s.dropout),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def residual_map(s: Settings) -> keras.Model:
    """Exercise 5: one number in, one out; the output neuron also sees the input."""
    import keras
    from keras import layers

    x = keras.Input((1,))
    hidden = layers.Dense(s.hidden, activation=s.activation, kernel_regularizer=_l2(s))(x)
    both = layers.Concatenate()([x, hidden])
    return keras.Model(x, layers.Dense(1, kernel_regularizer=_l2(s))(both))


def patient_layers(s: Settings) -> keras.Model:
    """Exercise 6: eight measurements of a patient through layers of 250, 100 and then 50 units, to one probability.

    ``width`` multiplies the units, ``depth`` counts the hidden layers.
    """
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((8,)),
            *(
                layers.Dense(s.width * units, activation="relu", kernel_regularizer=_l2(s))
                for units in (250, 100, *[50] * (s.depth - 2))
            ),
            layers.Dense(1, activation="sigmoid", kernel_regularizer=_l2(s)),
        ]
    )


def denoiser(s: Settings) -> keras.Model:
    """Exercise 7: the 784 pixels of a noisy digit through dense layers, narrowest in the middle, to clean ones."""
    import keras
    from keras import layers

    widths = map(int, s.layers.split("-"))
    hidden = (layers.Dense(units, activation="relu", kernel_regularizer=_l2(s)) for units in widths)
    return keras.Sequential([keras.Input((784,)), *hidden, layers.Dense(784, activation="sigmoid")])


def digits_dense(s: Settings) -> keras.Model:
    """Exercise 8: one hidden layer on all 784 pixels."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(s.hidden, activation="relu"),
            layers.Dropout(s.dropout),
            layers.Dense(10, activation="sigmoid"),
        ]
    )


def digits_conv(s: Settings) -> keras.Model:
    """Exercise 8: two 3x3 convolutions, dropout after each, no pooling: 28 -> 26 -> 24 pixels a side."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(s.filters, 3, activation="relu"),
            layers.Dropout(s.dropout),
            layers.Conv2D(s.filters, 3, activation="relu"),
            layers.Flatten(),
            layers.Dropout(s.dropout),
            layers.Dense(10, activation="sigmoid"),
        ]
    )


def _augmentation(s: Settings) -> list[keras.Layer]:
    """Other images in every epoch, while training: mirrored or not, turned by up to 90 degrees, shifted by a tenth.

    A shift is a whole number of pixels; what comes in from outside repeats the edge.
    """
    from keras import layers

    if not s.augmented:
        return []
    return [
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.25, fill_mode="nearest"),
        layers.RandomTranslation(0.1, 0.1, fill_mode="nearest", interpolation="nearest"),
    ]


def _alexnet(s: Settings, filters: tuple[int, ...], last_dropout: bool, classes: int) -> keras.Model:
    """Five 3x3 convolutions, overlapping pools after the first two and the last, two dense layers; all on 32x32."""
    import keras
    from keras import layers

    stack = _augmentation(s)
    for place, count in enumerate(filters):
        stack.append(layers.Conv2D(count, 3, padding="same", activation="relu"))
        if place in (0, 1, 4):
            stack.append(layers.MaxPooling2D(3, strides=2))
        if place < 4:
            stack.append(layers.Dropout(s.dropout))
    stack += [layers.Flatten(), layers.Dropout(s.dropout), layers.Dense(s.hidden, activation="relu")]
    stack += [layers.Dropout(s.dropout), layers.Dense(s.hidden // 2, activation="relu")]
    if last_dropout:
        stack.append(layers.Dropout(s.dropout))
    return keras.Sequential([keras.Input((32, 32, 3)), *stack, layers.Dense(classes, activation="softmax")])


def alexnet_cifar10(s: Settings) -> keras.Model:
    """Exercise 10: AlexNet's order of layers with 8 or 16 filters a convolution."""
    f = s.filters
    return _alexnet(s, (f, 2 * f, 2 * f, f, f), last_dropout=False, classes=10)


def alexnet_cifar100(s: Settings) -> keras.Model:
    """Exercise 10: AlexNet's order of layers with 32 to 256 filters a convolution."""
    f = s.filters
    return _alexnet(s, (f, 4 * f, 8 * f, 8 * f, 4 * f), last_dropout=True, classes=100)


VGG16_BLOCKS = ((1, 1), (2, 2), (4, 4, 4), (8, 8, 8), (8, 8, 8))
"""Filters of each convolution, block by block, as multiples of those of the first."""


def _vgg16(s: Settings, hidden: tuple[int, ...], classes: int) -> keras.Model:
    """VGG16 on 32x32: 13 convolutions and the dense layers, each normalised by batches, dropout between them."""
    import keras
    from keras import layers

    stack = _augmentation(s)
    for block, multiples in enumerate(VGG16_BLOCKS):
        for place, multiple in enumerate(multiples):
            filters = multiple * s.filters
            stack.append(layers.Conv2D(filters, 3, padding="same", activation="relu", kernel_regularizer=_l2(s)))
            stack.append(layers.BatchNormalization())
            if place < len(multiples) - 1:
                stack.append(layers.Dropout(s.dropout if block else s.dropout_first))
        stack.append(layers.MaxPooling2D(2))
    stack += [layers.Dropout(s.dropout_dense), layers.Flatten()]
    for units in hidden:
        stack.append(layers.Dense(units, activation="relu", kernel_regularizer=_l2(s)))
        stack.append(layers.BatchNormalization())
    stack.append(layers.Dropout(s.dropout_dense))
    output = layers.Dense(classes, activation="softmax", kernel_regularizer=_l2(s))
    return keras.Sequential([keras.Input((32, 32, 3)), *stack, output])


def vgg16_cifar10(s: Settings) -> keras.Model:
    """Exercise 10: VGG16 for ten classes."""
    return _vgg16(s, (s.hidden, 250, 250), 10)


def vgg16_cifar100(s: Settings) -> keras.Model:
    """Exercise 10: VGG16 for a hundred classes."""
    return _vgg16(s, (s.hidden, 250, 128), 100)


def alexnet_assignment(classes: int = 1000) -> keras.Model:
    """The assignment's AlexNet, for images of 227x227: 62 million weights. Nothing here trains it."""
    import keras
    from keras import layers

    def conv(filters: int, size: int, strides: int = 1) -> keras.Layer:
        return layers.Conv2D(filters, size, strides, padding="valid" if strides > 1 else "same", activation="relu")

    return keras.Sequential(
        [
            keras.Input((227, 227, 3)),
            conv(96, 11, strides=4),
            layers.MaxPooling2D(3, strides=2),
            conv(256, 5),
            layers.MaxPooling2D(3, strides=2),
            conv(384, 3),
            conv(384, 3),
            conv(256, 3),
            layers.MaxPooling2D(3, strides=2),
            layers.Flatten(),
            layers.Dense(4096, activation="relu"),
            layers.Dense(4096, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ]
    )


def vgg16_assignment(classes: int = 1000) -> keras.Model:
    """The assignment's VGG16, for images of 224x224: 138 million weights. Nothing here trains it."""
    import keras
    from keras import layers

    stack: list[keras.Layer] = []
    for multiples in VGG16_BLOCKS:
        stack += [layers.Conv2D(64 * multiple, 3, padding="same", activation="relu") for multiple in multiples]
        stack.append(layers.MaxPooling2D(2))
    stack.append(layers.Flatten())
    stack += [layers.Dense(4096, activation="relu") for _ in range(2)]
    return keras.Sequential([keras.Input((224, 224, 3)), *stack, layers.Dense(classes, activation="softmax")])
