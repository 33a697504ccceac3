"""Reading stored reviews again with another champion."""

from itertools import islice

import pytest
from django.core.management import CommandError, call_command

from mlmodel.models import Release
from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.serving import champion as serving
from movies.models import Movie, Verdict
from reviews import freshness
from reviews.models import MovieReview, RescoreRun
from reviews.rescoring import rescore as rescoring
from reviews.rescoring.sources import choose, open_readings
from reviews.submission import edit_review, hide_review, settle_label, withdraw_review

pytestmark = pytest.mark.django_db


class Contrary:
    """Reads "good" as negative and everything else as positive."""

    version = "2"

    def predict(self, text):
        if "!" in text:
            raise RuntimeError("stumbled")
        return Prediction(
            0.2 if "good" in text.lower() else 0.8, vocabulary_coverage=1.0, readable=True
        )

    def predict_many(self, texts):
        return [self.predict(text) for text in texts]


@pytest.fixture
def reviews(release, make_movies, make_review):
    """Three films, four reviews each, read by the champion of before."""
    texts = ["Good one.", "Bad one.", "Good too.", "zzz"]
    return [make_review(movie, text) for text in texts for movie in make_movies_once(make_movies)]


def make_movies_once(make_movies):
    return list(Movie.objects.order_by("pk")) or make_movies(3)


@pytest.fixture
def champion(reviews):
    made = Release.objects.create(version="2", algorithm="contrary", checksum="2" * 64)
    Release.objects.filter(version="test-1").update(is_champion=False)
    made.is_champion = True
    made.save()
    with serving.use(serving.Served(Contrary(), made)):
        yield made


def rescore(n_batches=None, size=5, **options):
    """As the command does it, but stopping after some batches, as a kill would."""
    reader = choose(None)
    run = rescoring.open_run(reader.release)
    with open_readings(reader, None) as read:
        readings = read(rescoring.batches(run, size))
        list(islice(rescoring.take_all(run, readings, **options), n_batches))
    return run


def labels():
    return list(MovieReview.objects.order_by("pk").values_list("label", flat=True))


def assert_exact():
    for movie in Movie.objects.all():
        assert freshness.recount(movie) == {}


def test_every_review_is_read_by_the_champion(champion):
    rescore()
    assert labels() == ["negative"] * 3 + ["positive"] * 3 + ["negative"] * 3 + ["positive"] * 3
    assert not MovieReview.objects.exclude(release=champion).exists()
    assert_exact()


def test_a_label_that_a_person_settled_counts_on(champion, reviews):
    settle_label(review=reviews[0], human_label="positive")
    run = rescore()
    settled = MovieReview.objects.get(pk=reviews[0].pk)
    assert (settled.label, settled.model_label) == ("positive", "negative")
    assert (settled.p_positive, run.n_settled) == (0.2, 1)
    assert_exact()


def test_hidden_reviews_are_read_and_do_not_count(champion, reviews):
    hide_review(review=reviews[0])
    rescore()
    assert MovieReview.objects.get(pk=reviews[0].pk).label == "negative"
    assert_exact()


def test_stopped_on_the_way_it_is_exact_and_goes_on(champion):
    stopped = rescore(n_batches=1)
    assert (stopped.n_read, stopped.finished_at) == (5, None)
    assert_exact()
    finished = rescore()
    assert finished.pk == stopped.pk
    assert (finished.n_read, bool(finished.finished_at)) == (12, True)
    assert_exact()


def test_a_batch_that_fails_leaves_nothing_of_itself(champion, monkeypatch):
    monkeypatch.setattr(RescoreRun, "save", lambda *args, **kwargs: 1 / 0)
    run = RescoreRun(release=champion, until_pk=10**9)
    RescoreRun.objects.bulk_create([run])
    before = labels()
    with pytest.raises(ZeroDivisionError):
        rescore()
    assert labels() == before
    assert_exact()


def test_a_finished_run_has_nothing_left_to_read(champion):
    rescore()
    assert rescore().n_read == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda review: edit_review(review=review, text="Good again."),
        lambda review: withdraw_review(review=review),
    ],
)
def test_a_review_changed_while_it_is_read_is_left_alone(champion, reviews, change):
    run = rescoring.open_run(champion)
    batch = next(rescoring.batches(run, 100))
    change(reviews[3])
    rescoring.take_batch(run, batch, Contrary().predict_many([row.text for row in batch]))
    assert (run.n_read, run.n_left_alone) == (11, 1)
    assert_exact()


def test_a_label_settled_while_the_review_is_read_stays(champion, reviews):
    run = rescoring.open_run(champion)
    batch = next(rescoring.batches(run, 100))
    settle_label(review=reviews[0], human_label="positive")
    rescoring.take_batch(run, batch, Contrary().predict_many([row.text for row in batch]))
    settled = MovieReview.objects.get(pk=reviews[0].pk)
    assert (settled.label, settled.model_label) == ("positive", "negative")
    assert_exact()


def test_it_stops_when_another_release_becomes_champion(champion):
    run = rescoring.open_run(champion)
    batch = next(rescoring.batches(run, 100))
    champion.is_champion = False
    champion.save()
    Release.objects.create(version="3", algorithm="x", checksum="3" * 64, is_champion=True)
    with pytest.raises(rescoring.Superseded):
        rescoring.take_batch(run, batch, Contrary().predict_many([row.text for row in batch]))


def test_what_a_newer_release_has_read_is_not_read_with_the_pinned_one(champion, reviews):
    run = rescoring.open_run(champion)
    newer = Release.objects.create(version="3", algorithm="x", checksum="3" * 64)
    newer.promoted_at = rescoring.timezone.now()
    newer.save()
    MovieReview.objects.filter(pk=reviews[0].pk).update(release=newer)
    batch = next(rescoring.batches(run, 100))
    predictions = Contrary().predict_many([row.text for row in batch])
    rescoring.take_batch(run, batch, predictions, pinned=True)
    assert MovieReview.objects.get(pk=reviews[0].pk).release == newer
    assert run.n_left_alone == 1


def test_a_review_over_which_the_scorer_stumbles_stays_as_it_was(champion, reviews, release):
    MovieReview.objects.filter(pk=reviews[0].pk).update(text="Oh!")
    run = rescore()
    assert (run.n_failed, run.n_read) == (1, 11)
    assert MovieReview.objects.get(pk=reviews[0].pk).release == release


def test_a_certified_hot_lost_between_two_batches_comes_back(champion, movie):
    Movie.objects.filter(pk=movie.pk).update(verdict=Verdict.CERTIFIED_HOT)
    run = rescoring.open_run(champion)
    for histogram, verdict in (([30] + [0] * 18 + [30], "rotten"), (certain(72), "certified_hot")):
        movie = Movie.objects.get(pk=movie.pk)
        movie.n_reviews = movie.n_counted = sum(histogram)
        movie.p_histogram = histogram
        rescoring._judge([movie], run)
        assert movie.verdict == verdict
        movie.save()
    assert not rescoring.changed_verdicts(run).exists()


def certain(percent):
    """A histogram of a film with that share of positive reviews: kept Certified Hot, not earned."""
    return [100 - percent] + [0] * 18 + [percent]


def test_the_report_says_what_changed(champion, settings, capsys):
    settings.VERDICT_MIN_REVIEWS = 1
    call_command("rescore", batch=5)
    said = capsys.readouterr().out
    for piece in (
        "12 reviews read with model 2",
        "negative to positive     3",
        "positive to negative     6",
        "unreadable to positive   3",
        "films whose verdict changed: 3",
        "No verdict yet -> Rotten",
    ):
        assert piece in said


def test_a_limit_stops_and_says_how_many_wait(champion, capsys):
    call_command("rescore", limit=7, batch=5)
    assert "5 wait" in capsys.readouterr().out
    call_command("rescore")
    assert "going on after 7 reviews" in capsys.readouterr().out


def test_a_dry_run_writes_nothing(champion, capsys):
    before = labels()
    call_command("rescore", dry_run=True)
    assert "positive to negative     6" in capsys.readouterr().out
    assert labels() == before
    assert not RescoreRun.objects.exists()


def test_an_unfinished_run_of_an_older_champion_is_given_up(champion, release):
    old = RescoreRun.objects.create(release=release, until_pk=99, last_pk=5)
    assert rescore().pk != old.pk
    old.refresh_from_db()
    assert old.finished_at


def test_restarting_begins_with_the_first_review(champion):
    rescore(n_batches=1)
    assert rescoring.open_run(champion, restart=True).last_pk == 0


def test_a_champion_that_cannot_be_loaded_is_not_replaced_by_another_model(champion, release):
    damaged = serving.use(serving.Served(Contrary(), release))
    with damaged, pytest.raises(CommandError, match="cannot be loaded"):
        call_command("rescore")


def test_an_unknown_release_is_one_sentence(champion):
    with pytest.raises(CommandError, match="no release nowhere"):
        call_command("rescore", release="nowhere")
