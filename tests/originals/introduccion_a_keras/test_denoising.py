"""Exercise 7: the noise, what is measured against the clean image, the baselines, and the picture."""

from __future__ import annotations

import itertools
import math
from functools import partial

import numpy as np
import pytest

from reensayo import datasets, metrics, randomness
from reensayo.datasets import MNIST
from reensayo.figures import View, draw
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.originals.introduccion_a_keras.ex07_denoising import (
    EXERCISE,
    denoise,
    evaluate,
    mean_digit,
    median,
    noisy,
)
from reensayo.runner import plan, run
from reensayo.spec import Settings, Split, Trial
from reensayo.store import Store

(CLAIM,) = EXERCISE.claims
FIG_19 = EXERCISE.figures[0]


@pytest.fixture(scope="module")
def raw():
    return datasets.load(MNIST)


def split(raw, recipe="text", seed=0, examples=50):
    return split_by(denoise.recipe(recipe).set({"examples": examples}).settings, raw, seed)


def split_by(s, raw, seed=0):
    (found,) = denoise.splits(denoise.load(raw, s), s, randomness.generator(seed, "data"))
    return found


# ---------------------------------------------------------------- noise


def test_noise_has_mean_zero_and_the_deviation_asked_for():
    grey = np.full((100, 28, 28), 128, np.uint8)  # far from both ends, so that nothing is clipped
    noise = noisy(grey, 0.05, np.random.default_rng(0)) - 128 / 255
    assert noise.dtype == np.float32
    assert noise.mean() == pytest.approx(0, abs=4 * 0.05 / math.sqrt(noise.size))
    assert noise.std() == pytest.approx(0.05, rel=4 / math.sqrt(2 * noise.size))


def test_noise_is_clipped_to_the_range_of_an_image():
    black = noisy(np.zeros((200, 28, 28), np.uint8), 0.5, np.random.default_rng(0))
    white = noisy(np.full((200, 28, 28), 255, np.uint8), 0.5, np.random.default_rng(0))
    for ends in (black, white):
        assert (ends.min(), ends.max()) == (0, 1)
    assert np.mean(black == 0) == pytest.approx(0.5, abs=0.01)


def test_a_seed_has_its_own_noise_and_always_the_same(raw):
    first, again, other = (split(raw, seed=seed) for seed in (0, 0, 1))
    for part in ("x_train", "x_val", "x_test"):
        np.testing.assert_array_equal(getattr(first, part), getattr(again, part))
        assert not np.array_equal(getattr(first, part), getattr(other, part))
    np.testing.assert_array_equal(first.y_train, other.y_train)


def test_all_seeds_hold_the_same_clean_images(raw):
    s = denoise.recipe("text").set({"examples": 50}).settings
    clean = denoise.load(raw, s)
    for seed in (0, 1):
        (found,) = denoise.splits(clean, s, randomness.generator(seed, "data"))
        assert all(getattr(found, part) is getattr(clean, part) for part in ("y_train", "y_val", "y_test"))


def test_the_noise_of_training_validation_and_test_are_drawn_apart(raw):
    found = split(raw)
    assert found.x_test.shape == (2000, 2, 28, 28)
    weak, strong = (found.x_test[:, k] - found.y_test / 255 for k in range(2))
    noises = found.x_train - found.y_train / 255, found.x_val[:50] - found.y_val[:50] / 255, weak[:50], weak[50:100]
    grey = np.isin(np.stack([found.y_train, *[found.y_test[:50]] * 2, found.y_test[50:100]]), range(90, 166))
    for one, other in itertools.combinations(range(4), 2):
        both = grey[one] & grey[other]
        assert abs(np.corrcoef(noises[one][both], noises[other][both])[0, 1]) < 4 / math.sqrt(both.sum())
    grey = (found.y_test > 100) & (found.y_test < 155)
    assert np.corrcoef(weak[grey], strong[grey])[0, 1] > 0.95  # one draw, so that strengths are compared on pairs


def test_the_noisy_test_images_are_those_of_the_seed_whatever_trains(raw):
    tested = [split(raw, recipe, examples=n).x_test for recipe, n in (("text", 50), ("text", 60), ("script", 50))]
    for images in tested[1:]:
        np.testing.assert_array_equal(images, tested[0])


def test_a_network_is_tested_at_its_own_noise_and_at_both_of_the_original(raw):
    for recipe in ("text", "script"):
        found = split(raw, recipe)
        errors = [np.abs(found.x_test[:, k] - found.y_test / 255).mean() for k in range(2)]
        assert errors[0] < errors[1]
    s = denoise.recipe("text").set({"examples": 50, "noise": 0.1}).settings
    found = split_by(s, raw)
    assert found.x_test.shape[1] == 3
    measured = evaluate(lambda images: images, found, s)
    assert measured.arrays["strengths"].tolist() == [0.1, 0.25, 0.5]
    assert {"test_psnr_0.1", "test_psnr_0.25", "test_psnr_0.5"} < measured.measures.keys()
    assert measured.measures["psnr_above_noisy"] == 0


def test_a_sound_network_is_chosen_by_training_images_and_tested_on_all_others(raw):
    found = split(raw, "sound", examples=50)
    np.testing.assert_array_equal(found.y_train, raw.x_train[:45])
    np.testing.assert_array_equal(found.y_val, raw.x_train[45:50])
    np.testing.assert_array_equal(found.y_test, raw.x_test)
    np.testing.assert_array_equal(found.x_test[:2_000], split(raw).x_test)  # the same noise as of every recipe


# ---------------------------------------------------------------- what is measured


def test_psnr_by_hand():
    assert metrics.peak_signal_to_noise(0.01) == pytest.approx(20.0)
    assert metrics.peak_signal_to_noise(1 / 8) == pytest.approx(9.0309, abs=1e-4)
    assert metrics.peak_signal_to_noise(1.0) == 0.0


def even(noise):
    """A split of 40 test images, half of them black and half grey, all brighter by the same at both strengths."""
    images = np.repeat(np.array([0, 51], np.uint8), 20)[:, None, None] * np.ones((28, 28), np.uint8)
    x = (images / 255 + noise).astype("float32")
    return Split(x, images, x, images, np.stack([x, x], axis=1), images)


def test_error_and_psnr_by_hand():
    found = evaluate(lambda images: images - 0.45, even(0.5), Settings({"noise": 0.5})).measures
    assert found["test_mse_0.5"] == pytest.approx(0.05**2)
    assert found["test_psnr_0.25"] == pytest.approx(26.0206, abs=1e-4)
    assert found["psnr_above_noisy"] == pytest.approx(20.0)
    assert found["psnr_above_median"] == pytest.approx(20.0)  # a median changes nothing where all is even
    assert found["psnr_above_mean"] == pytest.approx(20 * math.log10(0.1 / 0.05))
    assert (found["closer_than_noisy"], found["closer_than_mean"]) == (1.0, 1.0)


def test_of_how_many_digits_the_answer_is_closer():
    black = evaluate(np.zeros_like, even(0.3), Settings({"noise": 0.5})).measures
    assert black["closer_than_noisy"] == 1.0  # 0.2 from a grey image, not 0.3
    assert black["closer_than_mean"] == 0.5  # which is 0.1 from every image


def test_the_median_takes_away_single_points_and_keeps_edges():
    image = np.zeros((1, 6, 6), "float32")
    image[:, :, 3:] = 1  # an edge
    spoilt = image.copy()
    spoilt[0, 2, 1], spoilt[0, 4, 5] = 1, 0
    np.testing.assert_array_equal(median(even(0.0), spoilt), image)


def test_the_median_does_not_mix_images():
    pair = np.stack([np.zeros((5, 5)), np.ones((5, 5)), np.ones((5, 5))]).astype("float32")
    np.testing.assert_array_equal(median(even(0.0), pair), pair)


def test_the_mean_digit_is_that_of_the_clean_training_images(raw):
    found = split(raw)
    answers = mean_digit(found, found.x_test[:, 0])
    assert answers.shape == found.x_test[:, 0].shape
    np.testing.assert_allclose(answers[7], raw.x_train[:50].mean(axis=0) / 255)


def test_baselines_are_measured_like_the_network(tmp_path):
    done = run(
        plan(ORIGINAL, [f"ex07.denoise@baseline-{name}" for name in ("noisy", "median")], seeds=1), Store(tmp_path)
    )
    noise, filtered = (result.stored for result in done.results)
    assert noise.measures["psnr_above_noisy"] == 0
    assert filtered.measures["psnr_above_median"] == 0
    above = filtered.measures["test_psnr_0.5"] - noise.measures["test_psnr_0.5"]
    assert filtered.measures["psnr_above_noisy"] == pytest.approx(above)
    assert above > 1
    assert filtered.history["val_mean_squared_error"] == pytest.approx(filtered.measures["test_mse_0.5"], rel=0.01)


# ---------------------------------------------------------------- the claim


def judged(raw, predict):
    """What the readings of claim 7 say of a network at the noise of the text."""
    s = denoise.recipe("text").settings
    measured = evaluate(predict, split(raw), s)
    return [measured.measures[reading.test.metric.name] > reading.test.border for reading in CLAIM.readings]


def test_a_network_that_gives_the_mean_is_nearer_than_the_noise_and_keeps_no_digit(raw):
    blind = partial(mean_digit, split(raw, examples=20_000))
    assert judged(raw, blind)[:2] == [True, False]


def test_a_network_that_gives_the_clean_image_passes_every_reading_and_one_that_does_nothing_none(raw):
    clean = split(raw).y_test / 255 + 1e-3
    answers = {len(clean): clean, 5: clean[30:35]}
    assert judged(raw, lambda images: answers[len(images)]) == [True, True, True]
    assert judged(raw, lambda images: images) == [False, False, False]


# ---------------------------------------------------------------- the picture


def test_the_picture_has_the_original_s_five_digits_clean_noisy_and_denoised(raw, tmp_path):
    store = Store(tmp_path)
    recipe = denoise.recipe("script")
    s = recipe.set({"examples": 50}).settings
    data = split_by(s, raw)
    found = evaluate(lambda images: 1 - images, data, s)
    about = {"status": "finished", "diverged_epoch": None, "measures": dict(found.measures), "wall_s": 1.0}
    trial = store.write_trial(Trial(ORIGINAL, denoise, recipe, 0), about, {"loss": np.ones(1)}, found.arrays, None)
    (axes,) = draw(FIG_19, View(ORIGINAL, (trial,), "en")).get_axes()
    drawn = np.array([np.asarray(image.get_array(), float) for image in axes.images]).reshape(3, 5, 28, 28)
    np.testing.assert_allclose(drawn[0], raw.x_test[30:35] / 255, atol=1e-6)
    np.testing.assert_allclose(drawn[1], data.x_test[30:35, 0], atol=1e-6)
    np.testing.assert_allclose(drawn[2], 1 - drawn[1], atol=1e-6)
    errors = np.square(drawn[1:] - drawn[0]).mean(axis=(2, 3)).ravel()
    below = [f"{float(f'{-10 * np.log10(error):.3g}'):g} dB" for error in errors]
    assert [text.get_text() for text in axes.texts] == [*[""] * 5, *below, "clean", "noisy", "denoised"]
