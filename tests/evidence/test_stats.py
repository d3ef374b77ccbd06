"""Intervals and tests: textbook values, scipy.stats as an oracle, properties, and coverage by simulation."""

from __future__ import annotations

import math
import runpy
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats as oracle

from reensayo.evidence.findings import LEVEL
from reensayo.evidence.stats import (
    Interval,
    mean_interval,
    paired_difference,
    prediction_interval,
    two_sample_p,
    wilson,
)
from repository import ROOT

# Hours of sleep gained with each of two drugs, ten patients (Student, 1908).
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

INTERVALS = [mean_interval, prediction_interval]
both = pytest.mark.parametrize("interval", INTERVALS)

# Multiples of 0.01: distinct values differ by far more than rounding does.
samples = st.lists(st.integers(-10_000, 10_000).map(lambda i: i / 100), min_size=2, max_size=12)
counts = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def near(*expected: float, tolerance: float = 1e-9) -> Any:
    return pytest.approx(expected, rel=tolerance, abs=tolerance)


def ends(interval: Interval) -> tuple[float, float]:
    return interval.low, interval.high


# --- known values -------------------------------------------------------------------------------------------


def test_one_two_three_by_hand() -> None:
    t = 4.302652729911275  # 0.975 quantile, 2 degrees of freedom; mean 2, standard deviation 1
    assert ends(mean_interval([1, 2, 3])) == near(2 - t / math.sqrt(3), 2 + t / math.sqrt(3))
    assert ends(prediction_interval([1, 2, 3])) == near(2 - t * math.sqrt(4 / 3), 2 + t * math.sqrt(4 / 3))


def test_two_values_by_hand() -> None:
    # One degree of freedom is the Cauchy distribution: its 0.975 quantile is tan(0.475 pi), and P(|T| > 1) = 1 / 2.
    t = math.tan(0.475 * math.pi)
    assert ends(mean_interval([0, 2])) == near(1 - t, 1 + t)
    assert paired_difference([0, 2], [0, 0]).p == pytest.approx(0.5)


def test_students_sleep_data() -> None:
    found = paired_difference(SLEEP_2, SLEEP_1)
    assert found.estimate == pytest.approx(1.58)
    assert ends(found.interval) == near(0.7001142, 2.4598858, tolerance=1e-7)
    assert found.p == pytest.approx(0.00283289, rel=1e-5)
    assert (found.n, found.interval.kind) == (10, "difference")


def test_an_interval_stays_within_the_bounds_of_its_values() -> None:
    whole = mean_interval([0.4, 0.9])
    assert ends(whole) == near(-2.5265512, 3.8265512, tolerance=1e-7)
    cut = mean_interval([0.4, 0.9], within=(0.0, 1.0))
    assert (ends(cut), cut.width) == ((0.0, 1.0), whole.width)
    assert ends(mean_interval([0.5], within=(0.0, 1.0))) == (-math.inf, math.inf)  # which says nothing
    assert ends(mean_interval([1 + 1e-9] * 2, within=(0.0, 1.0))) == (1.0, 1.0)  # rounding went too far


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20), st.floats(0, 1), st.floats(0, 0.1))
def test_a_cut_interval_holds_what_is_possible_just_as_the_whole_one(x: list[float], y: float, much: float) -> None:
    for interval in (mean_interval, prediction_interval):
        whole, cut = interval(x), interval(x, within=(0.0, 1.0))
        assert cut.contains(y) == whole.contains(y)
        assert cut.meets(y - much, y + much) == whole.meets(y - much, y + much)
        assert cut.width == whole.width


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_on_the_examples_of_newcombe_1998(successes: int, n: int, low: float, high: float) -> None:
    assert ends(wilson(successes, n)) == pytest.approx((low, high), abs=5e-5)


# --- scipy.stats as an oracle -------------------------------------------------------------------------------


@given(samples, st.floats(-100, 100), st.sampled_from([0.9, 0.95, 0.975]))
def test_agrees_with_scipy(x: list[float], mu: float, level: float) -> None:
    assume(min(x) < max(x))
    n, m, s = len(x), np.mean(x), np.std(x, ddof=1)
    assert ends(mean_interval(x, level=level)) == near(*oracle.t.interval(level, n - 1, m, s / n**0.5))
    further = oracle.t.interval(level, n - 1, m, s * (1 + 1 / n) ** 0.5)
    assert ends(prediction_interval(x, level=level)) == near(*further)
    difference = paired_difference(x, [mu] * n, level=level)
    assert difference.p == pytest.approx(oracle.ttest_1samp(x, mu).pvalue)
    assert ends(difference.interval) == near(*oracle.t.interval(level, n - 1, m - mu, s / n**0.5), tolerance=1e-7)


@given(samples, samples)
def test_two_samples_agree_with_scipy(a: list[float], b: list[float]) -> None:
    assume(min(a) < max(a))
    assume(min(b) < max(b))
    assert two_sample_p(a, b) == pytest.approx(oracle.ttest_ind(a, b).pvalue)


@given(samples, st.integers(-10_000, 10_000).map(lambda i: i / 100 + 0.005))
def test_one_value_against_a_sample_asks_whether_it_lies_where_a_further_one_would(x: list[float], y: float) -> None:
    assume(min(x) < max(x))
    p = two_sample_p([y], x)
    assume(abs(p - 0.05) > 1e-9)
    assert prediction_interval(x).contains(y) == (p > 0.05)


@given(counts, st.sampled_from([0.95, 0.975]))
def test_wilson_agrees_with_scipy(count: tuple[int, int], level: float) -> None:
    expected = oracle.binomtest(*count).proportion_ci(level, method="wilson")
    assert ends(wilson(*count, level)) == near(expected.low, expected.high)


# --- properties ---------------------------------------------------------------------------------------------


@both
@given(samples)
def test_holds_the_mean(interval: Any, x: list[float]) -> None:
    assert interval(x).contains(min(max(math.fsum(x) / len(x), min(x)), max(x)))


@given(samples)
def test_one_run_is_less_certain_than_the_mean(x: list[float]) -> None:
    mean, run = mean_interval(x), prediction_interval(x)
    assert run.contains(mean.low)
    assert run.contains(mean.high)


@both
@given(samples, st.sampled_from([-3.0, -1.0, 0.5, 2.0]), st.integers(-100, 100))
def test_scale_and_shift(interval: Any, x: list[float], scale: float, shift: int) -> None:
    expected = sorted(scale * end + shift for end in ends(interval(x)))
    assert ends(interval([scale * value + shift for value in x])) == near(*expected, tolerance=1e-8)


@given(samples, samples)
def test_swapping_the_arms_turns_the_difference_round(a: list[float], b: list[float]) -> None:
    n = min(len(a), len(b))
    there, back = paired_difference(a[:n], b[:n]), paired_difference(b[:n], a[:n])
    assert (there.estimate, there.p) == near(-back.estimate, back.p)
    assert ends(there.interval) == near(-back.interval.high, -back.interval.low)


@given(samples, st.integers(-10_000, 10_000).map(lambda i: i / 100 + 0.005))
def test_p_and_interval_agree(x: list[float], mu: float) -> None:
    found = paired_difference(x, [mu] * len(x))
    assume(abs(found.p - 0.05) > 1e-9)
    assert found.interval.contains(0) == (found.p > 0.05)


@given(counts)
def test_wilson_is_inside_zero_and_one_and_symmetric(count: tuple[int, int]) -> None:
    successes, n = count
    interval, mirrored = wilson(successes, n), wilson(n - successes, n)
    assert 0 <= interval.low < interval.high <= 1
    assert interval.contains(successes / n)
    assert ends(interval) == near(1 - mirrored.high, 1 - mirrored.low)


# --- edges --------------------------------------------------------------------------------------------------


def test_one_value_says_nothing() -> None:
    for interval in INTERVALS:
        found = interval([0.9])
        assert ends(found) == (-math.inf, math.inf)
        assert found.width == math.inf
        assert found.contains(1e300)
    assert paired_difference([0.9], [0.1]).p == 1
    assert two_sample_p([0.9], [0.1]) == 1


@both
def test_equal_values_have_no_spread(interval: Any) -> None:
    assert ends(interval([0.1] * 3)) == (0.1, 0.1)  # although 0.1 + 0.1 + 0.1 is not 0.3
    assert interval([0.1] * 3).width == 0


def test_tests_on_equal_values() -> None:
    assert [paired_difference([0.1] * 3, [other] * 3).p for other in (0.1, 0.2)] == [1, 0]
    assert [two_sample_p([0.1] * 2, [other] * 3) for other in (0.1, 0.2)] == [1, 0]
    assert paired_difference(SLEEP_1, SLEEP_1).p == 1


@pytest.mark.parametrize("bad", [[], [math.nan, 1.0], [1.0, math.inf]], ids=str)
@pytest.mark.parametrize(
    "call",
    [
        mean_interval,
        prediction_interval,
        pytest.param(lambda x: paired_difference(x, x), id="paired_difference"),
        pytest.param(lambda x: two_sample_p(x, [1.0]), id="two_sample_p"),
    ],
)
def test_none_or_non_finite_values_are_errors(call: Callable[[Any], Any], bad: list[float]) -> None:
    with pytest.raises(ValueError, match=r"expected .* received"):
        call(bad)


WRONG: dict[str, Callable[[], object]] = {
    "wilson of none": lambda: wilson(0, 0),
    "3 of 2": lambda: wilson(3, 2),
    "-1 of 2": lambda: wilson(-1, 2),
    "meets, swapped": lambda: mean_interval([1, 2]).meets(1, 0),
}


@pytest.mark.parametrize("call", WRONG.values(), ids=WRONG)
def test_wrong_arguments_say_what_was_expected(call: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=r"expected .* received"):
        call()


def test_samples_of_different_length_are_no_pairs() -> None:
    with pytest.raises(ValueError, match="shorter"):
        paired_difference([1, 2], [1])


def test_intervals_are_closed() -> None:
    interval = Interval(0.25, 0.75, 0.5, "mean")
    assert [interval.contains(x) for x in (0.2, 0.25, 0.5, 0.75, 0.8, math.nan)] == [
        False,
        *[True] * 3,
        *[False] * 2,
    ]
    assert all(interval.meets(*other) for other in [(0, 0.25), (0.75, 1), (0.4, 0.4), (0, 1)])
    assert not any(interval.meets(*other) for other in [(0, 0.2), (0.8, 1)])


def test_numpy_arrays_are_samples_too() -> None:
    for dtype in (np.float32, np.float64, np.int64):
        sample = np.array([1, 2, 3], dtype)
        assert mean_interval(sample) == mean_interval([1, 2, 3])
        assert paired_difference(sample, [0.1] * 3) == paired_difference([1, 2, 3], [0.1] * 3)
    with pytest.raises(TypeError):
        mean_interval(np.ones((2, 3)))


def test_scipy_stats_is_not_imported() -> None:
    code = "import sys, reensayo.evidence.stats; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- the tables of docs/statistics.md -----------------------------------------------------------------------

DOCUMENT = ROOT / "docs" / "statistics.md"
SIZES = (3, 5, 10, 30)
Draw = Callable[[np.random.Generator, tuple[int, ...]], NDArray[np.float64]]
DISTRIBUTIONS: dict[str, tuple[Draw, float]] = {  # how to draw, true mean
    "normal": (lambda rng, shape: rng.standard_normal(shape), 0.0),
    "beta(20, 1.5)": (lambda rng, shape: rng.beta(20, 1.5, shape), 20 / 21.5),
}
distributions = pytest.mark.parametrize("name", DISTRIBUTIONS)


def documented(label: str) -> list[float]:
    """The numbers of one table row."""
    (row,) = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith(f"| {label} |")]
    return [float(cell) for cell in row.split("|")[2:-1]]


def bootstrap(x: NDArray[np.float64], rng: np.random.Generator, resamples: int = 500) -> NDArray[np.float64]:
    """Ends (2, samples) of the 95 % percentile interval of the mean, for every row of x (samples, n)."""
    index = rng.integers(x.shape[1], size=(len(x), resamples, x.shape[1]))
    means = np.take_along_axis(x[:, None], index, axis=2).mean(axis=2)
    return np.asarray(np.quantile(means, [0.025, 0.975], axis=1))


def percent(hits: Any) -> float:
    return 100 * float(np.mean(hits))


@distributions
def test_coverage_is_as_documented(name: str) -> None:
    draw, truth = DISTRIBUTIONS[name]
    mean, prediction = [], []
    for n in SIZES:
        rng = np.random.default_rng([2024, n])
        x, further = draw(rng, (4000, n)), draw(rng, (4000,))
        mean.append(percent([mean_interval(row).contains(truth) for row in x]))
        prediction.append(percent([prediction_interval(row).contains(y) for row, y in zip(x, further, strict=True)]))
    assert mean == pytest.approx(documented(f"{name}, Student mean"), abs=1.5)
    assert prediction == pytest.approx(documented(f"{name}, Student prediction"), abs=1.5)
    lowest = 93 if name == "normal" else 90
    assert all(lowest < share < 97 for share in mean + prediction)


@distributions
def test_the_bootstrap_falls_short_as_documented(name: str) -> None:
    draw, truth = DISTRIBUTIONS[name]
    found = []
    for n in SIZES:
        rng = np.random.default_rng([2024, n])
        chunks = [bootstrap(draw(rng, (100, n)), rng) for _ in range(2000 // 100)]
        low, high = np.concatenate(chunks, axis=1)
        found.append(percent((low <= truth) & (truth <= high)))
    assert found == pytest.approx(documented(f"{name}, percentile bootstrap mean"), abs=2.5)


def test_near_a_ceiling_the_further_run_is_missed_below() -> None:
    rng = np.random.default_rng(2024)
    x, further = rng.beta(20, 1.5, size=(4000, 10)), rng.beta(20, 1.5, size=4000)
    intervals = [prediction_interval(row) for row in x]
    assert percent([y < i.low for i, y in zip(intervals, further, strict=True)]) == pytest.approx(6, abs=1)
    assert percent([y > i.high for i, y in zip(intervals, further, strict=True)]) < 1


@pytest.mark.parametrize(("label", "interval"), [("mean", mean_interval), ("prediction", prediction_interval)])
def test_half_widths_are_as_documented(label: str, interval: Callable[..., Interval]) -> None:
    def half_width(n: int) -> float:
        x = np.arange(n) / np.std(np.arange(n), ddof=1)
        return interval(x, level=LEVEL).width / 2

    assert [half_width(n) for n in (2, *SIZES)] == pytest.approx(documented(label), abs=0.00501)


PROCEDURE = runpy.run_path(str(ROOT / "benchmarks" / "procedure.py"))


@pytest.mark.parametrize("case", PROCEDURE["CASES"])
def test_the_whole_procedure_errs_as_documented(case: str) -> None:
    told = documented(case)
    assert len(told) == 3 * len(PROCEDURE["SEEDS"])
    groups = [told[at : at + 3] for at in range(0, len(told), 3)]
    assert all(first <= either <= 5 < naive for first, either, naive in groups)  # which is what two looks may err
    for seeds, group in zip(PROCEDURE["SEEDS"][:2], groups, strict=False):
        *ours, naive = PROCEDURE["shares"](case, seeds, 500)
        assert ours == pytest.approx(group[:2], abs=2)
        assert naive == pytest.approx(group[2], abs=5)
