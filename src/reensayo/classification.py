"""A trained classifier on the test set: how often it is right, what it takes for what, its worst mistakes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reensayo import metrics
from reensayo.spec import Evaluate, Evaluation, Predict, Settings, Split


def tested(classes: Sequence[str]) -> Evaluate:
    """Top-1 accuracy on all test examples, and for figures the confusion of the classes and the worst mistakes.

    Arrays: ``test_predicted`` (n,), ``confusion`` (classes, classes) with a row an actual class, ``mistaken`` (at most
    20, ...) the examples themselves, ``mistaken_actual`` and ``mistaken_predicted`` the names of their classes.
    """
    names = np.array(list(classes))

    def evaluate(predict: Predict, split: Split, s: Settings) -> Evaluation:
        outputs = predict(split.x_test)
        predicted = outputs.argmax(axis=1).astype(np.uint8)
        worst = metrics.worst_mistakes(split.y_test, outputs, 20)
        return Evaluation(
            {"test_categorical_accuracy": metrics.categorical_accuracy(split.y_test, outputs)},
            {
                "test_predicted": predicted,
                "confusion": metrics.confusion(split.y_test, predicted, len(names)),
                "mistaken": split.x_test[worst],
                "mistaken_actual": names[split.y_test[worst]],
                "mistaken_predicted": names[predicted[worst]],
            },
        )

    return evaluate
