"""Scoring stored reviews again with another champion."""

from itertools import islice

import pytest
from django.core.management import CommandError, call_command

from mlmodel.models import Release
from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.serving import champion as serving
from movies.models import Movie, Verdict
from reviews import freshness
from reviews.freshness import FreshnessCounts
from reviews.models import MovieReview, RescoreRun
from reviews.rescoring import rescore as rescoring
from reviews.rescoring.sources import load_source, open_predictor
from reviews.submission import edit_review, hide_review, settle_label, withdraw_review

pytestmark = pytest.mark.django_db


class OppositeScorer:
    """Labels "good" negative and everything else positive."""

    version = "2"

    def predict(self, text):
        if "!" in text:
            raise RuntimeError("cannot score this")
        return Prediction(0.2 if "good" in text.lower() else 0.8, vocabulary_coverage=1.0)

    def predict_many(self, texts):
        return [self.predict(text) for text in texts]


@pytest.fixture
def reviews(release, make_movies, make_review):
    """Three movies with four reviews each, scored by the previous champion."""
    movies, texts = make_movies(3), ["Good one.", "Bad one.", "Good too.", "zzz"]
    return [make_review(movie, text) for text in texts for movie in movies]


@pytest.fixture
def champion(reviews):
    made = Release.objects.create(version="2", algorithm="opposite", checksum="2" * 64)
    Release.objects.filter(version="test-1").update(is_champion=False)
    made.is_champion = True
    made.save()
    with serving.override(serving.Served(OppositeScorer(), made)):
        yield made


def rescore(n_batches=None, size=5, **options):
    """Rescore as the command does, but stop after some batches, as if killed."""
    scorer, release = load_source(None)
    run = rescoring.open_run(release)
    with open_predictor(scorer, release, None) as predict:
        scored = predict(rescoring.batches(run, size))
        list(islice(rescoring.store_all(run, scored, **options), n_batches))
    return run


def first_batch(run):
    """Return all reviews, and the predictions for them."""
    batch = next(rescoring.batches(run, 100))
    return batch, OppositeScorer().predict_many([row.text for row in batch])


def labels():
    return list(MovieReview.objects.order_by("pk").values_list("label", flat=True))


def assert_counts_are_exact():
    for movie in Movie.objects.all():
        assert freshness.recount(movie) == {}


def test_every_review_is_scored_by_the_champion(champion):
    rescore()
    assert labels() == ["negative"] * 3 + ["positive"] * 3 + ["negative"] * 3 + ["positive"] * 3
    assert not MovieReview.objects.exclude(release=champion).exists()
    assert_counts_are_exact()


def test_reasons_are_those_of_the_champion(champion, reviews):
    MovieReview.objects.filter(pk=reviews[0].pk).update(
        unreadable_reason="another_language", language="de"
    )
    assert MovieReview.objects.exclude(unreadable_reason="").exists()
    rescore()
    assert not MovieReview.objects.exclude(unreadable_reason="", language="").exists()


def test_human_label_still_counts(champion, reviews):
    settle_label(review=reviews[0], human_label="positive")
    run = rescore()
    settled = MovieReview.objects.get(pk=reviews[0].pk)
    assert (settled.label, settled.model_label) == ("positive", "negative")
    assert (settled.p_positive, run.n_settled) == (0.2, 1)
    assert_counts_are_exact()


def test_hidden_reviews_are_scored_and_not_counted(champion, reviews):
    hide_review(review=reviews[0])
    rescore()
    assert MovieReview.objects.get(pk=reviews[0].pk).label == "negative"
    assert_counts_are_exact()


def test_interrupted_run_is_exact_and_continues(champion):
    stopped = rescore(n_batches=1)
    assert (stopped.n_read, stopped.finished_at) == (5, None)
    assert_counts_are_exact()
    finished = rescore()
    assert finished.pk == stopped.pk
    assert (finished.n_read, bool(finished.finished_at)) == (12, True)
    assert_counts_are_exact()


def test_batch_that_fails_changes_nothing(champion, monkeypatch):
    monkeypatch.setattr(RescoreRun, "save", lambda *args, **kwargs: 1 / 0)
    run = RescoreRun(release=champion, until_pk=10**9)
    RescoreRun.objects.bulk_create([run])
    before = labels()
    with pytest.raises(ZeroDivisionError):
        rescore()
    assert labels() == before
    assert_counts_are_exact()


def test_run_after_a_finished_one_scores_nothing(champion):
    rescore()
    assert rescore().n_read == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda review: edit_review(review=review, text="Good again."),
        lambda review: withdraw_review(review=review),
    ],
)
def test_review_changed_while_the_model_works_is_left_alone(champion, reviews, change):
    run = rescoring.open_run(champion)
    batch, predictions = first_batch(run)
    change(reviews[3])
    rescoring.store_batch(run, batch, predictions)
    assert (run.n_read, run.n_left_alone) == (11, 1)
    assert_counts_are_exact()


def test_label_set_while_the_model_works_is_kept(champion, reviews):
    run = rescoring.open_run(champion)
    batch, predictions = first_batch(run)
    settle_label(review=reviews[0], human_label="positive")
    rescoring.store_batch(run, batch, predictions)
    settled = MovieReview.objects.get(pk=reviews[0].pk)
    assert (settled.label, settled.model_label) == ("positive", "negative")
    assert_counts_are_exact()


def test_run_stops_when_another_release_becomes_champion(champion):
    run = rescoring.open_run(champion)
    batch, predictions = first_batch(run)
    champion.is_champion = False
    champion.save()
    Release.objects.create(version="3", algorithm="x", checksum="3" * 64, is_champion=True)
    with pytest.raises(rescoring.Superseded):
        rescoring.store_batch(run, batch, predictions)


def test_pinned_release_does_not_replace_predictions_of_a_newer_one(champion, reviews):
    run = rescoring.open_run(champion)
    newer = Release.objects.create(version="3", algorithm="x", checksum="3" * 64)
    newer.promoted_at = rescoring.timezone.now()
    newer.save()
    MovieReview.objects.filter(pk=reviews[0].pk).update(release=newer)
    rescoring.store_batch(run, *first_batch(run), pinned=True)
    assert MovieReview.objects.get(pk=reviews[0].pk).release == newer
    assert run.n_left_alone == 1


def test_review_that_breaks_the_scorer_keeps_its_label(champion, reviews, release):
    MovieReview.objects.filter(pk=reviews[0].pk).update(text="Oh!")
    run = rescore()
    assert (run.n_failed, run.n_read) == (1, 11)
    assert MovieReview.objects.get(pk=reviews[0].pk).release == release


def test_certified_hot_lost_between_two_batches_comes_back(champion, movie):
    Movie.objects.filter(pk=movie.pk).update(verdict=Verdict.CERTIFIED_HOT)
    run = rescoring.open_run(champion)
    for histogram, verdict in (
        ([30] + [0] * 18 + [30], "rotten"),
        (confident(72), "certified_hot"),
    ):
        movie = Movie.objects.get(pk=movie.pk)
        movie.n_reviews = movie.n_counted = sum(histogram)
        movie.p_histogram = histogram
        rescoring._estimate([FreshnessCounts(movie)], run)
        assert movie.verdict == verdict
        movie.save()
    assert not rescoring.changed_verdicts(run).exists()


def confident(percent):
    """Return a histogram with that percentage of positive reviews."""
    return [100 - percent] + [0] * 18 + [percent]


def test_report_lists_the_changes(champion, settings, capsys):
    settings.VERDICT_MIN_REVIEWS = 1
    call_command("rescore", batch=5)
    output = capsys.readouterr().out
    for text in (
        "12 reviews scored with model 2",
        "negative to positive     3",
        "positive to negative     6",
        "unreadable to positive   3",
        "movies whose verdict changed: 3",
        "No verdict yet -> Half-Baked",
    ):
        assert text in output


def test_limit_stops_the_run_and_reports_the_remaining_reviews(champion, capsys):
    call_command("rescore", limit=7, batch=5)
    assert "5 reviews remain" in capsys.readouterr().out
    call_command("rescore")
    assert "continuing after 7 reviews" in capsys.readouterr().out


def test_dry_run_writes_nothing(champion, capsys):
    before = labels()
    call_command("rescore", dry_run=True)
    assert "positive to negative     6" in capsys.readouterr().out
    assert labels() == before
    assert not RescoreRun.objects.exists()


def test_unfinished_run_of_a_former_champion_is_closed(champion, release):
    old = RescoreRun.objects.create(release=release, until_pk=99, last_pk=5)
    assert rescore().pk != old.pk
    old.refresh_from_db()
    assert old.finished_at


def test_restart_begins_with_the_first_review(champion):
    rescore(n_batches=1)
    assert rescoring.open_run(champion, restart=True).last_pk == 0


def test_run_fails_if_the_champion_cannot_be_loaded(champion, release):
    damaged = serving.override(serving.Served(OppositeScorer(), release))
    with damaged, pytest.raises(CommandError, match="cannot be loaded"):
        call_command("rescore")


def test_unknown_release_is_a_command_error(champion):
    with pytest.raises(CommandError, match="no release nowhere"):
        call_command("rescore", release="nowhere")
