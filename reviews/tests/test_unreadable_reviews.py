"""A review without a label is kept, shown and not counted, and everybody sees why."""

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.serving import champion
from reviews.submission import edit_review, settle_label

pytestmark = pytest.mark.django_db
GERMAN = "Das war leider total langweilig."


@pytest.fixture
def shipped_model(scorer):
    with champion.override(champion.Served(scorer, None)):
        yield


@pytest.fixture
def unreadable(movie, make_review, fixed_scorer):
    def make(*prediction):
        fixed_scorer.predict = lambda text: Prediction(0.5, 0.6, *prediction)
        return make_review(movie, "Soso.")

    return make


@pytest.mark.parametrize(
    ("text", "reason", "language"),
    [
        ("First!", "too_short", ""),
        (GERMAN, "another_language", "de"),
        ("Dfghjkl wrtzpl qwrtzp.", "unknown_words", ""),
        ("Overrated.", "", ""),
    ],
)
def test_the_reason_is_stored_with_the_label(
    shipped_model, movie, make_review, text, reason, language
):
    review = make_review(movie, text)
    review.refresh_from_db()
    assert (review.unreadable_reason, review.language) == (reason, language)
    assert (movie.n_reviews, movie.n_counted) == (1, 0 if reason else 1)


@pytest.mark.parametrize(
    ("language", "prediction", "sentence"),
    [
        (
            "en",
            ["too_short"],
            "The review is too short for a label. It is shown, but does not count",
        ),
        ("de", ["too_short"], "Die Rezension ist zu kurz für eine Einstufung. Sie wird angezeigt"),
        ("en", ["another_language", "de"], "and the review looks like German. It is shown, but"),
        ("de", ["another_language", "es"], "und die Rezension sieht nach Spanisch aus."),
        ("en", ["another_language", "war"], "the review looks like another language."),
        ("en", ["unknown_words"], "The model knows too few of these words"),
    ],
)
def test_the_page_of_a_review_says_why(client, unreadable, language, prediction, sentence):
    review = unreadable(*prediction)
    page = client.get(review.get_absolute_url(), HTTP_ACCEPT_LANGUAGE=language)
    assert sentence in " ".join(page.content.decode().split())


@pytest.fixture
def sentences(client):
    """Return a function that returns the text of a review's page."""

    def read(review):
        page = client.get(review.get_absolute_url()).content.decode()
        return " ".join(strip_tags(page).split())

    return read


@pytest.mark.parametrize("reason", ["too_short", "another_language", "unknown_words"])
def test_the_page_says_that_the_review_does_not_count_until_it_has_a_label(
    sentences, unreadable, reason
):
    review = unreadable(reason)
    assert "does not count until a person labels it" in sentences(review)
    settle_label(review=review, human_label="positive")
    text = sentences(review)
    assert "does not count" not in text
    assert "set the label to positive, and that is the one that counts" in text


def test_the_author_is_thanked_without_a_label(client, unreadable):
    page = client.get(f"{unreadable('too_short').get_absolute_url()}?new=1").content.decode()
    assert "It does not count yet; the reason is below." in page
    assert "Its label:" not in page


def test_a_review_of_an_older_version_has_no_reason_and_the_general_sentence(client, unreadable):
    review = unreadable("too_short")
    type(review).objects.update(unreadable_reason="")
    page = client.get(review.get_absolute_url()).content.decode()
    assert "The model knows too few of these words" in page


def test_the_api_says_why(api, shipped_model, movie):
    address = f"/api/v1/movies/{movie.pk}/reviews/"
    posted = api.post(address, {"text": GERMAN})
    assert posted.status_code == 201
    shown = api.get(f"/api/v1/reviews/{posted.json()['id']}/").json()
    for answer in (posted.json(), shown):
        assert (answer["label"], answer["reason"]) == ("unreadable", "another_language")
        assert answer["language"] == "de"


def test_a_labelled_review_has_no_reason_in_the_api(api, movie):
    answer = api.post(f"/api/v1/movies/{movie.pk}/reviews/", {"text": "Good."}).json()
    assert (answer["reason"], answer["language"]) == (None, None)


def test_a_new_text_removes_the_reason(unreadable, fixed_scorer):
    review = unreadable("another_language", "de")
    fixed_scorer.predict = lambda text: Prediction(0.9, 1.0)
    changed = edit_review(review=review, text="A good movie.")
    changed.refresh_from_db()
    assert (changed.label, changed.unreadable_reason, changed.language) == ("positive", "", "")


def test_a_curators_label_counts_and_keeps_the_reason(movie, unreadable):
    review = settle_label(review=unreadable("too_short"), human_label="negative")
    movie.refresh_from_db()
    assert (movie.n_counted, review.unreadable_reason) == (1, "too_short")


def test_the_admin_filters_and_shows_reasons(admin_client, unreadable):
    review = unreadable("too_short")
    address = reverse("admin:reviews_moviereview_changelist")
    assert "Soso." in admin_client.get(f"{address}?unreadable_reason=too_short").content.decode()
    assert (
        "Soso."
        not in admin_client.get(f"{address}?unreadable_reason=unknown_words").content.decode()
    )
    details = reverse("admin:reviews_moviereview_change", args=[review.pk])
    assert "too short for a label" in admin_client.get(details).content.decode()
