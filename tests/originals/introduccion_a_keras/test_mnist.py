"""Exercise 8: which digits train, and what is taken from their pixels."""

import numpy as np
import pytest

from reensayo import datasets
from reensayo.datasets import MNIST
from reensayo.originals.introduccion_a_keras.ex08_mnist import dense


@pytest.fixture(scope="module")
def raw():
    return datasets.load(MNIST)


@pytest.mark.parametrize("scaling", ["unit", "centred", "standardised"])
def test_the_first_digits_train_and_the_moments_are_theirs(scaling, raw):
    s = dense.recipe("script").set({"examples": 200, "validation": 300, "scaling": scaling}).settings
    split = dense.load(raw, s)
    np.testing.assert_array_equal(split.x_train, raw.x_train[:200])
    np.testing.assert_array_equal(split.x_val, raw.x_test[:300])
    assert len(split.x_test) == len(split.y_test) == 10_000
    x, y = dense.encode(split.x_train, split.y_train, split.constants, s)
    pixels = raw.x_train[:200, ..., None].astype(float)
    expected = {
        "unit": pixels / 255,
        "centred": (pixels - pixels.mean(axis=0)) / 255,
        "standardised": (pixels - pixels.mean()) / pixels.std(),
    }
    np.testing.assert_allclose(x, expected[scaling], atol=1e-6)
    np.testing.assert_array_equal(y.argmax(axis=1), raw.y_train[:200])
