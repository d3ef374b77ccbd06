"""How exercises 3 and 4 read overfitting off two curves, by hand."""

import pytest

from reensayo.originals.introduccion_a_keras.ex03_imdb import OVERTAKING, TURNING
from reensayo.originals.introduccion_a_keras.reviews import GAP, INFERENCE_GAP, rise_of, shown
from reensayo.text import Text


def of_accuracies(metric, training, validation):
    return metric.value({"binary_accuracy": training, "val_binary_accuracy": validation})


def test_gap_is_read_at_epoch_twenty_or_at_the_last_before_it():
    assert of_accuracies(GAP, [0.5, 0.9], [0.5, 0.8]) == pytest.approx(0.1)
    assert of_accuracies(GAP, [0.7] * 20 + [9.0], [0.4] * 20 + [0.0]) == pytest.approx(0.3)


def test_the_gap_in_inference_mode_is_that_of_the_network_after_the_epoch():
    history = {
        "binary_accuracy": [0.5, 0.6],
        "inference_binary_accuracy": [0.7, 0.9],
        "val_binary_accuracy": [0.5, 0.8],
    }
    assert INFERENCE_GAP.value(history) == pytest.approx(0.1)
    assert GAP.value(history) == pytest.approx(-0.2)


def test_rise_is_a_share_of_the_lowest_loss_until_epoch_twenty():
    rise = rise_of("rise", "val_loss", Text(es="costo", en="loss"))
    assert rise.value({"val_loss": [0.4, 0.2, 0.3]}) == pytest.approx(0.5)
    assert rise.value({"val_loss": [0.4, 0.3, 0.2]}) == 0
    assert rise.value({"val_loss": [0.4] + [0.2] * 19 + [0.1]}) == 0


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
    assert of_accuracies(OVERTAKING, training, validation) == epoch


def test_turning_is_the_first_epoch_of_the_lowest_loss():
    assert TURNING.value({"val_loss": [3.0, 1.0, 2.0, 1.0]}) == 2
    assert TURNING.value({"val_loss": [1.0]}) == 1


def test_a_figure_of_the_original_is_read_with_the_same_metric():
    figure = {"training_accuracy": [0.9], "validation_accuracy": [0.8], "validation_loss": [0.5]}
    assert shown(8, GAP)({8: figure}) == pytest.approx(0.1)
