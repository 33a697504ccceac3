from copy import copy

import pytest

from reviews.models import MovieReview
from reviews.rescoring import promotion_preview
from reviews.rescoring.promotion_preview import describe_promotion, preview_promotion
from reviews.submission import settle_label

pytestmark = pytest.mark.django_db


@pytest.fixture
def movies(make_movies, make_reviews):
    made = make_movies(3)
    for movie in made:
        make_reviews(movie, 6)
    return made


@pytest.fixture
def negative(fixed_scorer):
    """A scorer that labels every text negative."""
    scorer = copy(fixed_scorer)
    scorer.predict = lambda text: fixed_scorer.predict("bad")
    return scorer


def test_same_model_changes_nothing(movies, fixed_scorer):
    preview = preview_promotion(fixed_scorer)
    assert (preview.n_movies, preview.n_reviews, preview.n_labels, preview.verdicts) == (
        3,
        18,
        0,
        [],
    )


def test_preview_writes_nothing(movies, negative, django_assert_num_queries):
    with django_assert_num_queries(3):
        preview_promotion(negative)
    assert set(MovieReview.objects.values_list("label", flat=True)) == {"positive"}


def test_human_labels_are_kept(movies, negative):
    for review in movies[0].reviews.all():
        settle_label(review=review, human_label="positive")
    assert movies[0] not in [movie for movie, *_ in preview_promotion(negative).verdicts]


def test_sample_of_too_many_reviews_is_announced(movies, negative, monkeypatch):
    preview = preview_promotion(negative, max_reviews=13)
    assert (preview.is_sample, preview.n_movies, preview.n_reviews) == (True, 2, 12)
    monkeypatch.setattr(promotion_preview, "preview_promotion", lambda scorer: preview)
    assert "a sample of 2 movies" in describe_promotion(negative)[0]


def test_preview_is_described_in_sentences(movies, negative):
    sentences = describe_promotion(negative)
    assert sentences[:2] == [
        "3 movies would get a different verdict.",
        "18 of 18 reviews would get different labels.",
    ]
    assert sentences[2] == f"{movies[0]}: Certified Hot → Rotten"
