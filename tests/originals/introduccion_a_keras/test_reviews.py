"""What the networks of exercises 3 and 4 see of a review, on five invented ones."""

import numpy as np
import pytest

from reensayo.datasets import Raw
from reensayo.originals.introduccion_a_keras import ex03_imdb, ex04_embedding
from reensayo.originals.introduccion_a_keras.reviews import KNOWN_WORDS, imdb_reviews
from reensayo.spec import Settings

REVIEWS = {"train": [[5, 1, 5], [20_000, 7], [2]], "test": [[9, 9, 9, 9], [3, 4]]}
LABELS = {"train": [1, 0, 1], "test": [0, 1]}


@pytest.fixture
def raw(monkeypatch):
    """Five reviews, of which two test, with as many settings."""
    monkeypatch.setattr(ex03_imdb, "TESTS", 2)
    monkeypatch.setattr(ex04_embedding, "TESTS", 2)
    monkeypatch.setattr(ex04_embedding, "REVIEWS", 5)
    monkeypatch.setattr(ex04_embedding, "HALF", 3)
    arrays = {}
    for part, reviews in REVIEWS.items():
        arrays[f"{part}_tokens"] = np.concatenate(reviews).astype("int32")
        arrays[f"{part}_offsets"] = np.cumsum([0, *map(len, reviews)]).astype("int32")
        arrays[f"y_{part}"] = np.array(LABELS[part], "uint8")
    return Raw(arrays, "invented")


def test_reviews_begin_with_a_one_and_rare_words_are_a_two(raw):
    reviews, labels = imdb_reviews(raw)
    found = sorted((review.tolist(), label) for review, label in zip(reviews, labels, strict=True))
    assert found == [([1, 2, 10], 0), ([1, 5], 1), ([1, 6, 7], 1), ([1, 8, 4, 8], 1), ([1, 12, 12, 12, 12], 0)]


def test_exercise_3_sees_the_set_of_words_of_each_review(raw):
    reviews, labels = imdb_reviews(raw)
    split = ex03_imdb.load(raw, Settings({"examples": 2, "validation": 1, "validation_from": "test"}))
    assert [len(x) for x in (split.x_train, split.x_val, split.x_test)] == [2, 1, 2]
    words = split.constants["words"]
    for places, y, rows in (
        (split.x_train, split.y_train, [2, 3]),
        (split.x_val, split.y_val, [0]),
        (split.x_test, split.y_test, [0, 1]),
    ):
        matrix = ex03_imdb.counted(places, words).toarray()
        assert matrix.shape == (len(rows), KNOWN_WORDS)
        assert [set(np.flatnonzero(row)) for row in matrix] == [set(reviews[row]) for row in rows]
        assert y.tolist() == labels[rows].tolist()


def test_exercise_4_sees_the_last_words_in_their_order(raw):
    reviews, labels = imdb_reviews(raw)
    s = {"examples": 3, "validation": 1, "validation_from": "test", "tested": "first-1000", "length": 3}
    split = ex04_embedding.load(raw, Settings(s))
    assert split.x_train.shape == (3, 3)
    seen = np.concatenate([split.x_test, split.x_train])
    assert seen.tolist() == [([0] * 3 + review.tolist())[-3:] for review in reviews]
    assert np.concatenate([split.y_test, split.y_train]).tolist() == labels.tolist()
    np.testing.assert_array_equal(split.x_val, split.x_test[:1])


def test_a_sound_recipe_of_exercise_4_tests_on_the_second_half_and_chooses_by_the_end_of_the_first(raw):
    _, labels = imdb_reviews(raw)
    s = {"examples": 3, "validation": 1, "validation_from": "training", "tested": "second-half", "length": 3}
    split = ex04_embedding.load(raw, Settings(s))
    assert [len(x) for x in (split.x_train, split.x_val, split.x_test)] == [2, 1, 2]
    assert np.concatenate([split.y_train, split.y_val, split.y_test]).tolist() == labels.tolist()
