"""Dummy and linear models that stand beside the networks, with scikit-learn; imported only when they are fitted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from reensayo.metrics import categorical_accuracy

Batches = Callable[[np.ndarray], np.ndarray]
"""Raw examples -> features (n, columns) float32, for some of them at a time: all at once need too much memory."""

CHUNK = 2000
"""Examples turned into features at a time."""
BATCH = 200
"""Examples of a step, at most, where the model takes several at once."""


def linear_classifier(
    loss: str,
    penalty: float,
    epochs: int,
    features: Batches,
    train: tuple[np.ndarray, np.ndarray],
    others: tuple[tuple[np.ndarray, np.ndarray], ...],
    rng: np.random.Generator,
) -> Iterator[list[float]]:
    """A linear classifier by stochastic gradient descent, ``penalty`` the factor of half its squared weights.

    Its ``loss`` is ``hinge``, a support vector machine for each class against all others, or ``softmax``, multinomial
    logistic regression. Gives after every epoch the top-1 accuracy on the training examples as they were met, before
    each chunk was learned, and on each of the other sets.
    """
    from sklearn.linear_model import SGDClassifier
    from sklearn.neural_network import MLPClassifier

    x, y = train
    seed = int(rng.integers(2**31))
    chunks = max(2, -(-len(x) // CHUNK))  # of a single one nothing could be met before it was learned
    if loss == "softmax":  # a network without hidden layers, which divides its penalty by the size of the batch
        batch = min(BATCH, len(x) // chunks)
        model = MLPClassifier((), alpha=penalty * batch, batch_size=batch, random_state=seed)
        decide: Batches = model.predict_proba
    else:
        model = SGDClassifier(loss=loss, alpha=penalty, random_state=seed)
        decide = model.decision_function
    # as many as columns of the decision are compared with labels, also where none of the examples is of a class
    classes = np.arange(max(3, 1 + max(int(labels.max()) for _, labels in (train, *others))))
    for _ in range(epochs):
        right = []
        for rows in np.array_split(rng.permutation(len(x)), chunks):
            part = features(x[rows])
            if hasattr(model, "classes_"):
                right.append(model.predict(part) == y[rows])
            model.partial_fit(part, y[rows], classes=classes)
        yield [float(np.concatenate(right).mean()), *(_accuracy(decide, features, *o) for o in others)]


def _accuracy(decide: Batches, features: Batches, x: np.ndarray, y: np.ndarray) -> float:
    parts = np.array_split(x, -(-len(x) // CHUNK))
    return categorical_accuracy(y, np.concatenate([decide(features(part)) for part in parts]))


def majority(labels: np.ndarray, examples: int) -> np.ndarray:
    """The more frequent of the labels 0 and 1 for each of ``examples`` examples."""
    return np.full(examples, float(np.mean(labels) > 0.5))


def logistic_regression(train: Any, labels: np.ndarray, *asked: Any, tfidf: bool = False) -> list[np.ndarray]:
    """Logistic regression (C = 1) learned on ``train``: the probability of label 1 for the rows of each array asked.

    Rows are features, which the penalty wants in one scale; with ``tfidf`` counts of words, sparse or not.
    """
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(TfidfTransformer() if tfidf else "passthrough", LogisticRegression()).fit(train, labels)
    return [model.predict_proba(rows)[:, 1] for rows in asked]
