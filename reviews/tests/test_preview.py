import pytest

from reviews.models import MovieReview
from reviews.rescoring.impact import preview, sentences
from reviews.submission import settle_label

pytestmark = pytest.mark.django_db


class Contrary:
    """Reads as negative what the other reads as positive."""

    version = "contrary"

    def __init__(self, scorer) -> None:
        self.scorer = scorer

    def predict_many(self, texts):
        return self.scorer.predict_many(["bad" for _ in texts])


@pytest.fixture
def movies(make_movies, make_review):
    made = make_movies(3)
    for movie in made:
        for _ in range(6):
            make_review(movie, "A good film.")
    return made


@pytest.fixture
def contrary(fixed_scorer) -> Contrary:
    return Contrary(fixed_scorer)


def test_the_same_model_changes_nothing(movies, fixed_scorer):
    found = preview(fixed_scorer)
    assert (found.n_movies, found.n_reviews, found.n_labels, found.changed) == (3, 18, 0, [])


def test_films_that_would_change_are_counted(movies, contrary):
    found = preview(contrary)
    assert (found.n_labels, len(found.changed), found.is_sample) == (18, 3, False)
    assert {(was, becomes) for _, was, becomes in found.changed} == {("certified_hot", "rotten")}


def test_nothing_is_written(movies, contrary, django_assert_num_queries):
    with django_assert_num_queries(3):
        preview(contrary)
    assert set(MovieReview.objects.values_list("label", flat=True)) == {"positive"}


def test_a_human_label_stays(movies, contrary):
    for review in movies[0].reviews.all():
        settle_label(review=review, human_label="positive")
    assert movies[0] not in [movie for movie, *_ in preview(contrary).changed]


def test_of_too_many_reviews_a_sample_is_read_and_said(movies, contrary, monkeypatch):
    found = preview(contrary, max_reviews=13)
    assert (found.is_sample, found.n_movies, found.n_reviews) == (True, 2, 12)
    monkeypatch.setattr("reviews.rescoring.impact.preview", lambda scorer: found)
    assert "a sample of 2 movies" in sentences(contrary)[0]


def test_the_curator_reads_sentences(movies, contrary):
    told = sentences(contrary)
    assert told[:2] == [
        "3 movies would get a different verdict.",
        "18 of 18 reviews would get different labels.",
    ]
