"""The library's algorithms as a scikit-learn estimator."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from mlmodel.sentiment.data.corpus import Corpus
from mlmodel.sentiment.errors import CorpusError
from mlmodel.sentiment.features.text import words
from mlmodel.sentiment.models.algorithms import DEFAULT
from mlmodel.sentiment.models.explanation import Explanation
from mlmodel.sentiment.models.prediction import POSITIVE_FROM
from mlmodel.sentiment.training.fit import N_FOLDS, Progress, refit, train


class ReviewClassifier(ClassifierMixin, BaseEstimator):
    """Classifier of raw review texts.

    ``fit`` fits one of the library's algorithms, by default on the reviews and some of their
    sentences, and calibrates it on out-of-fold decisions. `manage.py train` fits one of these.

    Parameters
    ----------
    algorithm : str, default="nb-logistic"
        A key of ``ALGORITHMS``.
    C, alpha, min_df, max_features, sentence_weight, min_word_df, teacher_slope, student_C, \
student_min_df, student_max_features, n_estimators : optional
        Parameters of the algorithm, described at its function (``fit_nb_logistic`` for the
        default). None means the algorithm's default.
    n_folds : int, default=5
        Number of folds of the calibration; ``fit`` takes one fit for each and one for the
        final model.
    random_state : int, default=0
        The same number and the same data give the same model.

    Attributes
    ----------
    classes_ : array of shape (2,)
        The labels, sorted; the second one is the positive class.
    model_ : TrainedModel
        The fitted algorithm with its calibration and baseline.

    Examples
    --------
    >>> from mlmodel.sentiment import ReviewClassifier
    >>> texts = [f"A {word} movie, number {i}." for i in range(10) for word in ("great", "dull")]
    >>> labels = ["positive", "negative"] * 10
    >>> classifier = ReviewClassifier("logistic", C=10.0).fit(texts, labels)
    >>> classifier.predict(["What a great plot."]).tolist()
    ['positive']
    >>> classifier.explain("What a great plot.").contributions[0].ngram
    'great'
    """

    def __init__(
        self,
        algorithm: str = DEFAULT,
        *,
        C: float | None = None,
        alpha: float | None = None,
        min_df: int | None = None,
        max_features: int | None = None,
        sentence_weight: float | None = None,
        min_word_df: int | None = None,
        teacher_slope: float | None = None,
        student_C: float | None = None,
        student_min_df: int | None = None,
        student_max_features: int | None = None,
        n_estimators: int | None = None,
        n_folds: int = N_FOLDS,
        random_state: int = 0,
    ) -> None:
        self.algorithm = algorithm
        self.C = C
        self.alpha = alpha
        self.min_df = min_df
        self.max_features = max_features
        self.sentence_weight = sentence_weight
        self.min_word_df = min_word_df
        self.teacher_slope = teacher_slope
        self.student_C = student_C
        self.student_min_df = student_min_df
        self.student_max_features = student_max_features
        self.n_estimators = n_estimators
        self.n_folds = n_folds
        self.random_state = random_state

    def fit(
        self,
        X: Sequence[str],
        y: ArrayLike,
        *,
        groups: Sequence[Any] | None = None,
        sample_weight: ArrayLike | None = None,
        ambiguous: Sequence[str] = (),
        unlabelled: Sequence[str] = (),
        progress: Progress = lambda _: None,
    ) -> "ReviewClassifier":
        """Fit and calibrate the classifier.

        Parameters
        ----------
        X : sequence of str, length n
            Raw texts; markup is removed.
        y : array-like, shape (n,)
            Labels of two classes.
        groups : sequence, length n, optional
            The movie of each text, "" if it is unknown. Calibration keeps a movie's reviews in
            one fold. A search or a cross-validation passes its ``groups`` to the splitter only;
            with metadata routing and ``set_fit_request(groups=True)``, to ``fit`` as well.
        sample_weight : array-like, shape (n,), optional
            Weight of each text, in the fit and in the calibration.
        ambiguous : sequence of str, optional
            Texts that readers label differently: calibrated on as both labels, not trained on.
        unlabelled : sequence of str, optional
            Texts without labels, for algorithms that learn from them.
        progress : callable, optional
            Called with a short message before each step.

        Returns
        -------
        ReviewClassifier
            The estimator itself.

        Raises
        ------
        CorpusError
            If there are not two classes, or too few texts or groups for ``n_folds``.
        ParameterError
            If the algorithm does not exist, or does not have one of the parameters.
        """
        corpus, classes = _corpus(X, y, groups)
        self.model_ = train(
            corpus,
            algorithm=self.algorithm,
            weights=_weights(sample_weight, corpus),
            ambiguous=list(ambiguous),
            unlabelled=list(unlabelled),
            params=self._algorithm_params(),
            seed=self.random_state,
            n_folds=self.n_folds,
            progress=progress,
        )
        self.classes_ = classes
        return self

    def refit(
        self,
        X: Sequence[str],
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        unlabelled: Sequence[str] = (),
    ) -> "ReviewClassifier":
        """Fit the algorithm again on other texts, and keep the calibration.

        For a last fit on all texts, after the evaluation on some of them: the calibration
        would need another fit for every fold.

        Parameters
        ----------
        X : sequence of str, length n
        y : array-like, shape (n,)
            Labels of the same two classes.
        sample_weight : array-like, shape (n,), optional
            Weight of each text.
        unlabelled : sequence of str, optional

        Returns
        -------
        ReviewClassifier
            The estimator itself.

        Raises
        ------
        CorpusError
            If the classes are not those of ``fit``.
        """
        check_is_fitted(self)
        corpus, classes = _corpus(X, y, None)
        if classes.tolist() != self.classes_.tolist():
            raise CorpusError(
                f"y has the classes {classes.tolist()}; fit had {self.classes_.tolist()}"
            )
        self.model_ = refit(
            self.model_,
            corpus,
            weights=_weights(sample_weight, corpus),
            unlabelled=list(unlabelled),
        )
        return self

    def _algorithm_params(self) -> dict[str, Any]:
        own = {"algorithm", "n_folds", "random_state"}
        return {
            name: value
            for name, value in self.get_params().items()
            if name not in own and value is not None
        }

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Predict calibrated probabilities.

        Parameters
        ----------
        X : sequence of str, length n

        Returns
        -------
        float array, shape (n, 2)
            Columns in the order of ``classes_``.
        """
        check_is_fitted(self)
        predictions = self.model_.scorer.predict_many(_texts(X))
        p_positive = np.array([prediction.p_positive for prediction in predictions])
        return np.column_stack([1 - p_positive, p_positive])

    def predict(self, X: Sequence[str]) -> NDArray[Any]:
        """Predict the likelier class of each text.

        Parameters
        ----------
        X : sequence of str, length n

        Returns
        -------
        array, shape (n,)
            Of ``classes_``.
        """
        is_positive = self.predict_proba(X)[:, 1] >= POSITIVE_FROM
        return self.classes_[is_positive.astype(int)]

    def decision_function(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Return the calibrated log-odds of the positive class.

        Parameters
        ----------
        X : sequence of str, length n

        Returns
        -------
        float array, shape (n,)
        """
        check_is_fitted(self)
        texts = _texts(X)
        log_odds = self.model_.calibration.log_odds
        decisions = self.model_.scorer.decision_function(texts)
        pairs = zip(decisions, texts, strict=True)
        return np.array([log_odds(float(d), len(words(text))) for d, text in pairs])

    def explain(self, text: str) -> Explanation:
        """Explain the prediction for one text.

        Parameters
        ----------
        text : str

        Returns
        -------
        Explanation
        """
        check_is_fitted(self)
        return self.model_.scorer.explain(text)

    def save(self, folder: Path | str) -> str:
        """Save a model folder for ``load_scorer``.

        Parameters
        ----------
        folder : path
            Created if needed.

        Returns
        -------
        str
            The folder's checksum. Its scorer calls the classes "negative" and "positive",
            whatever ``classes_`` are.
        """
        check_is_fitted(self)
        return self.model_.save(Path(folder))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.classifier_tags.multi_class = False
        return tags


def _corpus(
    X: Sequence[str], y: ArrayLike, groups: Sequence[Any] | None
) -> tuple[Corpus, NDArray[Any]]:
    """Return the texts with their labels, and the two classes."""
    texts = _texts(X)
    labels = np.asarray(y)
    check_consistent_length(texts, labels, groups)
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) != 2:
        raise CorpusError(f"y has {len(classes)} class(es), {classes.tolist()[:5]}; need 2")
    movies = [""] * len(texts) if groups is None else [str(group) for group in groups]
    return Corpus(texts, codes == 1, movies, [None] * len(texts)), classes


def _weights(sample_weight: ArrayLike | None, corpus: Corpus) -> NDArray[np.float64] | None:
    if sample_weight is None:
        return None
    weights = np.asarray(sample_weight, dtype=float)
    check_consistent_length(corpus.texts, weights)
    return weights


def _texts(X: Sequence[str]) -> list[str]:
    if isinstance(X, str):
        raise CorpusError("expected a sequence of texts, not a single string")
    texts = list(X)
    for text in texts:
        if not isinstance(text, str):
            raise CorpusError(f"expected a sequence of texts; found {type(text).__name__}")
    return texts
