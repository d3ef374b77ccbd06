"""What a run will take: the shipped costs cover every recipe, and the arithmetic is simple."""

from dataclasses import replace
from pathlib import Path

import pytest

from reensayo import costs
from reensayo.costs import Cost, Costs
from reensayo.errors import InputError
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.runner import plan

FULL = {"ex08.conv@script": Cost(1.5, 1e-4), "ex05.map@script": Cost(0.5, 0.01)}
SOME = Costs("2026-01-01", "a processor", 2, FULL, reduced={"ex08.conv@script": Cost(1.0, 3e-4)})


def test_what_was_measured_is_of_recipes_and_baselines_of_today():
    runnable = [(e, r) for e in ORIGINAL.experiments.values() for r in e.runnable]
    reduced = [(e, r) for e, r in runnable if r.reduce(e.quick.changes).reduced]
    shipped = costs.measured(ORIGINAL)
    for found, declared in ((shipped.full, runnable), (shipped.reduced, reduced)):
        assert found.keys() <= {f"{e.id}@{r.name}" for e, r in declared}, "python benchmarks/costs.py"
        assert all(cost.start >= 0 and cost.epoch > 0 for cost in found.values())


@pytest.mark.parametrize(
    ("trials", "seconds"),
    [
        ([], 0),
        (plan(ORIGINAL, ["ex05.map@script"], seeds=3, changes={"epochs": "10"}), 0.5 + 3 * 10 * 0.01),
        (plan(ORIGINAL, ["ex08.conv@script"], seeds=2), 1.5 + 2 * 20 * 60_000 * 1e-4),
        (plan(ORIGINAL, ["ex08.conv@script"], seeds=2, changes={"examples": "6000"}), 1.5 + 2 * 20 * 6_000 * 1e-4),
        (plan(ORIGINAL, ["ex08.conv@script"], seeds=1, profile="quick"), 1.0 + 60_000 * 3e-4),
        (
            plan(ORIGINAL, ["ex05.map@script"], seeds=1) + plan(ORIGINAL, ["ex08.conv@script"], seeds=1),
            2.0 + 100 * 0.01 + 20 * 60_000 * 1e-4,
        ),
    ],
)
def test_an_estimate_is_what_each_recipe_takes_to_start_and_its_epochs(trials, seconds):
    assert costs.estimate(trials, SOME) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"full": {"ex.net": [1]}}', b"\xff", b'{"date": "2026"}', None]
)
def test_damaged_costs_are_told_with_their_file(content: bytes | None, tmp_path: Path):
    path = tmp_path / "costs.json"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(InputError, match=r"costs\.json is not what benchmarks/costs\.py writes: "):
        costs.measured(replace(ORIGINAL, folder=tmp_path))


def test_what_was_never_measured_has_no_estimate():
    assert costs.estimate(plan(ORIGINAL, ["ex05.map"], seeds=1), SOME) is None
