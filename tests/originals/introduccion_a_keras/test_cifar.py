"""Exercise 10's classes and what they are called."""

from __future__ import annotations

import numpy as np

from reensayo import datasets
from reensayo.datasets import CIFAR100
from reensayo.originals.introduccion_a_keras.ex10_alexnet_vgg16 import (
    CIFAR100_CLASSES,
    CIFAR100_GROUPS,
    CIFAR100_NAMES,
)


def test_the_superclasses_are_the_coarse_labels():
    raw = datasets.load(CIFAR100)
    groups = np.array(CIFAR100_GROUPS)
    assert np.array_equal(groups[raw.y_train], raw.y_train_coarse)
    assert np.array_equal(groups[raw.y_test], raw.y_test_coarse)
    assert (len(CIFAR100_CLASSES), len(CIFAR100_NAMES)) == (100, 20)
