"""The algorithms by name. To add one, add a function to this file.

Each function takes raw texts and returns a fitted scikit-learn pipeline that takes raw texts, so
that training and serving share their preprocessing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from mlmodel.sentiment.errors import ParameterError
from mlmodel.sentiment.features.text import ngrams, words
from mlmodel.sentiment.models.nb_logistic import fit_self_trained

Labels = NDArray[np.bool_]
Weights = NDArray[np.float64] | None  # of each text; None: 1
Fit = Callable[..., Pipeline]


@dataclass(frozen=True)
class Range:
    """The range in which ``tune`` searches a parameter, on a logarithmic scale.

    Parameters
    ----------
    low, high : float
        The ends, included. If both are int, only whole numbers are tried.
    unlabelled : bool, optional
        Whether the parameter has an effect only with unlabelled reviews.
    """

    low: float
    high: float
    unlabelled: bool = False


@dataclass(frozen=True)
class Algorithm:
    """An algorithm with its default parameters.

    Parameters
    ----------
    name, description : str
    fit : callable
        ``fit(texts, labels, *, seed, weights, **params)`` returns a fitted ``Pipeline``.
    defaults : dict
        Every parameter's default.
    space : dict of Range
        The parameters that ``tune`` searches.
    uses_unlabelled : bool, optional
        Whether ``fit`` also takes ``unlabelled`` texts.
    """

    name: str
    description: str
    fit: Fit
    defaults: dict[str, Any]
    space: dict[str, Range]
    uses_unlabelled: bool = False

    def used_params(self, params: dict[str, Any], *, unlabelled: bool) -> dict[str, Any]:
        """Return the parameters that have an effect.

        Parameters
        ----------
        params : dict
        unlabelled : bool
            Whether there are unlabelled reviews.
        """
        return {
            name: value
            for name, value in params.items()
            if unlabelled or name not in self.space or not self.space[name].unlabelled
        }


ALGORITHMS: dict[str, Algorithm] = {}
DEFAULT = "nb-logistic"


def algorithm(
    name: str,
    description: str,
    *,
    space: dict[str, Range],
    uses_unlabelled: bool = False,
    **defaults: Any,
) -> Callable[[Fit], Fit]:
    """Register the decorated function as an algorithm.

    Parameters
    ----------
    name, description : str
    space : dict of Range
    uses_unlabelled : bool, optional
    **defaults
        Every parameter of the function, with its default.
    """

    def register(fit: Fit) -> Fit:
        ALGORITHMS[name] = Algorithm(name, description, fit, defaults, space, uses_unlabelled)
        return fit

    return register


def get_algorithm(name: str) -> Algorithm:
    """Return the algorithm with this name.

    Raises
    ------
    ParameterError
        If there is none; the message lists all names.
    """
    try:
        return ALGORITHMS[name]
    except KeyError:
        names = ", ".join(sorted(ALGORITHMS))
        raise ParameterError(f"there is no algorithm {name!r}; there are {names}") from None


algorithm(
    DEFAULT,
    "logistic regression on naive-Bayes log-count ratios of 1-3-grams",
    uses_unlabelled=True,
    C=15.0,
    alpha=1.0,
    min_df=2,
    max_features=300_000,
    sentence_weight=0.2,
    min_word_df=10,
    teacher_slope=1.4,
    student_C=25.0,
    student_min_df=4,
    student_max_features=500_000,
    space={
        "C": Range(1.0, 100.0),
        "alpha": Range(0.1, 10.0),
        "min_df": Range(1, 5),
        "max_features": Range(50_000, 500_000),
        "sentence_weight": Range(0.02, 1.0),
        "teacher_slope": Range(0.5, 3.0, unlabelled=True),
        "student_C": Range(1.0, 100.0, unlabelled=True),
        "student_min_df": Range(2, 10, unlabelled=True),
        "student_max_features": Range(100_000, 1_000_000, unlabelled=True),
    },
)(fit_self_trained)


@algorithm(
    "logistic",
    "TF-IDF of 5,000 words, logistic regression",
    C=1.0,
    max_features=5_000,
    space={"C": Range(0.05, 50.0), "max_features": Range(1_000, 50_000)},
)
def fit_logistic(
    texts: Sequence[str],
    labels: Labels,
    *,
    seed: int,
    C: float,
    max_features: int,
    weights: Weights = None,
) -> Pipeline:
    """Fit logistic regression on TF-IDF of single words.

    Parameters
    ----------
    texts : sequence of str, length n
    labels : bool array, shape (n,)
    seed : int
    C : float
        Inverse strength of the L2 penalty.
    max_features : int
        Number of words, the most frequent ones.
    weights : float array, shape (n,), optional
        Weight of each text.
    """
    pipeline = Pipeline(
        [
            ("ngrams", CountVectorizer(analyzer=words, max_features=max_features)),
            ("weigh", TfidfTransformer()),
            ("classify", LogisticRegression(C=C, max_iter=1000, random_state=seed)),
        ]
    )
    return _fit(pipeline, texts, labels, weights)


@algorithm(
    "linear-svm",
    "TF-IDF of 1-3-grams, linear support vectors",
    C=0.5,
    min_df=3,
    max_features=300_000,
    space={
        "C": Range(0.02, 10.0),
        "min_df": Range(1, 10),
        "max_features": Range(50_000, 1_000_000),
    },
)
def fit_linear_svm(
    texts: Sequence[str],
    labels: Labels,
    *,
    seed: int,
    C: float,
    min_df: int,
    max_features: int,
    weights: Weights = None,
) -> Pipeline:
    """Fit linear support vectors on TF-IDF of 1-3-grams.

    Parameters
    ----------
    texts : sequence of str, length n
    labels : bool array, shape (n,)
    seed : int
    C : float
        Inverse strength of the L2 penalty.
    min_df : int
        Number of texts in which an n-gram must occur.
    max_features : int
        Number of n-grams, the most frequent ones.
    weights : float array, shape (n,), optional
        Weight of each text.
    """
    pipeline = Pipeline(
        [
            ("ngrams", CountVectorizer(analyzer=ngrams, min_df=min_df, max_features=max_features)),
            ("weigh", TfidfTransformer(sublinear_tf=True)),
            ("classify", LinearSVC(C=C, random_state=seed)),
        ]
    )
    return _fit(pipeline, texts, labels, weights)


@algorithm(
    "complement-nb",
    "complement naive Bayes on 1-3-grams",
    alpha=0.5,
    min_df=3,
    max_features=300_000,
    space={
        "alpha": Range(0.02, 10.0),
        "min_df": Range(1, 10),
        "max_features": Range(50_000, 1_000_000),
    },
)
def fit_complement_nb(
    texts: Sequence[str],
    labels: Labels,
    *,
    seed: int,
    alpha: float,
    min_df: int,
    max_features: int,
    weights: Weights = None,
) -> Pipeline:
    """Fit complement naive Bayes on the 1-3-grams that a text contains.

    Parameters
    ----------
    texts : sequence of str, length n
    labels : bool array, shape (n,)
    seed : int
        Not used: the fit is deterministic.
    alpha : float
        Smoothing, in occurrences.
    min_df : int
        Number of texts in which an n-gram must occur.
    max_features : int
        Number of n-grams, the most frequent ones.
    weights : float array, shape (n,), optional
        Weight of each text.

    Notes
    -----
    Source: J. D. M. Rennie et al. (2003), Proc. ICML 20, 616-623.
    """
    pipeline = Pipeline(
        [
            (
                "ngrams",
                CountVectorizer(
                    analyzer=ngrams, binary=True, min_df=min_df, max_features=max_features
                ),
            ),
            ("weigh", TfidfTransformer(use_idf=False)),
            ("classify", ComplementNB(alpha=alpha)),
        ]
    )
    return _fit(pipeline, texts, labels, weights)


@algorithm(
    "random-forest",
    "TF-IDF of 5,000 words, random forest",
    n_estimators=200,
    max_features=5_000,
    space={"n_estimators": Range(50, 500), "max_features": Range(1_000, 20_000)},
)
def fit_random_forest(
    texts: Sequence[str],
    labels: Labels,
    *,
    seed: int,
    n_estimators: int,
    max_features: int,
    weights: Weights = None,
) -> Pipeline:
    """Fit a random forest on TF-IDF of single words.

    Parameters
    ----------
    texts : sequence of str, length n
    labels : bool array, shape (n,)
    seed : int
    n_estimators : int
        Number of trees.
    max_features : int
        Number of words, the most frequent ones.
    weights : float array, shape (n,), optional
        Weight of each text.
    """
    pipeline = Pipeline(
        [
            ("ngrams", CountVectorizer(analyzer=words, max_features=max_features)),
            ("weigh", TfidfTransformer()),
            (
                "classify",
                RandomForestClassifier(
                    n_estimators=n_estimators, min_samples_leaf=3, n_jobs=-1, random_state=seed
                ),
            ),
        ]
    )
    _fit(pipeline, texts, labels, weights)
    # With threads the trees' votes are summed in any order, and the last digits differ.
    pipeline.set_params(classify__n_jobs=1)
    return pipeline


def _fit(
    pipeline: Pipeline, texts: Sequence[str], labels: Labels, weights: Weights = None
) -> Pipeline:
    # Not by ``Pipeline.fit``, which with scikit-learn's metadata routing refuses weights that the
    # classifier has not asked for.
    pipeline[-1].fit(pipeline[:-1].fit_transform(texts), labels, sample_weight=weights)
    return pipeline
