"""Compile a linear scikit-learn pipeline into plain arrays."""

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import Pipeline

from mlmodel.sentiment.features.linear import Counting, LinearNgrams, pack_ngram
from mlmodel.sentiment.features.ngram_counts import in_order
from mlmodel.sentiment.features.text import MAX_N, NEGATED


def is_linear(pipeline: Pipeline) -> bool:
    """Return whether ``compile_pipeline`` can compile a pipeline."""
    classifier = pipeline[-1]
    return hasattr(classifier, "coef_") or isinstance(classifier, ComplementNB)


def compile_pipeline(pipeline: Pipeline) -> LinearNgrams:
    """Compile a fitted pipeline into arrays that give the same decision values.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted: a CountVectorizer on our n-grams or words, a TfidfTransformer, a linear
        classifier.

    Returns
    -------
    LinearNgrams
    """
    vectorizer: CountVectorizer = pipeline[0]
    weigh: TfidfTransformer = pipeline[1]
    columns = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
    tokens = in_order(
        token.removeprefix(NEGATED) for ngram in columns for token in ngram.split(" ")
    )
    numbers = {token: number for number, token in enumerate(tokens, start=1)}
    keys = np.array([pack_ngram(ngram, numbers) for ngram in columns], np.int64)
    order = np.argsort(keys)
    coefficients, intercept = _decision_rule(pipeline[-1])
    scales = weigh.idf_ if weigh.use_idf else None
    weights = coefficients if scales is None else coefficients * scales
    return LinearNgrams(
        tokens=tokens,
        keys=keys[order],
        weights=weights[order].astype(np.float32),
        intercept=intercept,
        is_normalised=weigh.norm == "l2",
        scales=None if scales is None else scales[order],
        counting=_counting(vectorizer, weigh),
        max_n=min(MAX_N, max(ngram.count(" ") + 1 for ngram in columns)),
    )


def _decision_rule(classifier) -> tuple[np.ndarray, float]:
    if isinstance(classifier, ComplementNB):
        against, speaks = classifier.feature_log_prob_
        return speaks - against, 0.0
    return classifier.coef_[0], float(classifier.intercept_[0])


def _counting(vectorizer: CountVectorizer, weigh: TfidfTransformer) -> Counting:
    if vectorizer.binary:
        return "binary"
    return "log" if weigh.sublinear_tf else "count"
