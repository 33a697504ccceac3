import pytest
from django.core.management import CommandError, call_command

from mlmodel.serving import champion
from reviews.models import Label, MovieReview
from reviews.rescoring.pending import score_pending
from reviews.submission import edit_review, settle_label, withdraw_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def unread(movie, make_review):
    with champion.override(champion.Served(None, None)):
        return [make_review(movie, text) for text in ("Good.", "Bad.", "zzz")]


def test_unread_reviews_are_scored_and_counted(movie, unread, release, capsys):
    call_command("score_pending", batch_size=2)
    movie.refresh_from_db()
    assert (movie.n_counted, movie.n_positive) == (2, 1)
    assert capsys.readouterr().out == "3 reviews scored; 0 still unread.\n"
    assert not MovieReview.objects.exclude(release=release).exists()


def test_predictions_are_logged_as_one_event_for_each_label(unread, logged):
    call_command("score_pending")
    events = [event for event in logged("PREDICTION") if event["path"] == "score_pending"]
    assert {(e["path"], e["sentiment"], e["n_texts"], e["n_positive"]) for e in events} == {
        ("score_pending", "positive", 1, 1),
        ("score_pending", "negative", 1, 0),
        ("score_pending", "unreadable", 1, 0),
    }
    assert len(events) == 3


def test_second_run_changes_nothing(movie, unread, capsys):
    call_command("score_pending")
    call_command("score_pending")
    movie.refresh_from_db()
    assert (movie.n_reviews, movie.n_counted) == (3, 2)
    assert capsys.readouterr().out.endswith("0 reviews scored; 0 still unread.\n")


def test_human_label_of_an_unread_review_is_kept(movie, unread):
    settle_label(review=unread[0], human_label="negative")
    call_command("score_pending")
    unread[0].refresh_from_db()
    assert (unread[0].label, unread[0].model_label) == (Label.NEGATIVE, Label.POSITIVE)


def test_command_without_a_model_reports_the_unread_reviews(unread, no_model):
    with pytest.raises(CommandError, match="3 reviews are unread"):
        call_command("score_pending")


def test_review_that_breaks_the_scorer_does_not_stop_the_others(unread, fixed_scorer, capsys):
    predict = fixed_scorer.predict

    def fail_on_bad(text):
        if text == "Bad.":
            raise RuntimeError(text)
        return predict(text)

    fixed_scorer.predict = fail_on_bad
    call_command("score_pending")
    assert capsys.readouterr().out == "2 reviews scored; 1 still unread.\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda review: edit_review(review=review, text="Bad now."),
        lambda review: withdraw_review(review=review),
    ],
)
def test_review_changed_while_the_model_works_keeps_the_change(movie, unread, fixed_scorer, change):
    predict_many = fixed_scorer.predict_many

    def change_then_predict(texts):
        change(unread[0])
        return predict_many(texts)

    fixed_scorer.predict_many = change_then_predict
    labelled = list(score_pending(champion.get_served()))
    movie.refresh_from_db()
    assert labelled == [False, True, True]
    assert movie.n_positive == 0
