"""What a verdict rests on: own trials, those shipped, too few, reduced ones; and at which seeds one looks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from reensayo.evidence.basis import basis, decides, samples, value
from reensayo.spec import Exceeds, Times
from small_work import SECONDS, TOP1, WORK, conv, dense, narrow, wide

ARM = (dense, ["script"])


@pytest.fixture
def put(put):
    return partial(put, original=WORK)


def accuracies(count):
    return [{TOP1.name: [0.5, 0.9]}] * count


def seeds(found):
    return [[trial.seed for trial in arm] for arm in found.trials]


def test_own_trials_decide_from_the_declared_number_on(put):
    theirs = put("one.dense@script", history=accuracies(5))
    assert (decides([dense]), decides([replace(dense, seeds=20), dense])) == (5, 5)  # as many as there are pairs
    assert decides([replace(dense, seeds=1)]) == 3
    mine = [*theirs[:4]]
    assert basis([ARM], mine, ()).provisional
    assert basis([ARM], mine, theirs).evidence == "shipped"
    whole = basis([ARM], theirs, theirs[:3])
    assert (whole.evidence, whole.provisional, seeds(whole)) == ("own", False, [[0, 1, 2, 3, 4]])


def test_one_looks_at_the_declared_number_of_seeds_and_again_at_three_times_as_many(put):
    trials = put("one.dense@script", history=accuracies(15))
    assert seeds(basis([ARM], trials[:14], ())) == [list(range(5))]
    assert seeds(basis([ARM], trials, ())) == [list(range(15))]
    assert basis([ARM], trials[1:], ()).provisional  # seed 0 is one of those that decide


def test_fewer_shipped_trials_than_declared_are_provisional(put):
    trials = put("one.dense@script", history=accuracies(3))
    found = basis([ARM], (), trials)
    assert (found.evidence, found.provisional, seeds(found)) == ("shipped", True, [[0, 1, 2]])


def test_kinds_of_evidence_are_never_mixed(put):
    reduced = put("one.conv@script", history=accuracies(3), reduced=True)
    other = put("one.dense@script", history=accuracies(3))
    assert basis([(conv, ["script"])], reduced, ()).evidence == "reduced"
    assert basis([(conv, ["script"]), ARM], [*reduced, *other], ()).evidence == "none"
    own = put("one.conv@script", history=accuracies(2))
    found = basis([(conv, ["script"])], [*reduced, *own], ())
    assert (found.evidence, found.trials) == ("own", (own,))
    assert basis([ARM], (), ()).evidence == "none"


def test_a_recipe_may_have_several_names(put):
    text, script = (
        put(f"two.map@{name}", measures=[{}] * 2, first_seed=seed) for name, seed in (("text", 0), ("script", 1))
    )
    arm = WORK.experiments["two.map"], ["text", "script"]
    assert [(trial.seed, trial.recipe) for trial in basis([arm], [*text, *script], ()).trials[0]] == [
        (0, "text"),
        (1, "text"),
        (2, "script"),
    ]


def test_only_trials_of_one_seed_make_a_pair(put):
    more = put("one.conv@script", history=[{TOP1.name: [last]} for last in (0.92, 0.93, 0.94)])
    less = put("one.dense@script", history=[{TOP1.name: [last]} for last in (0.9, 0.91)], first_seed=2)
    test = Exceeds(conv, dense, TOP1, margin=0.005)
    ((pair, numbers),) = samples((more, less), partial(value, test))
    assert ([trial.seed for trial in pair], numbers) == ([2, 2], (0.94, 0.9))


def test_what_has_no_number_is_left_out(put):
    trials = put("one.dense@script", history=[{TOP1.name: [0.9]}] * 3, diverged=[1])
    test = Exceeds(dense, dense, TOP1, margin=0.005)
    assert [sample[0].seed for sample, _ in samples((trials,), partial(value, test))] == [0, 2]
    nothing = put("two.wide@script", measures=[{"seconds_per_epoch": 0.0}])
    assert samples((nothing,), partial(value, Times(wide, narrow, SECONDS, 2, 3))) == []  # none to make a ratio of
