"""What the folds of one trial give together."""

import numpy as np

from reensayo import folds
from reensayo.spec import Evaluation, Fitted


def test_folds_together():
    one, two = (
        Fitted({"loss": [value, 0.0]}, Evaluation({"m": value}, {"a": np.full(n, n)}))
        for value, n in ((1.0, 2), (3.0, 1))
    )
    assert folds.together([one]) is one
    both = folds.together([one, two])
    assert (list(both.history["loss"]), both.evaluation.measures) == ([2.0, 0.0], {"m": 2.0})
    assert both.evaluation.arrays["a"].tolist() == [2, 2, 1]
    assert both.evaluation.arrays["fold_loss"].tolist() == [[1.0, 0.0], [3.0, 0.0]]
