"""Little computations in one kernel give what they give otherwise, and are one kernel."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from engines import short, small, trainer
from reensayo.selection import select_one
from reensayo.training import device
from reensayo.training.kernels import MANY_NUMBERS, in_one_kernel, joining


def scores(x, total):
    """A dozen of XLA's kernels."""
    slope = jax.grad(lambda x: -jax.nn.log_softmax(x)[:, 0].mean())(x)
    return {"slope": slope, "right": total + (x.argmax(-1) == 0).sum()}


def examples(count: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, 10)).astype("float32")


def assert_alike(found, expected):
    np.testing.assert_allclose(found["slope"], expected["slope"], rtol=1e-5, atol=1e-8)
    assert found["right"] == expected["right"]


@pytest.mark.parametrize("count", [7, MANY_NUMBERS])
def test_the_result_is_the_same(count):
    x = examples(count)
    with joining():
        assert_alike(jax.jit(in_one_kernel(scores))(x, 3), jax.jit(scores)(x, 3))


def test_several_lanes_have_theirs():
    x, totals = np.stack([examples(20), examples(20)[::-1]]), np.array([1, 2])
    with joining():
        found = jax.jit(jax.vmap(in_one_kernel(scores)))(x, totals)
    for lane in range(2):
        assert_alike(jax.tree.map(lambda leaf, lane=lane: leaf[lane], found), scores(x[lane], totals[lane]))


@pytest.mark.parametrize(
    ("count", "allowed", "calls"), [(128, True, 1), (128, False, 0), (MANY_NUMBERS // 10 + 1, True, 0)]
)
def test_only_little_work_is_a_call_that_is_compiled_as_one(count, allowed, calls):
    def looped(x):
        return jax.lax.fori_loop(0, 3, lambda _, x: x - in_one_kernel(scores)(x, 0)["slope"], x)

    with joining(allowed) as joined:
        compiled = jax.jit(looped).lower(examples(count)).compile().as_text()
    assert compiled.count('inlineable="false",xla_cpu_small_call="true"') == calls
    assert joined == ["scores"] * calls


# ---------------------------------------------------------------- in training


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many calls each program has that are to be one kernel, of all that are compiled from now on."""
    device.setup()
    from reensayo.training import blocks

    counts: list[int] = []

    def compiled(lowered, options):
        counts.append(lowered.as_text().count("xla_cpu_small_call"))
        return original(lowered, options)

    original = blocks.compiled
    monkeypatch.setattr(blocks, "compiled", compiled)
    return counts


@pytest.mark.parametrize(("name", "together"), [("ex08.dense@script", True), ("ex05.map@script", False)])
def test_loss_and_metrics_are_one_kernel_unless_lanes_are_batched(name, together, calls):
    trainer(small(select_one(name), epochs=1)).train([0])
    assert (calls[0] >= 2) == together


def test_what_no_single_kernel_can_hold_is_compiled_kernel_by_kernel(calls, monkeypatch):
    from reensayo.training import blocks

    counted = blocks.compiled

    def refusing(lowered, options):
        program = counted(lowered, options)
        if calls[-1]:
            raise jax.errors.JaxRuntimeError("UNIMPLEMENTED")
        return program

    monkeypatch.setattr(blocks, "compiled", refusing)
    found = trainer(small(select_one("ex08.dense@script"), epochs=3)).train([0, 1])
    assert calls[0] >= 2
    assert calls[1:] == [0]
    for outcome, usual in zip(found, short("ex08.dense@script").train([0, 1]), strict=True):
        for metric, values in usual.history.items():
            np.testing.assert_allclose(outcome.history[metric], values, rtol=1e-5, err_msg=metric)


def test_what_cannot_be_compiled_either_way_is_tried_once(monkeypatch):
    device.setup()
    from reensayo.training import blocks

    tried = []

    def refusing(lowered, options):
        tried.append(lowered)
        raise jax.errors.JaxRuntimeError("UNIMPLEMENTED")

    monkeypatch.setattr(blocks, "compiled", refusing)
    with pytest.raises(jax.errors.JaxRuntimeError):
        trainer(small(select_one("ex05.map@script"), epochs=1)).train([0])
    assert len(tried) == 1
