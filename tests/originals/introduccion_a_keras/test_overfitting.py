"""How exercise 3 reads overfitting off two curves, by hand."""

import pytest

from reensayo.originals.introduccion_a_keras.ex03_imdb import overtaking, turning
from reensayo.originals.introduccion_a_keras.reviews import gap, rise


def test_gap_is_read_at_epoch_twenty_or_at_the_last_before_it():
    assert gap([0.5, 0.9], [0.5, 0.8]) == pytest.approx(0.1)
    assert gap([0.7] * 20 + [9.0], [0.4] * 20 + [0.0]) == pytest.approx(0.3)


def test_rise_is_a_share_of_the_lowest_loss_until_epoch_twenty():
    assert rise([0.4, 0.2, 0.3]) == pytest.approx(0.5)
    assert rise([0.4, 0.3, 0.2]) == 0
    assert rise([0.4] + [0.2] * 19 + [0.1]) == 0


@pytest.mark.parametrize(
    ("training", "validation", "epoch"),
    [
        ([0.6, 0.7], [0.5, 0.6], 1),  # from the first epoch on
        ([0.5, 0.7, 0.8], [0.6, 0.6, 0.6], 2),
        ([0.7, 0.5, 0.8], [0.6, 0.6, 0.6], 3),  # behind once more in epoch 2
        ([0.5, 0.6], [0.5, 0.6], 3),  # equal is not above: never, hence after the last
    ],
)
def test_overtaking_is_the_epoch_since_which_training_stays_above(training, validation, epoch):
    assert overtaking(training, validation) == epoch


def test_turning_is_the_first_epoch_of_the_lowest_loss():
    assert turning([3.0, 1.0, 2.0, 1.0]) == 2
    assert turning([1.0]) == 1
