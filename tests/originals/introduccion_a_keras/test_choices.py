"""What the recipes were chosen from: by validation data, and as many combinations for each of those compared."""

from __future__ import annotations

import pytest

from reensayo.choosing import combinations, is_better_higher, metric
from reensayo.evidence.choices import choices
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.spec import Condition, experiments_of

TRIED = {e.under(r.name): r for e in ORIGINAL.experiments.values() for r in e.recipes if r.tried}


def test_nothing_is_there_but_what_was_compared():
    assert choices(ORIGINAL).keys() <= set(map(str, TRIED))


@pytest.mark.parametrize("condition", [c for c in TRIED if str(c) in choices(ORIGINAL)], ids=str)
def test_a_recipe_is_the_best_of_what_it_was_chosen_from(condition):
    experiment, recipe = condition.experiment, TRIED[condition]
    choice = choices(ORIGINAL)[str(condition)]
    assert choice.metric == metric(experiment, recipe)
    assert choice.metric.startswith("val_")
    assert choice.higher == is_better_higher(choice.metric)
    assert choice.trials == [trial.id for trial in combinations(ORIGINAL, experiment, recipe)], "of another version"
    assert {name: recipe.settings[name] for name in recipe.tried} in [one.settings for one in choice.best]


def compared():
    """The conditions that a claim compares: under one recipe, or in its answer."""
    for exercise in ORIGINAL.exercises:
        for claim in exercise.claims:
            for reading in claim.readings:
                experiments = experiments_of(reading.test)
                if len({experiment.exercise for experiment in experiments}) > 1:  # of other data
                    continue
                for name in {recipe.name for experiment in experiments for recipe in experiment.recipes}:
                    yield [Condition(experiment, name) for experiment in experiments]
            if claim.sound and claim.sound.minus:
                yield [claim.sound.condition, claim.sound.minus]


def test_recipes_that_are_compared_were_chosen_from_equally_many():
    for conditions in compared():
        counts = {c: len(combinations(ORIGINAL, c.experiment, TRIED[c])) for c in conditions if c in TRIED}
        assert len(set(counts.values())) <= 1, {str(condition): count for condition, count in counts.items()}
