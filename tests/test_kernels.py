"""Little computations in one kernel give what they give otherwise, and are one kernel."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from reensayo.training.kernels import MANY_NUMBERS, in_one_kernel


def scores(x, total):
    """A dozen of XLA's kernels."""
    slope = jax.grad(lambda x: -jax.nn.log_softmax(x)[:, 0].mean())(x)
    return {"slope": slope, "right": total + (x.argmax(-1) == 0).sum()}


def examples(count: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, 10)).astype("float32")


@pytest.mark.parametrize("count", [7, MANY_NUMBERS])
def test_the_result_is_the_same(count):
    x = examples(count)
    plain, found = jax.jit(scores)(x, 3), jax.jit(in_one_kernel(scores))(x, 3)
    np.testing.assert_allclose(found["slope"], plain["slope"], rtol=1e-5, atol=1e-8)
    assert found["right"] == plain["right"]


def test_several_lanes_have_theirs():
    x = np.stack([examples(20), examples(20)[::-1]])
    found = jax.jit(jax.vmap(in_one_kernel(scores)))(x, jnp.array([1, 2]))
    for lane in range(2):
        np.testing.assert_allclose(found["slope"][lane], scores(x[lane], 0)["slope"], rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize(("count", "calls"), [(128, 1), (MANY_NUMBERS, 0)])
def test_only_little_work_is_a_call_that_is_compiled_as_one(count, calls):
    def looped(x):
        return jax.lax.fori_loop(0, 3, lambda _, x: x - in_one_kernel(scores)(x, 0)["slope"], x)

    compiled = jax.jit(looped).lower(examples(count)).compile().as_text()
    assert compiled.count('inlineable="false",xla_cpu_small_call="true"') == calls
