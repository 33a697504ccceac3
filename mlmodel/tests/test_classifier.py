"""ReviewClassifier: scikit-learn's conventions, as far as they apply to texts.

``check_estimator`` runs no check on an estimator whose input is not a two-dimensional array, so
the checks that need no data are called one by one; the others are replaced by tests with texts.
"""

import pickle

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

from mlmodel.sentiment import CorpusError, ParameterError, ReviewClassifier, load_scorer
from mlmodel.sentiment.models.algorithms import ALGORITHMS
from mlmodel.sentiment.training.fit import train
from mlmodel.tests.small_corpus import small_corpus

CORPUS = small_corpus()
TEXTS, MOVIES = CORPUS.texts, CORPUS.movies
LABELS = np.where(CORPUS.labels, "positive", "negative")
PLAIN = {"algorithm": "logistic", "n_folds": 2}
CHECKS_WITHOUT_DATA = [
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
]


@pytest.fixture(scope="module")
def fitted() -> ReviewClassifier:
    return ReviewClassifier(n_folds=2).fit(TEXTS, LABELS, groups=MOVIES)


@pytest.mark.parametrize("name", CHECKS_WITHOUT_DATA)
def test_classifier_passes_the_check_of_scikit_learn(name):
    getattr(estimator_checks, name)("ReviewClassifier", ReviewClassifier())


def test_every_parameter_of_every_algorithm_is_one_of_the_classifier():
    names = {name for algorithm in ALGORITHMS.values() for name in algorithm.defaults}
    assert set(ReviewClassifier().get_params()) == names | {"algorithm", "n_folds", "random_state"}


def test_clone_fits_the_same_model(fitted):
    again = clone(fitted).fit(TEXTS, LABELS, groups=MOVIES)
    assert (again.predict_proba(TEXTS) == fitted.predict_proba(TEXTS)).all()


def test_classifier_fits_the_model_that_train_fits(fitted, tmp_path):
    model = train(CORPUS, algorithm="nb-logistic", n_folds=2)
    assert fitted.save(tmp_path / "classifier") == model.save(tmp_path / "train")


def test_fitted_pipeline_refuses_to_be_fitted_again(fitted):
    with pytest.raises(TypeError, match="use ReviewClassifier"):
        clone(fitted.model_.pipeline).fit(TEXTS, LABELS)


def test_predictions_probabilities_and_decisions_agree(fitted):
    p_positive, decisions = fitted.predict_proba(TEXTS)[:, 1], fitted.decision_function(TEXTS)
    assert 1 / (1 + np.exp(-decisions)) == pytest.approx(p_positive)
    assert (fitted.predict(TEXTS) == np.where(decisions >= 0, "positive", "negative")).all()
    assert fitted.score(TEXTS, LABELS) > 0.95


@pytest.mark.parametrize("labels", [[False, True], [0, 1], ["bad", "good"]])
def test_classes_are_those_of_the_labels(labels):
    y = np.array(labels)[CORPUS.labels.astype(int)]
    classifier = ReviewClassifier(**PLAIN).fit(TEXTS, y)
    assert classifier.classes_.tolist() == labels
    assert classifier.predict(TEXTS[:5]).tolist() == y[:5].tolist()


def test_grid_search_tries_the_parameters():
    search = GridSearchCV(ReviewClassifier(**PLAIN), {"C": [0.001, 10.0]}, cv=GroupKFold(2))
    search.fit(TEXTS, LABELS, groups=MOVIES)
    assert search.best_estimator_.model_.params["C"] == search.best_params_["C"]
    assert search.cv_results_["mean_test_score"].max() > 0.9


def test_cross_validation_works_in_a_pipeline():
    pipeline = make_pipeline(
        FunctionTransformer(lambda texts: [text.upper() for text in texts]),
        ReviewClassifier(**PLAIN),
    )
    scores = cross_val_score(pipeline, TEXTS, LABELS, groups=MOVIES, cv=GroupKFold(2))
    assert scores.mean() > 0.9


@pytest.fixture
def fitted_groups(monkeypatch):
    """The groups of each call of ``fit``."""
    calls = []

    def recording(corpus, **options):
        calls.append(corpus.movies)
        return train(corpus, **options)

    monkeypatch.setattr("mlmodel.sentiment.training.classifier.train", recording)
    return calls


def test_cross_validation_passes_parameters_to_fit(fitted_groups):
    cross_val_score(
        ReviewClassifier(**PLAIN),
        TEXTS,
        LABELS,
        groups=MOVIES,
        cv=GroupKFold(2),
        params={"groups": MOVIES},
        error_score="raise",
    )
    first, second = (set(movies) for movies in fitted_groups)
    assert first | second == set(MOVIES)
    assert not first & second


@config_context(enable_metadata_routing=True)
def test_grid_search_routes_groups_to_the_splits_and_to_fit(fitted_groups):
    classifier = ReviewClassifier(**PLAIN).set_fit_request(groups=True)
    search = GridSearchCV(classifier, {"C": [10.0]}, cv=GroupKFold(2), error_score="raise")
    search.fit(TEXTS, LABELS, groups=MOVIES)
    *folds, refitted = fitted_groups
    assert [len(set(movies)) for movies in folds] == [8, 8]
    assert refitted == MOVIES


@config_context(enable_metadata_routing=True)
def test_cross_validation_routes_unlabelled_texts_to_fit(monkeypatch):
    sizes = []

    def recording(corpus, *, unlabelled, **options):
        sizes.append(len(unlabelled))
        return train(corpus, unlabelled=unlabelled, **options)

    monkeypatch.setattr("mlmodel.sentiment.training.classifier.train", recording)
    classifier = ReviewClassifier(n_folds=2).set_fit_request(unlabelled=True)
    params = {"unlabelled": ["A wonderful evening.", "A dull and silly evening."]}
    cross_val_score(classifier, TEXTS, LABELS, cv=2, params=params, error_score="raise")
    assert sizes == [2, 2]


def test_a_text_with_more_weight_counts_for_more():
    texts, labels = [*TEXTS, *["A movie."] * 2], [*LABELS, "negative", "positive"]
    decisions = []
    for weight in (1, 5):
        weights = [*[1] * len(TEXTS), 1, weight]
        fitted = ReviewClassifier(**PLAIN).fit(texts, labels, sample_weight=weights)
        decisions.append(fitted.explain("A movie.").decision)
    sign = 1 if fitted.classes_[1] == "positive" else -1
    assert sign * decisions[1] > sign * decisions[0] + 0.1


def test_ambiguous_texts_make_the_calibration_less_sure_and_leave_the_weights():
    surest = TEXTS[0]
    plain = ReviewClassifier(**PLAIN).fit(TEXTS, LABELS)
    doubtful = ReviewClassifier(**PLAIN).fit(TEXTS, LABELS, ambiguous=[surest] * 40)
    assert doubtful.predict_proba([surest]).max() < plain.predict_proba([surest]).max()
    contributions = [each.explain(surest).contributions for each in (plain, doubtful)]
    assert contributions[0] == contributions[1]


def test_refit_keeps_the_calibration():
    half = slice(0, len(TEXTS), 2)
    classifier = ReviewClassifier(**PLAIN).fit(TEXTS[half], LABELS[half])
    calibration, pipeline = classifier.model_.calibration, classifier.model_.pipeline
    classifier.refit(TEXTS, LABELS)
    assert classifier.model_.calibration is calibration
    assert classifier.model_.pipeline is not pipeline
    assert classifier.predict(TEXTS[:2]).tolist() == LABELS[:2].tolist()


def test_refit_on_other_classes_is_refused():
    classifier = ReviewClassifier(**PLAIN).fit(TEXTS, LABELS)
    with pytest.raises(CorpusError, match="y has the classes"):
        classifier.refit(TEXTS, CORPUS.labels)


def test_classifier_survives_pickling(fitted):
    copy = pickle.loads(pickle.dumps(fitted))
    assert (copy.decision_function(TEXTS) == fitted.decision_function(TEXTS)).all()


def test_saved_classifier_is_a_model_folder(fitted, tmp_path):
    scorer = load_scorer(tmp_path, checksum=fitted.save(tmp_path))
    assert scorer.explain(TEXTS[0]) == fitted.explain(TEXTS[0])


@pytest.mark.parametrize(
    ("params", "x", "y", "error", "message"),
    [
        ({"algorithm": "oracle"}, TEXTS, LABELS, ParameterError, "no algorithm 'oracle'"),
        ({**PLAIN, "n_estimators": 5}, TEXTS, LABELS, ParameterError, "'n_estimators'"),
        (PLAIN, TEXTS, ["positive"] * len(TEXTS), CorpusError, "1 class"),
        (PLAIN, "One text.", LABELS, CorpusError, "single string"),
        (PLAIN, [1.5] * len(TEXTS), LABELS, CorpusError, "found float"),
        (PLAIN, TEXTS, LABELS[:-1], ValueError, "inconsistent numbers"),
    ],
)
def test_bad_values_raise_a_value_error_that_names_them(params, x, y, error, message):
    with pytest.raises(ValueError, match=message) as caught:
        ReviewClassifier(**params).fit(x, y)
    assert isinstance(caught.value, error)


def test_classifier_must_be_fitted_first():
    with pytest.raises(NotFittedError):
        ReviewClassifier().predict(TEXTS)
