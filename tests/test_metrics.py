"""What predictions are worth where more than one number says it."""

import numpy as np

from reensayo import metrics

LABELS = np.array([0, 1, 1, 2], np.uint8)
OUTPUTS = np.array([[0.5, 0.4, 0.1], [0.9, 0.1, 0.2], [0.1, 0.8, 0.2], [0.4, 0.1, 0.3]])


def test_confusion_counts_each_class_as_what_it_was_given():
    counts = metrics.confusion(LABELS, OUTPUTS.argmax(axis=1), 3)
    assert counts.tolist() == [[1, 0, 0], [1, 1, 0], [1, 0, 0]]


def test_the_worst_mistakes_come_first_and_are_mistakes_all():
    assert metrics.worst_mistakes(LABELS, OUTPUTS, 3).tolist() == [1, 3]
    assert metrics.worst_mistakes(LABELS, OUTPUTS, 1).tolist() == [1]


def test_accuracy_and_area_under_the_curve():
    labels = np.array([0, 0, 1, 1])
    assert metrics.binary_accuracy(labels, np.array([0.1, 0.6, 0.4, 0.9])) == 0.5
    assert metrics.roc_auc(labels, np.array([0.1, 0.4, 0.6, 0.9])) == 1.0
    assert metrics.roc_auc(labels, np.array([0.1, 0.6, 0.4, 0.9])) == 0.75
    assert metrics.roc_auc(labels, np.full(4, 0.3)) == 0.5
