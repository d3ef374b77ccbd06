"""What predictions are worth, as pure functions on NumPy arrays; computed in float64."""

from __future__ import annotations

import numpy as np


def mean_squared_error(actual: np.ndarray, predicted: np.ndarray) -> float:
    """Mean of the squared differences, in the unit of the target squared."""
    return float(np.mean((np.asarray(actual, float) - np.asarray(predicted, float)) ** 2))


def mean_absolute_error(actual: np.ndarray, predicted: np.ndarray) -> float:
    """Mean of the absolute differences, in the unit of the target."""
    return float(np.mean(np.abs(np.asarray(actual, float) - np.asarray(predicted, float))))


def peak_signal_to_noise(error: float) -> float:
    """PSNR in decibels of images between 0 and 1 whose mean squared error is ``error``; 10 dB are a tenth of it."""
    return -10.0 * float(np.log10(error))


def r2_score(actual: np.ndarray, predicted: np.ndarray) -> float:
    """Coefficient of determination: 1 - MSE / variance of the actual values. Negative if worse than their mean."""
    return 1.0 - mean_squared_error(actual, predicted) / float(np.var(np.asarray(actual, float)))


def squared_correlation(actual: np.ndarray, predicted: np.ndarray) -> float:
    """Squared Pearson correlation: what a straight line fitted *afterwards* would explain; never below R2."""
    return float(np.corrcoef(np.asarray(actual, float).ravel(), np.asarray(predicted, float).ravel())[0, 1] ** 2)


def roc_auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve: how often a 1 scores higher than a 0; a tie counts half."""
    ones, zeros = scores[labels == 1], scores[labels == 0]
    return 0.5 + 0.5 * float(np.sign(ones[:, None] - zeros).mean())


def categorical_accuracy(labels: np.ndarray, outputs: np.ndarray) -> float:
    """Share of rows of ``outputs`` (n, classes) whose largest value is at the label (n,): top-1 accuracy."""
    return float(np.mean(outputs.argmax(axis=1) == labels))


def binary_accuracy(labels: np.ndarray, outputs: np.ndarray) -> float:
    """Share of ``outputs``, of any shape, on the side of 1/2 where their labels of that shape, 0 or 1, are."""
    return float(np.mean((outputs > 0.5) == labels))


def confusion(labels: np.ndarray, given: np.ndarray, classes: int) -> np.ndarray:
    """How often each class (row) was given as each (column): int (classes, classes), from two arrays (n,)."""
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (labels, given), 1)
    return counts


def worst_mistakes(labels: np.ndarray, outputs: np.ndarray, count: int) -> np.ndarray:
    """Rows of ``outputs`` (n, classes), at most ``count``, whose largest is furthest above that of the label (n,)."""
    excess = outputs.max(axis=1) - outputs[np.arange(len(labels)), labels]
    worst: np.ndarray = np.argsort(-excess, kind="stable")[: min(count, np.count_nonzero(excess))]
    return worst
