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
