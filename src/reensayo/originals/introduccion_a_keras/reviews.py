"""What exercises 3 and 4 share: the reviews of IMDB, how overfitting is read off two curves, and a picture of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from reensayo import metrics, settings, spec
from reensayo.datasets import Raw
from reensayo.settings import VALIDATION_FROM
from reensayo.text import Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# ---------------------------------------------------------------- data

KNOWN_WORDS = 10_000
"""Codes of IMDB's words: 0 fills up, 1 starts a review, 2 is a rare word, 4 the most frequent one."""


def imdb_reviews(raw: Raw) -> tuple[list[np.ndarray], np.ndarray]:
    """The 50 000 reviews as Keras's ``load_data(num_words=10000)`` gives them, its two parts one after the other.

    Each is int16 (words + 1,); labels uint8 (50000,). Keras shuffles each part with one generator of a fixed seed.
    """
    rng, reviews, labels = np.random.RandomState(113), [], []
    for part in ("train", "test"):
        codes = raw.arrays[f"{part}_tokens"] + 3
        known = np.where(codes < KNOWN_WORDS, codes, 2).astype("int16")
        offsets = raw.arrays[f"{part}_offsets"]
        started = np.insert(known, offsets[:-1], 1)
        split = np.split(started, offsets[1:-1] + np.arange(1, len(offsets) - 1))
        order = rng.permutation(len(split))
        reviews += [split[i] for i in order]
        labels.append(raw.arrays[f"y_{part}"][order])
    return reviews, np.concatenate(labels)


def taken(examples: int, tests: int) -> tuple[spec.Setting, ...]:
    """How many reviews train, how many validate, and of which: at most so many."""
    about = Text(es="reseñas que validan", en="reviews that validate")
    return settings.examples(examples), spec.Setting("validation", about, int, low=1, high=tests), VALIDATION_FROM


def divided(
    x: np.ndarray, y: np.ndarray, train: slice, test: slice, s: spec.Settings, **constants: np.ndarray
) -> spec.Split:
    """The first ``examples`` of ``train``, and ``test``; the first reviews of the tests validate, or the last of those.

    The latter is what a sound recipe takes: no choice then rests on a test review.
    """
    (x_train, y_train), (x_test, y_test) = (x[train], y[train]), (x[test], y[test])
    trained, first = slice(s.examples), slice(s.validation)
    split = spec.Split(x_train[trained], y_train[trained], x_test[first], y_test[first], x_test, y_test, constants)
    return split.hold_out(s.validation) if s.validation_from == "training" else split


def plain_divided(train: int, test: int, s: spec.Settings) -> str:
    """The same, for an exported script; ``train`` and ``test`` are the first review of each."""
    end, first = train + s.examples, test
    if s.validation_from == "training":
        end = first = end - s.validation
    training, validation = f"[{train}:{end}]", f"[{first}:{first + s.validation}]"
    return f"x_train, y_train, x_val, y_val = x{training}, y{training}, x{validation}, y{validation}"


# ---------------------------------------------------------------- what is measured


def evaluate(predict: spec.Predict, split: spec.Split, s: spec.Settings) -> spec.Evaluation:
    """Share of the test reviews that are classified correctly."""
    outputs = predict(split.x_test)[:, 0]
    return spec.Evaluation({"test_binary_accuracy": metrics.binary_accuracy(split.y_test, outputs)})


def gap_of(name: str, curve: str, training: Text) -> spec.DerivedMetric:
    """How far that accuracy of training is above validation's; ``training`` is what it is called."""
    about = Text(
        es="{training} menos la de validación, época 20 o la última",
        en="{training} minus validation accuracy, epoch 20 or the last",
    )
    return spec.DerivedMetric(
        name,
        lambda h: float(h[curve][:20][-1] - h["val_binary_accuracy"][:20][-1]),
        about.format(training=training),
        bounds=spec.bounds_of_difference(spec.SHARE),
    )


GAP = gap_of("gap_at_20", "binary_accuracy", Text(es="exactitud de entrenamiento", en="training accuracy"))
"""As the original's figures show it: training accuracy is a mean over the epoch, with dropout on."""
INFERENCE_GAP = gap_of(
    "inference_gap_at_20",
    "inference_binary_accuracy",
    Text(es="exactitud de entrenamiento en modo inferencia", en="training accuracy in inference mode"),
)
"""Of one network on two sets of data, nothing dropped: what overfitting is."""
VAL_ACCURACY = spec.DerivedMetric(
    "val_binary_accuracy_at_20",
    lambda h: h["val_binary_accuracy"][:20][-1],
    Text(es="exactitud de validación, época 20 o la última", en="validation accuracy, epoch 20 or the last"),
    bounds=spec.SHARE,
)
TEST_ACCURACY = spec.Metric("test_binary_accuracy", "measured")


def rise_of(name: str, curve: str, loss: Text) -> spec.DerivedMetric:
    """How far that curve of a trial has risen above its lowest; ``loss`` is what it is called."""

    def rise(history: Mapping[str, Any]) -> float:
        until_20 = history[curve][:20]
        return float(until_20[-1] / min(until_20) - 1)

    about = Text(
        es="subida del {loss} sobre su mínimo, como parte de este, época 20 o la última",
        en="rise of the {loss} above its lowest, as a share of that, epoch 20 or the last",
    )
    return spec.DerivedMetric(name, rise, about.format(loss=loss), bounds=spec.NEVER_NEGATIVE)


CURVES = {
    "binary_accuracy": "training_accuracy",
    "val_binary_accuracy": "validation_accuracy",
    "val_loss": "validation_loss",
}
"""What a curve of a trial is called in the original's figures."""


def shown(number: int, metric: spec.DerivedMetric) -> spec.FigureValue:
    """What a figure of the original shows of such a metric."""
    return lambda curves: metric.value({ours: curves[number][theirs] for ours, theirs in CURVES.items()})


def shown_difference(more: int, less: int, metric: spec.DerivedMetric) -> spec.FigureValue:
    """How much more of it one figure shows than another."""
    return spec.difference(shown(more, metric), shown(less, metric))


# ---------------------------------------------------------------- figures

ACCURACY = "binary_accuracy", Text(es="exactitud", en="accuracy")
"""The metric, and what it is called in figures."""
EACH_SEED = Text(es="cada semilla", en="each seed")
INFERENCE = Text(es="cada semilla, en modo inferencia", en="each seed, in inference mode")
AS_DRAWN = Text(es="cada semilla, como la figura", en="each seed, as in the figure")
LINEAR = Text(es="TF-IDF y regresión logística", en="TF-IDF and logistic regression")
JUDGED = "text", "script"
Shown = Mapping[spec.Experiment, tuple[int, Text]]
"""Experiment -> the original's figure of it, and its name beside the others."""


def accuracy_and_gap(experiments: Shown, linear: spec.Condition) -> tuple[spec.Draw, spec.Draw]:
    """Two numbers of several experiments: of each seed, of the original's figure, and of a linear model, as a line.

    Both recipes have the same axis.
    """

    def panel(label: Text, ours: Mapping[Text, spec.DerivedMetric]) -> spec.Draw:
        """The last of the metrics is that of the figure; it is drawn hollow where it is not the only one."""

        def draw(axes: Axes, view: spec.View, recipe: str) -> None:
            def points(metric: spec.DerivedMetric, of: str) -> list[tuple[float, int]]:
                return [(metric.of(trial), row) for row, e in enumerate(experiments) for trial in view.trials(e, of)]

            rows, colour = range(len(experiments)), view.colours.validation
            for (name, metric), fill in zip(ours.items(), (colour, "none"), strict=False):
                for each in JUDGED:
                    axes.update_datalim(points(metric, each))
                x, y = zip(*points(metric, recipe), strict=True)
                axes.scatter(x, y, s=14, alpha=0.6, edgecolors=colour, facecolors=fill, label=name(view.lang))
            theirs = [shown(number, metric)(view.curves) for number, _ in experiments.values()]
            axes.scatter(theirs, rows, s=24, marker="x", color=view.colours.original, label="original")
            for trial in view.trials(*linear)[:1]:  # every seed gives the same
                axes.axvline(
                    metric.of(trial), color=view.colours.guide, linestyle=":", label=LINEAR(view.lang), zorder=0
                )
            axes.set_yticks(rows, [called(view.lang) for _, called in experiments.values()])
            axes.set_ylim(len(experiments) - 0.5, -0.5)
            axes.set_xlabel(label(view.lang))

        return draw

    difference = Text(es="exactitud de entrenamiento menos validación", en="training accuracy minus validation's")
    return (
        panel(Text(es="exactitud de validación", en="validation accuracy"), {EACH_SEED: VAL_ACCURACY}),
        panel(difference, {INFERENCE: INFERENCE_GAP, AS_DRAWN: GAP}),
    )
