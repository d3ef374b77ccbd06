"""From numbers to verdicts: every kind of test, its border from both sides, and which way it fails."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reensayo import spec
from reensayo.evidence import stats
from reensayo.evidence.findings import LEVEL, against_figure, border_of, find, is_exact, is_timed, of_counts
from reensayo.text import Text
from small_work import SECONDS, TOP1, WORK, conv, dense, map_, narrow, wide

REACHES = spec.Reaches(dense, TOP1, 0.9, 0.005, margin=0.02)
ABOVE = spec.Above(dense, TOP1, 0.5)
EXCEEDS = spec.Exceeds(conv, dense, TOP1, margin=0.005)
ALIKE = spec.Alike(conv, dense, TOP1, margin=0.005)
DIFFERS = spec.Differs(conv, dense, TOP1, margin=0.005)
TIMES = spec.Times(wide, narrow, SECONDS, 2, 3)
HAPPENS = spec.Happens(map_, lambda trial: True, Text("pasa", "it happens"))


def found(test, *values):
    return find(test, [value if isinstance(value, tuple) else (value,) for value in values], WORK.named)


def verdict(test, *values):
    return found(test, *values).verdict, found(test, *values).direction


# ---------------------------------------------------------------- a published number


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0.899, 0.9, 0.901, 0.9005, 0.8995), ("reproduced", None)),
        ((0.88, 0.9, 0.92, 0.9, 0.91), ("consistent", None)),
        ((0.80, 0.801, 0.799), ("not reproduced", "lower")),
        ((0.95, 0.9501, 0.9502), ("not reproduced", "higher")),
        ((0.9, 0.9, 0.9), ("reproduced", None)),
        ((0.95, 0.9501), ("inconclusive", None)),  # two that happen to be alike decide nothing
        ((0.9,), ("inconclusive", None)),
    ],
)
def test_a_published_number_lies_where_one_more_run_would_or_not(values, expected):
    assert verdict(REACHES, *values) == expected
    finding = found(REACHES, *values)
    assert finding.estimate == pytest.approx(sum(values) / len(values))
    assert (finding.n, finding.interval.kind) == (len(values), "prediction")


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize(("beyond", "expected"), [(-0.2, "consistent"), (-0.05, "borderline"), (0.05, "borderline")])
def test_within_a_tenth_of_the_half_width_of_a_published_end_it_is_borderline(side, beyond, expected):
    values = (0.89, 0.9, 0.91, 0.9, 0.9)
    interval = found(REACHES, *values).interval
    half = interval.width / 2
    published = 0.9 + side * (half + REACHES.tolerance + beyond * half)
    test = replace(REACHES, published=published)
    assert verdict(test, *values) == (expected, None)
    far = replace(REACHES, published=0.9 + side * (half + REACHES.tolerance + 0.2 * half))
    assert verdict(far, *values) == ("not reproduced", "lower" if side > 0 else "higher")


def test_an_interval_is_cut_to_what_the_metric_can_be_and_judged_by_its_whole_width():
    finding = found(REACHES, 0.87, 0.99, 0.97, 0.95)
    assert finding.interval.high == 1.0
    assert finding.interval.width > finding.interval.high - finding.interval.low
    assert finding.verdict == "consistent"


def test_an_end_that_was_cut_is_near_to_nothing():
    values = (0.97, 0.98, 0.99, 0.96, 0.985)
    assert found(REACHES, *values).interval.high == 1.0
    assert verdict(replace(REACHES, published=1.0), *values) == ("consistent", None)


def test_a_figure_is_held_against_our_runs_as_the_sentence_is():
    values = [(0.9,), (0.901,), (0.899,)]
    assert against_figure(REACHES, 0.9, 1e-4, values).verdict == "reproduced"
    assert against_figure(REACHES, 0.8, 1e-4, values).direction == "higher"
    pairs = [(0.92, 0.9), (0.9202, 0.9), (0.9198, 0.9)]
    assert against_figure(EXCEEDS, 0.0201, 1e-4, pairs).verdict == "reproduced"
    assert against_figure(EXCEEDS, 0.05, 1e-4, pairs).direction == "lower"
    assert against_figure(HAPPENS, 1.0, 1e-4, [(1.0,)]) is None


# ---------------------------------------------------------------- a border


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0.6, 0.61, 0.59), ("reproduced", None)),
        ((0.4, 0.41, 0.39), ("not reproduced", "lower")),
        ((0.4, 0.6, 0.5, 0.5), ("inconclusive", None)),
        ((0.9, 0.9), ("inconclusive", None)),
    ],
)
def test_a_number_is_above_a_border_or_below(values, expected):
    assert verdict(ABOVE, *values) == expected


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (((0.921, 0.9), (0.922, 0.901), (0.92, 0.898)), ("reproduced", None)),
        (((0.9, 0.921), (0.901, 0.922), (0.898, 0.92)), ("not reproduced", "lower")),
        (((0.9, 0.9001), (0.91, 0.9098), (0.92, 0.9201)), ("not reproduced", None)),  # too small to matter
        (((0.9011, 0.9), (0.911, 0.91), (0.9209, 0.92)), ("not reproduced", None)),  # there, but too small to matter
        (((0.9, 0.92), (0.95, 0.9), (0.85, 0.88)), ("inconclusive", None)),
        (((0.9, 0.8),), ("inconclusive", None)),
    ],
)
def test_one_arm_gives_more_than_another(pairs, expected):
    assert verdict(EXCEEDS, *pairs) == expected
    assert found(EXCEEDS, *pairs).estimate == pytest.approx(sum(a - b for a, b in pairs) / len(pairs), abs=1e-12)


def test_a_difference_has_the_size_that_the_sentence_gives_it():
    pairs = (0.921, 0.9), (0.922, 0.9), (0.92, 0.9), (0.9215, 0.9)
    assert verdict(replace(EXCEEDS, by=0.015), *pairs) == ("reproduced", None)
    assert verdict(replace(EXCEEDS, by=0.04), *pairs) == ("not reproduced", "lower")
    assert border_of(replace(EXCEEDS, by=0.04)) == 0.04


def test_near_the_border_of_a_difference_it_is_borderline():
    pairs = [(value, 0.0) for value in (0.1, 0.12, 0.14, 0.11, 0.13)]
    interval = found(EXCEEDS, *pairs).interval
    for shift, expected in ((0.05, "borderline"), (-0.05, "borderline"), (0.3, "inconclusive"), (-0.3, "reproduced")):
        by = interval.low + shift * interval.width / 2
        assert verdict(replace(EXCEEDS, by=by), *pairs)[0] == expected


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (((0.9, 0.9001), (0.91, 0.9098), (0.92, 0.9201)), ("reproduced", None)),
        (((0.902, 0.9), (0.9121, 0.91), (0.9219, 0.92)), ("reproduced", None)),  # there, but too small to matter
        (((0.9, 0.92), (0.91, 0.931), (0.92, 0.939)), ("not reproduced", "lower")),
        (((0.92, 0.9), (0.931, 0.91), (0.939, 0.92)), ("not reproduced", "higher")),
        (((0.9, 0.92), (0.95, 0.9), (0.85, 0.88)), ("consistent", None)),
        (((0.9, 0.9),), ("inconclusive", None)),
    ],
)
def test_two_arms_give_the_same(pairs, expected):
    assert verdict(ALIKE, *pairs) == expected


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (((0.9, 0.92), (0.91, 0.931), (0.92, 0.939)), "reproduced"),
        (((0.92, 0.9), (0.931, 0.91), (0.939, 0.92)), "reproduced"),
        (((0.902, 0.9), (0.9121, 0.91), (0.9219, 0.92)), "not reproduced"),  # there, but too small to matter
        (((0.9, 0.92), (0.95, 0.9), (0.85, 0.88)), "inconclusive"),
        (((0.9, 0.8),), "inconclusive"),
    ],
)
def test_two_arms_differ_whichever_gives_more(pairs, expected):
    assert verdict(DIFFERS, *pairs) == verdict(DIFFERS, *(pair[::-1] for pair in pairs)) == (expected, None)


def test_near_the_margin_a_difference_is_borderline_whichever_gives_more():
    pairs = (0.9045, 0.9), (0.9046, 0.9), (0.9047, 0.9), (0.9046, 0.9)
    interval = stats.paired_difference(*zip(*pairs, strict=True), level=2 * LEVEL - 1).interval
    test = replace(DIFFERS, margin=interval.high)
    assert verdict(test, *pairs) == verdict(test, *(pair[::-1] for pair in pairs)) == ("borderline", None)


def test_near_the_margin_sameness_is_borderline():
    pairs = [(value, 0.0) for value in (0.0004, -0.0002, 0.0001, -0.0003, 0.0002)]
    interval = stats.paired_difference(*zip(*pairs, strict=True), level=2 * LEVEL - 1).interval
    for shift, expected in ((0.05, "borderline"), (-0.05, "borderline"), (0.5, "reproduced"), (-0.5, "consistent")):
        margin = max(-interval.low, interval.high) + shift * interval.width / 2
        assert verdict(replace(ALIKE, margin=margin), *pairs)[0] == expected


def test_of_a_wide_interval_the_farther_end_tells_whether_sameness_is_near():
    pairs = [(value, 0.0) for value in (0.05, 0.1, 0.15, 0.02, 0.18)]
    interval = stats.paired_difference(*zip(*pairs, strict=True), level=2 * LEVEL - 1).interval
    wide = [(a - interval.low - 0.005, 0.0) for a, _ in pairs]  # which begins where the margin does, and ends far off
    assert verdict(ALIKE, *wide) == ("consistent", None)


# ---------------------------------------------------------------- something that happens, ratios, counts


@pytest.mark.parametrize(
    ("times", "n", "expected"),
    [(10, 10, "reproduced"), (0, 10, "not reproduced"), (5, 10, "inconclusive"), (1, 1, "inconclusive")],
)
def test_something_happens_in_most_runs_or_not(times, n, expected):
    finding = found(HAPPENS, *[1.0] * times, *[0.0] * (n - times))
    assert (finding.verdict, finding.direction, finding.estimate) == (expected, None, times / n)
    assert finding.interval == stats.wilson(times, n, LEVEL)


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [
        ((2.4, 2.5, 2.6), ("reproduced", None)),
        ((10.0, 11.0, 12.0), ("not reproduced", "higher")),
        ((0.3, 0.31, 0.3), ("not reproduced", "lower")),
        ((2.0, 3.0, 4.0), ("inconclusive", None)),
        ((2.212, 2.3, 2.392), ("borderline", None)),  # its lower end is 2.0
        ((2.0, 40.0, 800.0), ("inconclusive", None)),
        ((2.5,), ("inconclusive", None)),
    ],
)
def test_a_ratio_of_pairs_lies_in_a_range_or_outside(ratios, expected):
    pairs = [(7 * ratio, 7.0) for ratio in ratios]
    assert verdict(TIMES, *pairs) == expected
    assert found(TIMES, *pairs).estimate == pytest.approx(math.exp(math.fsum(map(math.log, ratios)) / len(ratios)))


def test_counts_need_no_statistics():
    equals = spec.Equals(spec.Metric("parameters", "measured"), {dense: 79_510, conv: 94_650})
    assert of_counts(equals, (79_510, 94_650)).verdict == "reproduced"
    assert of_counts(equals, (79_510, 94_651)).verdict == "not reproduced"
    exact = replace(TIMES, exact=True, metric=spec.Metric("multiply_adds", "measured"))
    assert (of_counts(exact, (300.0, 100.0)).verdict, of_counts(exact, (300.0, 100.0)).estimate) == ("reproduced", 3.0)
    assert (of_counts(exact, (301.0, 100.0)).verdict, of_counts(exact, (301.0, 100.0)).direction) == (
        "not reproduced",
        "higher",
    )
    assert [is_exact(test) for test in (equals, exact, TIMES, EXCEEDS)] == [True, True, False, False]
    assert [is_timed(test) for test in (equals, exact, TIMES, EXCEEDS)] == [False, False, True, False]


# ---------------------------------------------------------------- whatever the numbers

SHARES = st.lists(st.floats(0, 1).map(lambda value: round(value, 3)), min_size=1, max_size=12)


@given(SHARES)
def test_turned_around_a_difference_fails_the_other_way(values):
    pairs = [(value, 0.5) for value in values]
    turned = [(0.5, value) for value in values]
    ahead, behind = found(ALIKE, *pairs), found(ALIKE, *turned)
    opposite = {"higher": "lower", "lower": "higher", None: None}
    assert (behind.verdict, behind.direction) == (ahead.verdict, opposite[ahead.direction])
    assert not (found(EXCEEDS, *pairs).verdict == found(EXCEEDS, *turned).verdict == "reproduced")


@given(SHARES, st.floats(0, 1))
def test_what_decides_has_three_values_and_only_what_fails_has_a_direction(values, published):
    for test, numbers in (
        (replace(REACHES, published=published), [(value,) for value in values]),
        (replace(ABOVE, border=published), [(value,) for value in values]),
        (EXCEEDS, [(value, published) for value in values]),
    ):
        finding = find(test, numbers, WORK.named)
        assert finding.n >= 3 or finding.verdict == "inconclusive"
        assert finding.direction is None or finding.verdict == "not reproduced"
