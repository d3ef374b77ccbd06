"""Small pure steps from raw arrays to what a network sees, that exercises may share."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


def one_hot(y: Any, classes: int) -> Any:
    """(n,) whole numbers -> (n, classes) of 0.0 and 1.0; NumPy or JAX, as ``y`` is."""
    return (y[:, None] == np.arange(classes, dtype="uint8")).astype("float32")


def standardise(x: Any, mean: Any, deviation: Any) -> Any:
    """``(x - mean) / deviation``, feature by feature; NumPy or JAX, as ``x`` is."""
    return (x - mean) / deviation


def feature_moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (ddof 0) of each column of bytes (n, ...), without a float copy of them all."""
    total, squares = np.zeros((2, *x.shape[1:]))
    for chunk in np.array_split(x, max(1, x.size // 2**22)):
        part = chunk.astype("float32")
        total += part.sum(axis=0, dtype=float)
        squares += np.square(part, out=part).sum(axis=0, dtype=float)
    mean = total / len(x)
    return mean, np.sqrt(squares / len(x) - mean**2)


class BagOfWords(NamedTuple):
    """Which words of a vocabulary each of n texts has, 1 or 0 a word; as a matrix it is nearly all zeros.

    Text i has those ``words`` that begin at ``first[i]``, ``count[i]`` of them and each once. NumPy or JAX; all words
    are one of the ``constants`` of a split, the same array for every seed.
    """

    first: Any  # (n,) int32
    count: Any  # (n,) int32
    words: Any  # codes below ``vocabulary``, of all texts
    vocabulary: int
