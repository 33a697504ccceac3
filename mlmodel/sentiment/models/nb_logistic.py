"""Logistic regression on naive-Bayes log-count ratios, for long reviews and short ones."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import normalize

from mlmodel.sentiment.data.sentences import with_sentences
from mlmodel.sentiment.features.compile import compile_pipeline
from mlmodel.sentiment.features.linear import Keys, LinearNgrams, is_word
from mlmodel.sentiment.features.ngram_counts import build_vocabulary, ngram_matrix
from mlmodel.sentiment.features.text import MAX_N, ngrams


class FittedPipeline(Pipeline):
    """A pipeline that was assembled from fitted parts, and cannot be fitted again.

    Fitting the parts in turn, as a pipeline does, would leave out ratios, sentences and
    selection, and give another, less accurate model.
    """

    def fit(self, X: Any, y: Any = None, **params: Any) -> Pipeline:
        """Raise TypeError."""
        raise TypeError("this pipeline cannot be fitted again; use ReviewClassifier")


def log_count_ratios(
    matrix: csr_matrix, labels: NDArray[np.bool_], weights: NDArray[np.float64], *, alpha: float
) -> NDArray[np.float64]:
    """Return the naive-Bayes log-count ratio of each column.

    Parameters
    ----------
    matrix : csr_matrix, shape (n, n_features)
        1 where an example contains an n-gram.
    labels : bool array, shape (n,)
    weights : float array, shape (n,)
    alpha : float
        Smoothing, in examples.

    Returns
    -------
    float array, shape (n_features,)

    Notes
    -----
    Source: S. Wang, C. D. Manning (2012), Proc. ACL 50, 90-94.
    """
    positive = alpha + matrix.T @ (weights * labels)
    negative = alpha + matrix.T @ (weights * ~labels)
    return np.log(positive / positive.sum()) - np.log(negative / negative.sum())


def fit_nb_logistic(
    texts: Sequence[str],
    labels: NDArray[np.bool_],
    *,
    seed: int,
    C: float,
    alpha: float,
    min_df: int,
    max_features: int,
    sentence_weight: float,
    min_word_df: int,
    weights: NDArray[np.float64] | None = None,
) -> Pipeline:
    """Fit logistic regression on naive-Bayes log-count ratios.

    Parameters
    ----------
    texts : sequence of str, length n
    labels : bool array, shape (n,)
    seed : int
    C : float
        Inverse strength of the L2 penalty.
    alpha : float
        Smoothing of the ratios, in examples.
    min_df : int
        Number of examples in which an n-gram must occur.
    max_features : int
        Number of n-grams in the model: those with the most weight.
    sentence_weight : float
        Weight of a sentence as an example of its own (see ``with_sentences``).
    min_word_df : int
        Number of reviews in which a word must occur to be kept whatever its weight. These
        words are the vocabulary by which texts are called unreadable.
    weights : float array, shape (n,), optional
        Weight of each review.

    Returns
    -------
    Pipeline
        Fitted; ``decision_function(texts)`` gives shape (n,), in log-odds.
    """
    examples = with_sentences(texts, weight=sentence_weight, seed=seed)
    example_labels = labels[examples.sources]
    example_weights = examples.weights * (1 if weights is None else weights[examples.sources])
    tokens = build_vocabulary(texts, min_df=min_df)
    matrix, keys = ngram_matrix(examples.texts, tokens, max_n=MAX_N, min_df=min_df)
    document_frequency = np.asarray(matrix[: len(texts)].sum(axis=0)).ravel()
    ratios = log_count_ratios(matrix, example_labels, example_weights, alpha=alpha)
    fit = partial(_fit, labels=example_labels, weights=example_weights, C=C, seed=seed)
    classifier = fit(matrix, ratios)
    if len(keys) > max_features:
        strength = np.abs(classifier.coef_[0] * ratios) * np.sqrt(document_frequency)
        strength[is_word(keys) & (document_frequency >= min_word_df)] = np.inf
        kept = np.sort(np.argsort(-strength, kind="stable")[:max_features])
        keys, ratios = keys[kept], ratios[kept]
        # Fitting again without the weak n-grams is more accurate on unseen movies.
        classifier = fit(matrix[:, kept], ratios)
    return _as_pipeline(tokens, keys, ratios, classifier)


def fit_self_trained(
    texts: Sequence[str],
    labels: NDArray[np.bool_],
    *,
    unlabelled: Sequence[str] = (),
    seed: int,
    teacher_slope: float,
    student_C: float,
    student_min_df: int,
    student_max_features: int,
    weights: NDArray[np.float64] | None = None,
    **teacher: Any,
) -> Pipeline:
    """Fit the default algorithm: ``fit_nb_logistic``, with self-training on unlabelled reviews.

    A teacher, fitted on the labelled reviews, labels the others. A student is fitted on all of
    them, with the teacher's confidence as the weight of its labels.

    Parameters
    ----------
    texts : sequence of str, length n
    labels : bool array, shape (n,)
    unlabelled : sequence of str, optional
        Without any, the teacher is the model.
    seed : int
    teacher_slope : float
        Factor that makes the teacher's decisions log-odds.
    student_C, student_min_df, student_max_features
        Parameters of ``fit_nb_logistic`` for the student, which has more reviews.
    weights : float array, shape (n,), optional
        Weight of each labelled review.
    **teacher
        The other parameters of ``fit_nb_logistic``.

    Returns
    -------
    Pipeline
        Fitted, as from ``fit_nb_logistic``.
    """
    pipeline = fit_nb_logistic(texts, labels, seed=seed, weights=weights, **teacher)
    if not len(unlabelled):
        return pipeline
    model = compile_pipeline(pipeline)
    decisions = np.array([model.decision(text)[0] for text in unlabelled])
    confidence = np.abs(np.tanh(teacher_slope * decisions / 2))  # |2 p - 1|
    student = teacher | {
        "C": student_C,
        "min_df": student_min_df,
        "max_features": student_max_features,
    }
    return fit_nb_logistic(
        [*texts, *unlabelled],
        np.concatenate([labels, decisions > 0]),
        seed=seed,
        weights=np.concatenate([np.ones(len(texts)) if weights is None else weights, confidence]),
        **student,
    )


def _fit(
    matrix: csr_matrix,
    ratios: NDArray[np.float64],
    *,
    labels: NDArray[np.bool_],
    weights: NDArray[np.float64],
    C: float,
    seed: int,
) -> LogisticRegression:
    weighted = normalize(matrix) @ diags(ratios.astype(np.float32))
    classifier = LogisticRegression(
        C=C, solver="liblinear", dual=True, tol=0.01, max_iter=1000, random_state=seed
    )
    return classifier.fit(weighted, labels, sample_weight=weights)


def _as_pipeline(
    tokens: Sequence[str],
    keys: Keys,
    ratios: NDArray[np.float64],
    classifier: LogisticRegression,
) -> Pipeline:
    """Return a scikit-learn pipeline of raw texts; the ratios go into its coefficients."""
    model = LinearNgrams(tokens, keys, np.empty(0), 0.0)
    vocabulary = {model.ngram(int(key)): column for column, key in enumerate(keys)}
    count = CountVectorizer(analyzer=ngrams, binary=True, vocabulary=vocabulary)
    count.vocabulary_ = vocabulary
    # Rounded to the model file's precision, so that the pipeline and the file agree exactly.
    classifier.coef_ = (classifier.coef_ * ratios).astype(np.float32).astype(np.float64)
    return FittedPipeline(
        [
            ("ngrams", count),
            ("weigh", TfidfTransformer(use_idf=False).fit(csr_matrix((1, len(keys))))),
            ("classify", classifier),
        ]
    )
