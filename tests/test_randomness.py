import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reensayo import randomness

SEEDS = st.integers(0, 2**31)
PURPOSES = st.sampled_from(["data", "weights", "order", "dropout"])


def test_the_streams_never_change():
    # Taken down once: whoever changes them changes every result, and has to raise RESULTS_VERSION.
    assert randomness.key(0, "data") == 32793865365423833180133514875677813990
    assert randomness.order(3, 7, 10).tolist() == [3, 0, 4, 1, 9, 6, 8, 5, 7, 2]
    assert randomness.generator(0, "weights", 1, "kernel").integers(1000, size=3).tolist() == [623, 176, 740]


@given(SEEDS, PURPOSES, st.lists(st.integers(0, 100) | st.sampled_from(["kernel", "bias"]), max_size=3))
def test_a_key_is_128_bits_and_always_the_same(seed, purpose, parts):
    key = randomness.key(seed, purpose, *parts)
    assert 0 <= key < 2**128
    assert key == randomness.key(seed, purpose, *parts)
    a, b = (randomness.generator(seed, purpose, *parts).random(3) for _ in range(2))
    assert np.array_equal(a, b)


@given(
    st.lists(
        st.tuples(st.integers(0, 30), PURPOSES, st.integers(0, 30)) | st.tuples(st.integers(0, 30), PURPOSES),
        min_size=2,
        unique=True,
    )
)
def test_no_two_streams_are_the_same(streams):
    assert len({randomness.key(*stream) for stream in streams}) == len(streams)


@given(st.integers(0, 100), st.integers(0, 100), st.integers(1, 300))
def test_an_epoch_visits_every_example_once(seed, epoch, examples):
    order = randomness.order(seed, epoch, examples)
    assert order.dtype == np.int32
    assert np.array_equal(np.sort(order), np.arange(examples))


def test_epochs_and_seeds_have_orders_of_their_own():
    orders = {tuple(randomness.order(seed, epoch, 50)) for seed in range(5) for epoch in range(5)}
    assert len(orders) == 25


def test_folds_have_orders_of_their_own():
    assert len({tuple(randomness.order(0, 1, 50, *fold)) for fold in ((), (0,), (1,), (2,))}) == 4


def test_nothing_depends_on_what_was_drawn_before():
    first = randomness.order(0, 1, 20)
    randomness.generator(0, "order", 0).random(1000)
    np.random.default_rng(0).random(10)
    assert np.array_equal(first, randomness.order(0, 1, 20))


@pytest.mark.parametrize("place", [0, 1, 25])
def test_orders_are_even(place):
    # Each of 50 examples stands at a given place in about 1/50 of 4000 orders: 80 times, deviation 9.
    counts = np.bincount([randomness.order(seed, 0, 50)[place] for seed in range(4000)], minlength=50)
    assert ((counts - 80) ** 2 / 80).sum() < 100  # chi-squared of 49 degrees: above 100 once in 20 000
