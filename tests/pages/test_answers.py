"""What the original was to answer is answered from stored trials, pair by pair, and says so where it cannot be."""

from __future__ import annotations

import pytest

from reensayo import registry
from reensayo.figures import View
from reensayo.pages.answers import answer, demonstration

pytestmark = pytest.mark.usefixtures("nothing_shipped")
ORIGINAL = registry.find()
RAW, WIDER = "ex06.raw@script", "ex06.raw@assignment-wider"
ASKED, REGULARISERS = (next(e.asked[0] for e in ORIGINAL.exercises if e.id == id_) for id_ in ("ex06", "ex03"))
NOISE = (0.001, 0.002, -0.002, -0.001)


def accuracies(*values):
    return [{"val_binary_accuracy": [0.5, value]} for value in values]


@pytest.fixture
def lines(store):
    """The answer's lines by run."""

    def find(lang="en"):
        found, _ = answer(ASKED, View(ORIGINAL, tuple(store.trials()), lang))
        return {f"{line.trials[0].experiment}@{line.trials[0].recipe}": line for line in found}

    return find


@pytest.mark.parametrize(
    ("shift", "start", "end"),
    [(0.05, "0.05 [", "4 pairs"), (-0.05, "−0.05 [", "4 pairs"), (0.0, "0 [", "4 pairs: no significant difference")],
)
def test_a_run_is_held_against_the_first(shift, start, end, put, lines):
    put(RAW, history=accuracies(0.70, 0.71, 0.69, 0.70))
    put(WIDER, history=accuracies(*(a + shift + b for a, b in zip((0.70, 0.71, 0.69, 0.70), NOISE, strict=True))))
    assert lines()[RAW].against.en == "the first"
    assert lines()[RAW].mean == "0.7"
    found = lines()[WIDER].against.en
    assert found.startswith(start)
    assert found.endswith(end)
    assert "0,7" in lines("es")[RAW].mean


def test_one_pair_or_another_length_is_no_comparison(put, lines):
    put(RAW, history=accuracies(0.7))
    put(WIDER, history=accuracies(0.8))
    assert lines()[WIDER].against.en == "too few pairs of the same seed"
    assert lines()[WIDER].interval == ""


def test_two_pairs_decide_nothing_however_far_apart(put, lines):
    put(RAW, history=accuracies(0.70, 0.71))
    put(WIDER, history=accuracies(0.90, 0.91))
    found = lines()[WIDER].against.en
    assert found.startswith("0.2 [")
    assert found.endswith("2 pairs: too few to decide")


def test_reduced_runs_are_not_held_against_full_ones(put, store):
    put("ex03.none@script", history=accuracies(0.7, 0.71))
    put("ex03.l2@script", history=accuracies(0.8, 0.81), reduced=True)
    (_, line), _ = answer(REGULARISERS, View(ORIGINAL, tuple(store.trials()), "en"))
    assert (line.trials[0].reduced, line.against.en) == (True, "too few pairs of the same seed")


def test_what_is_missing_is_named(put, store):
    put(RAW, history=accuracies(0.7))
    _, lacking = answer(ASKED, View(ORIGINAL, tuple(store.trials()), "en"))
    assert lacking == [*map(str, ASKED.runs[1:])]


def test_what_is_there_only_reduced_is_asked_for_too(put, store):
    first, *others = map(str, REGULARISERS.runs)
    put(first, history=accuracies(0.7), reduced=True)
    put(others[0], history=accuracies(0.7))
    _, lacking = answer(REGULARISERS, View(ORIGINAL, tuple(store.trials()), "en"))
    assert lacking == [first, *others[1:]]


def test_an_interval_stays_within_what_the_quantity_can_be(put, lines):
    put(RAW, history=accuracies(0.1, 0.9))
    put(WIDER, history=accuracies(0.9, 0.1))
    assert lines()[RAW].interval == "[0, 1]"
    assert "[−1, 1]" in lines()[WIDER].against.en


def test_a_trial_of_no_epochs_has_no_value_to_show(put, store):
    mistake = next(m for e in ORIGINAL.exercises for m in e.mistakes if m.shown_by and not m.measures)
    put(str(mistake.shown_by[0]), history=accuracies(0.7))
    (trial,) = store.trials()
    shown, *_ = demonstration(mistake, View(ORIGINAL, (trial,), "en"))
    assert any(name.startswith("val_") for name in shown)
    trial.__dict__["history"] = {name: curve[:0] for name, curve in trial.history.items()}
    shown, *_ = demonstration(mistake, View(ORIGINAL, (trial,), "en"))
    assert not any(name.startswith("val_") for name in shown)
