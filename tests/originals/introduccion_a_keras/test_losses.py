"""What the work's losses are made of, which decides what may be compared."""

import pytest

from reensayo.evidence.compare import LOSSES
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.spec import Alike, Exceeds, Metric, Settings, Times


@pytest.mark.parametrize("experiment", ORIGINAL.experiments.values(), ids=lambda experiment: experiment.id)
def test_no_network_has_a_penalty_that_no_setting_tells(experiment):
    """So what the settings say of the loss is all of it; a new penalty needs a setting with its ``loss_part``."""
    from reensayo.training.weights import without_weights

    for recipe in experiment.recipes:
        off = {s.name: 0.0 for s in experiment.settings if s.loss_part == "penalty"}
        model = without_weights(experiment.network, Settings({**recipe.settings, **off}))
        configs = [layer.get_config() for layer in model.layers]
        found = {
            name for config in configs for name, value in config.items() if name.endswith("_regularizer") and value
        }
        assert not found, recipe.name


@pytest.mark.parametrize("exercise", ORIGINAL.exercises, ids=lambda exercise: exercise.id)
def test_no_question_and_no_claim_compares_losses_that_are_not_the_same(exercise):
    """Neither the answers to the assignment nor a judged claim need the check that ``compare`` makes."""
    for asked in exercise.asked:
        assert not (isinstance(asked.metric, Metric) and asked.metric.name in LOSSES)
    for reading in (reading for claim in exercise.claims for reading in claim.readings):
        if isinstance(reading.test, Exceeds | Alike | Times):
            assert not (isinstance(reading.test.metric, Metric) and reading.test.metric.name in LOSSES)
