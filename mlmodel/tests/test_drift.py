import numpy as np
import pytest

from mlmodel.sentiment.monitoring.baseline import Baseline, load_baseline
from mlmodel.sentiment.monitoring.drift import MIN_REVIEWS, STATUSES, compare, diagnose, psi
from mlmodel.sentiment.monitoring.profile import Profile
from mlmodel.sentiment.training.fit import train
from mlmodel.tests.small_corpus import small_corpus


def reviews(n=600, *, share=0.5, sure=0.95, known=0.97, length=120, seed=1):
    """Return the profile of reviews with calibrated predictions."""
    random = np.random.default_rng(seed)
    positive = random.random(n) < share
    right = random.random(n) < sure
    p = np.where(positive == right, sure, 1 - sure) + random.uniform(-0.04, 0.04, n)
    shares = np.clip(random.normal(known, 0.03, n), 0, 1)
    lengths = np.maximum(random.normal(length, length / 4, n).astype(int), 3)
    return Profile.of(lengths, shares, np.clip(p, 0, 1).tolist())


@pytest.fixture(scope="module")
def reference():
    whole = reviews(4000, seed=2)
    return Baseline(whole, whole + reviews(4000, length=20, sure=0.75, seed=3), 0.5)


@pytest.mark.parametrize(
    ("now", "kind"),
    [
        (reviews(), "steady"),
        (reviews(share=0.85), "label shift"),
        (reviews(share=0.15), "label shift"),
        (reviews(known=0.8, sure=0.7), "vocabulary shift"),
        (reviews(known=0.8, sure=0.7, share=0.85), "vocabulary shift"),
        (reviews(450) + reviews(150, known=0.3), "vocabulary shift"),
        (reviews(known=0.8), "new words"),
        (reviews(sure=0.7), "less sure"),
        (reviews(length=400), "longer"),
        (reviews(length=20, sure=0.75), "shorter"),
        (reviews(length=20), "surer"),
        (reviews(MIN_REVIEWS - 1, known=0.5, sure=0.6), "too few"),
        (Profile.empty(), "too few"),
    ],
)
def test_status_distinguishes_the_kinds_of_drift(reference, now, kind):
    assert diagnose(compare(now, reference)).kind == kind


def test_only_a_vocabulary_shift_is_a_plain_reason_to_retrain(reference):
    shifted = diagnose(compare(reviews(known=0.8, sure=0.7), reference))
    assert (shifted.retrain, "Retraining would help" in shifted.message) == ("yes", True)
    assert diagnose(compare(reviews(share=0.85), reference)).retrain == "no"


def test_a_share_of_known_words_that_only_looks_odd_is_no_drift(reference):
    n, words = 400, 25
    coarse = Profile.of([words] * n, [round(0.965 * words) / words] * n, [0.75, 0.25] * (n // 2))
    signal = compare(coarse, reference)["vocabulary"]
    assert (signal.psi > 0.25, signal.state) == (True, "steady")


def test_reviews_like_those_of_the_training_never_alarm(reference):
    for seed in range(10, 60):
        signals = compare(reviews(MIN_REVIEWS, seed=seed), reference)
        assert diagnose(signals).kind == "steady", signals


def test_psi_is_0_for_equal_distributions_and_grows_with_the_difference():
    expected = np.array([10.0, 20.0, 40.0, 30.0])
    assert psi(expected * 100, expected) < 1e-4
    assert psi(expected[::-1] * 100, expected) > psi(np.array([12.0, 22, 38, 28]) * 100, expected)


def test_profiles_add_up_and_read_back():
    together = reviews(40, seed=4) + reviews(60, seed=5)
    assert (together.n, together.as_dict()["known"]) == (
        100,
        Profile.from_dict(together.as_dict()).known.astype(int).tolist(),
    )


@pytest.mark.parametrize(
    "payload", [{}, {"words": [1]}, "nonsense", reviews(9).as_dict() | {"p": []}]
)
def test_profile_rejects_other_data(payload):
    with pytest.raises(ValueError, match="a profile"):
        Profile.from_dict(payload)


def test_an_unreadable_review_counts_for_the_vocabulary_alone():
    profile = Profile.of([20], [0.2], [0.5])
    assert (profile.n, profile.n_readable) == (1, 0)


def test_the_share_of_unreadable_reviews_includes_those_of_known_words(reference):
    now = reviews(90) + Profile.of([2] * 10, [1.0] * 10, [0.5] * 10, [False] * 10)
    assert compare(now, reference)["vocabulary"].unreadable == pytest.approx(0.1)


def test_training_saves_its_baseline_with_the_model(tmp_path):
    corpus = small_corpus()
    model = train(corpus, algorithm="logistic")
    model.save(tmp_path)
    reference = load_baseline(tmp_path)
    assert reference.reviews.n == len(corpus)
    assert reference.share_positive == 0.5
    # "Seen in room 7" is in the reviews of one movie only, so 7 does not count as known.
    assert 0.5 < reference.reviews.known_total.sum() / len(corpus) < 1
    assert compare(reference.reviews, reference)["vocabulary"].psi == pytest.approx(0, abs=0.05)


def test_sentences_replace_reviews_of_lengths_that_are_missing(reference):
    short = compare(reviews(length=10, sure=0.75), reference)["confidence"]
    assert short.expected == pytest.approx(0.75, abs=0.03)


def test_drift_is_not_diagnosed_from_a_tiny_baseline():
    few = reviews(5)
    assert diagnose(compare(few, Baseline(few, few, 0.5))).kind == "too few"
    assert str(MIN_REVIEWS) in STATUSES["too few"].message


def test_model_without_a_valid_baseline_file_has_none(tmp_path):
    train(small_corpus(), algorithm="logistic").save(tmp_path)
    (tmp_path / "reference.json").write_text('{"reviews": 1}')
    assert load_baseline(tmp_path) is None
    (tmp_path / "reference.json").unlink()
    assert load_baseline(tmp_path) is None
