"""What a run will take: the shipped costs cover every recipe, and the arithmetic is simple."""

import pytest

from reensayo import costs
from reensayo.costs import Costs
from reensayo.exercises import EXPERIMENTS
from reensayo.runner import plan

ONE = Costs("2026-01-01", "a processor", 2, 1.5, {"ex08.conv@script": 1e-4, "ex05.map@script": 0.01})


def test_every_recipe_and_baseline_was_measured():
    declared = {f"{e.id}@{r.name}" for e in EXPERIMENTS.values() for r in e.runnable}
    assert costs.measured().epoch.keys() == declared, "python benchmarks/costs.py STORE, with a store of their trials"
    assert all(seconds > 0 for seconds in costs.measured().epoch.values())


@pytest.mark.parametrize(
    ("trials", "seconds"),
    [
        ([], 0),
        (plan(["ex05.map@script"], seeds=3, changes={"epochs": "10"}), 1.5 + 3 * 10 * 0.01),
        (plan(["ex08.conv@script"], seeds=2), 1.5 + 2 * 20 * 60_000 * 1e-4),
        (plan(["ex08.conv@script"], seeds=2, changes={"examples": "6000"}), 1.5 + 2 * 20 * 6_000 * 1e-4),
    ],
)
def test_an_estimate_is_epochs_times_examples_times_cost(trials, seconds):
    assert costs.estimate(trials, ONE) == pytest.approx(seconds)


def test_what_was_never_measured_has_no_estimate():
    assert costs.estimate(plan(["ex05.map"], seeds=1), ONE) is None
