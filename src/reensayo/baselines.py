"""Dummy and linear models that stand beside the networks, as pure functions; scikit-learn is imported inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def majority(labels: np.ndarray, examples: int) -> np.ndarray:
    """The more frequent of the labels 0 and 1 for each of ``examples`` examples."""
    return np.full(examples, float(np.mean(labels) > 0.5))


def tfidf_logistic(train: csr_matrix, labels: np.ndarray, *others: csr_matrix) -> list[np.ndarray]:
    """Logistic regression (C = 1) on TF-IDF: probability of label 1 for the training documents and for the others.

    Documents are rows of counts of words. Weights are learned on the training documents alone.
    """
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(TfidfTransformer(), LogisticRegression()).fit(train, labels)
    return [model.predict_proba(documents)[:, 1] for documents in (train, *others)]
