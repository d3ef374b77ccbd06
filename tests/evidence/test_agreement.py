"""Own trials beside those that come with a work: the same but for rounding, of one distribution, or different."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from reensayo.evidence import agreement
from small_work import WORK

LOSS = "val_loss"


def trial(seed, curve, recipe="script", **settings):
    """What is looked at of a stored trial."""
    return SimpleNamespace(
        experiment="two.map",
        recipe=recipe,
        seed=seed,
        status="finished",
        reduced=False,
        settings={"epochs": len(curve), "batch_size": 10, **settings},
        history={LOSS: np.array(curve)},
    )


@pytest.fixture
def agree(monkeypatch):
    """How own trials compare with shipped ones of these curves, one of which began again with one bit changed."""

    def compare(theirs, bit, mine, first_seed=0, **how):
        shipped = [trial(seed, curve) for seed, curve in enumerate(theirs)]
        monkeypatch.setattr(agreement, "shipped", lambda original: shipped)
        monkeypatch.setattr(agreement, "perturbed", lambda original: [trial(0, bit)] if bit else [])
        own = [trial(first_seed + seed, curve, **how) for seed, curve in enumerate(mine)]
        return list(agreement.agreements(WORK, own))

    return compare


THEIRS = [[0.5, 0.4, 0.3], [0.6, 0.45, 0.31], [0.55, 0.42, 0.29]]


def test_equal_curves_agree(agree):
    (found,) = agree(THEIRS, None, THEIRS)
    assert (found.agrees, found.seeds, found.epochs, found.apart) == ("rounding", (0, 1, 2), 3, 0.0)


def test_rounding_grows_as_one_changed_bit_does(agree):
    bit = [0.5, 0.4, 0.302]  # by 0.002 in the last epoch, so 0.021 there is rounding
    (found,) = agree(THEIRS, bit, [[0.5, 0.4, 0.319]])
    assert (found.agrees, found.metric, found.apart) == ("rounding", LOSS, pytest.approx(0.019))
    assert found.explained == pytest.approx(0.001 + 10 * 0.002)


def test_what_is_farther_off_may_be_of_the_same_distribution(agree):
    (found,) = agree(THEIRS, None, [[0.5, 0.4, 0.305]])
    assert (found.agrees, found.p > 0.1) == ("sample", True)


def test_or_it_differs(agree):
    (found,) = agree(THEIRS, None, [[0.5, 0.4, 3.0]])
    assert (found.agrees, found.p < 1e-3, found.apart) == ("differs", True, pytest.approx(2.7))


def test_other_seeds_are_compared_as_samples(agree):
    (found,) = agree(THEIRS, None, [[0.5, 0.4, 0.3]], first_seed=7)
    assert (found.agrees, found.seeds) == ("sample", ())


def test_the_first_epochs_are_compared_with_the_first_epochs(agree):
    (found,) = agree(THEIRS, None, [[0.5, 0.4]])
    assert (found.agrees, found.epochs) == ("rounding", 2)


def test_other_settings_and_recipes_are_not_compared(agree):
    assert agree(THEIRS, None, [[0.5]], batch_size=20) == []
    assert agree(THEIRS, None, [[0.5]], recipe="text") == []
    assert agree([], None, [[0.5]]) == []


def test_what_it_holds_is_numbers(agree):
    (found,) = agree(THEIRS, None, THEIRS)
    assert not any(isinstance(value, np.ndarray) for value in vars(found).values())
