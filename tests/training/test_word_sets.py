"""Sets of words are multiplied as the matrix that they stand for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines import declared, small, trainer
from reensayo.originals.introduccion_a_keras.ex03_imdb import counted
from reensayo.originals.introduccion_a_keras.reviews import KNOWN_WORDS
from reensayo.preprocess import BagOfWords
from reensayo.training import device

device.setup()
TEXTS, VOCABULARY, OUTPUTS, WORDS = 4, 300, 7, 500

four_texts = st.lists(st.sets(st.integers(0, VOCABULARY - 1), max_size=WORDS // TEXTS), min_size=TEXTS, max_size=TEXTS)


def as_sets(texts: list[set[int]]) -> BagOfWords:
    """The last ones of a list of always as many words, so that one program serves all."""
    count = np.array([len(words) for words in texts], "int32")
    words = np.concatenate([np.zeros(WORDS - sum(count)), *map(sorted, texts)]).astype("int16")
    return BagOfWords((WORDS - sum(count) + np.cumsum(count) - count).astype("int32"), count, words, VOCABULARY)


def as_matrix(texts: list[set[int]]) -> np.ndarray:
    matrix = np.zeros((TEXTS, VOCABULARY), "float32")
    for row, words in zip(matrix, texts, strict=True):
        row[list(words)] = 1
    return matrix


@cache
def programs() -> tuple[Any, Any]:
    """Of sets and a kernel the matrix, the product and the kernel's gradient; the same of several at once."""
    import jax

    from reensayo.training.word_sets import as_sparse, times

    def one(first: Any, count: Any, words: Any, kernel: Any, g: Any) -> Any:
        sets = as_sparse(BagOfWords(first, count, words, VOCABULARY))
        assert sets.shape == (TEXTS, VOCABULARY)
        product, pull_back = jax.vjp(lambda kernel: times(sets, kernel), kernel)
        return sets.todense(), product, *pull_back(g)

    return jax.jit(one), jax.jit(jax.vmap(one))


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A kernel, and a gradient of the product."""
    rng = np.random.default_rng(seed)
    kernel, g = (rng.normal(size=(size, OUTPUTS)).astype("float32") for size in (VOCABULARY, TEXTS))
    return kernel, g


def assert_of_the_matrix(found: Any, texts: list[set[int]], kernel: np.ndarray, g: np.ndarray) -> None:
    matrix, product, gradient = found
    wanted = as_matrix(texts)
    np.testing.assert_array_equal(matrix, wanted)
    np.testing.assert_allclose(product, wanted @ kernel, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(gradient, wanted.T @ g, rtol=1e-4, atol=1e-4)


@settings(max_examples=50)
@given(four_texts, st.integers(0, 2**32 - 1))
def test_the_product_and_its_gradient_are_those_of_the_matrix(texts: list[set[int]], seed: int):
    kernel, g = drawn(seed)
    assert_of_the_matrix(programs()[0](*as_sets(texts)[:3], kernel, g), texts, kernel, g)


@settings(max_examples=20)
@given(four_texts)
def test_baselines_count_them_as_the_matrix(texts: list[set[int]]):
    sets = as_sets(texts)
    counts = counted(np.stack(sets[:2], axis=1), sets.words).toarray()
    np.testing.assert_array_equal(counts[:, :VOCABULARY], as_matrix(texts))
    assert not counts[:, VOCABULARY:].any()


@settings(max_examples=20)
@given(four_texts, four_texts)
def test_several_at_once_get_what_each_gets_alone(one: list[set[int]], other: list[set[int]]):
    kernels, gs = map(np.stack, zip(drawn(1), drawn(2), strict=True))
    sets = map(np.stack, zip(as_sets(one)[:3], as_sets(other)[:3], strict=True))
    both = programs()[1](*sets, kernels, gs)
    for i, texts in enumerate((one, other)):
        assert_of_the_matrix([array[i] for array in both], texts, kernels[i], gs[i])


@pytest.mark.parametrize("fast", [True, False])
def test_only_the_fast_layers_of_a_network_on_reviews_take_them_as_they_are(fast: bool):
    engine = trainer(small(declared("ex03.none@script")), fast_layers=fast)
    (outcome,) = engine.train([0])
    assert [tensor.sparse for tensor in engine.spec.model.inputs] == [fast]
    assert any("sums of rows" in way for way in outcome.lowering) == fast
    assert not any(tensor.sparse for tensor in trainer(small(declared("ex08.dense@script"))).spec.model.inputs)


def test_a_network_that_does_not_begin_with_a_dense_layer_takes_the_matrix():
    import keras

    def network(_: Any) -> keras.Model:
        layers = [keras.layers.Dropout(0.5), keras.layers.Dense(1, activation="sigmoid")]
        return keras.Sequential([keras.Input((KNOWN_WORDS,)), *layers])

    experiment, recipe = small(declared("ex03.none@script"), epochs=1)
    engine = trainer((replace(experiment, network=network), recipe))
    (outcome,) = engine.train([0])
    assert not engine.spec.model.inputs[0].sparse
    assert np.isfinite(outcome.history["loss"]).all()
