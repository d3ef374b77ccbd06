"""What keeps the folds of one trial apart, and what they give together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reensayo.spec import Evaluation, Fitted

PREFIX = "fold_"
"""Of the arrays with the history of each fold: ``fold_val_loss`` is (folds, epochs)."""


def keys(count: int) -> list[tuple[int, ...]]:
    """What each fold adds to the keys of its random streams: nothing where there is only one."""
    return [(fold,) for fold in range(count)] if count > 1 else [()]


def together(each: Sequence[Fitted]) -> Fitted:
    """The mean over the folds of their histories and of the numbers measured; one fold alone as it is.

    The arrays are put one after the other, and the curves of each fold are added to them.
    """
    if len(each) == 1:
        return each[0]
    curves = {metric: np.array([fold.history[metric] for fold in each]) for metric in each[0].history}
    numbers, arrays = [fold.evaluation.measures for fold in each], [fold.evaluation.arrays for fold in each]
    return Fitted(
        {metric: values.mean(axis=0) for metric, values in curves.items()},
        Evaluation(
            {name: float(np.mean([fold[name] for fold in numbers])) for name in numbers[0]},
            {name: np.concatenate([fold[name] for fold in arrays]) for name in arrays[0]}
            | {PREFIX + metric: values for metric, values in curves.items()},
        ),
    )
