"""The models that stand beside the nets, on data whose answer is known."""

import numpy as np
import pytest

from reensayo import baselines


@pytest.mark.parametrize("loss", ["hinge", "softmax"])
@pytest.mark.parametrize("examples", [300, 2 * baselines.CHUNK + 1])
def test_a_linear_classifier_separates_what_lines_separate(loss, examples):
    rng = np.random.default_rng(5)
    centres = np.array([[0, 0], [90, 0], [0, 90]])
    y = rng.integers(0, 3, examples)
    x = (centres[y] + 80 + rng.normal(0, 5, (examples, 2))).astype("uint8")
    shuffled = rng.permutation(y)

    def features(raw):
        return (raw.astype("float32") - 110) / 45

    others = ((x[:100], y[:100]), (x, shuffled))
    rows = list(baselines.linear_classifier(loss, 1e-4, 3, features, (x, y), others, np.random.default_rng(0)))
    assert [len(row) for row in rows] == [3, 3, 3]
    met, right, by_chance = rows[-1]
    assert met > 0.97
    assert right > 0.97
    assert 0.2 < by_chance < 0.5
    assert rows[0][0] <= met


@pytest.mark.parametrize("labels", [(1, 2, 3), (0, 1), (4,)])
def test_a_linear_classifier_knows_classes_by_their_labels(labels):
    y = np.repeat(labels, 40)
    x = 3.0 * np.eye(5, dtype="float32")[y]
    rng = np.random.default_rng(0)
    *_, (_, right) = baselines.linear_classifier("hinge", 1e-4, 3, lambda raw: raw, (x, y), ((x, y),), rng)
    assert right == 1.0


def test_a_linear_classifier_is_the_same_for_the_same_seed():
    rng = np.random.default_rng(6)
    x, y = rng.random((200, 4)).astype("float32"), rng.integers(0, 3, 200)

    def accuracies(seed):
        generator = np.random.default_rng(seed)
        return list(baselines.linear_classifier("hinge", 0.01, 2, lambda raw: raw, (x, y), ((x, y),), generator))

    assert accuracies(1) == accuracies(1)
    assert accuracies(1) != accuracies(2)


@pytest.mark.parametrize(("labels", "frequent"), [([0, 1, 1], 1.0), ([0, 0, 1], 0.0), ([0, 1], 0.0)])
def test_the_majority_is_the_more_frequent_label(labels, frequent):
    np.testing.assert_array_equal(baselines.majority(np.array(labels), 4), np.full(4, frequent))


def test_logistic_regression_gives_the_probability_of_a_one():
    x = np.array([[0.0], [1.0], [2.0], [3.0]])
    y = np.array([0, 0, 0, 1])
    (probability,) = baselines.logistic_regression(x, y, x)
    assert probability.shape == (4,)
    assert (np.diff(probability) > 0).all()
