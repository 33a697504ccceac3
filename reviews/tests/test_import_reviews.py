import pytest
from django.core.management import CommandError, call_command

from movies.models import Movie
from reviews import freshness
from reviews.importing.importer import ReviewImport
from reviews.models import FreshnessMonth, MovieReview
from reviews.submission import edit_review, hide_review, settle_label, settle_own_label

pytestmark = pytest.mark.django_db

LETTERBOXD = """\
Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date
2021-03-04,Heat,1995,https://boxd.it/1,4.5,,"A good <i>movie</i>.<br/>Really.",,2021-03-03
2021-03-05,Heat,1995,https://boxd.it/2,1,Yes,"A bad movie, again.",,2021-03-05
2021-03-06,Ran,1984,https://boxd.it/3,5,,Good &amp; long.,,
2021-03-07,No Such Movie,1990,https://boxd.it/4,5,,Good.,,
2021-03-08,Ran,1985,https://boxd.it/5,,,,,
"""


@pytest.fixture
def catalogue(make_movies):
    make_movies(1, title="Heat", year=1995, imdb_id="tt0113277")
    make_movies(1, title="Ran", year=1985, wikipedia_page="Ran_(film)")


@pytest.fixture
def run(catalogue, tmp_path, capsys):
    def run(text, *options):
        path = tmp_path / "reviews.csv"
        path.write_text(text, encoding="utf-8")
        call_command("import_reviews", path, *options)
        return capsys.readouterr().out.splitlines()

    return run


def row(text="Good.", **fields):
    return {"imdb_id": "tt0113277", "text": text, **fields}


def merge(*rows, batch_size=100, **options):
    return ReviewImport(**options).run(rows, batch_size=batch_size)


def drift():
    return {
        str(movie): found for movie in Movie.objects.all() if (found := freshness.recount(movie))
    }


def test_import_reads_the_file_of_letterboxd(run):
    assert run(LETTERBOXD) == [
        "3 created, 0 updated, 2 skipped",
        "  skipped: movie not in the catalogue: 1 (first in row 4)",
        "  skipped: text empty: 1 (first in row 5)",
    ]
    first, again, ran = MovieReview.objects.order_by("pk")
    assert (first.text, first.guest_name) == ("A good movie.\nReally.", "Letterboxd")
    assert f"{first.created_at:%Y-%m-%d}" == "2021-03-04"
    assert (again.label, ran.text, ran.movie.title) == ("negative", "Good & long.", "Ran")


def test_second_import_of_reviews_changes_nothing(run):
    run(LETTERBOXD)
    before = list(MovieReview.objects.order_by("pk").values())
    assert run(LETTERBOXD)[0] == "0 created, 0 updated, 5 skipped"
    assert list(MovieReview.objects.order_by("pk").values()) == before


def test_import_for_an_account_keeps_one_review_per_movie(run, user):
    assert run(LETTERBOXD, "--author=ana")[0] == "2 created, 0 updated, 3 skipped"
    assert {review.author for review in MovieReview.objects.all()} == {user}


def test_import_for_an_unknown_account_fails(run):
    with pytest.raises(CommandError, match="There is no account 'nobody'"):
        run(LETTERBOXD, "--author=nobody")


def test_dry_run_prints_the_differences_and_writes_nothing(run):
    run("imdb_id,key,text\ntt0113277,a,Good.\n")
    lines = run(
        "imdb_id,key,text\ntt0113277,a,Bad.\ntt0113277,b,New.\n", "--dry-run", "--overwrite"
    )
    assert lines[:2] == [
        "~ tt0113277, a guest: text: Good. -> Bad.",
        "+ tt0113277, a guest: New.",
    ]
    assert lines[-1] == "1 created, 1 updated, 0 skipped"
    assert [review.text for review in MovieReview.objects.all()] == ["Good."]


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_freshness_is_exact_after_an_import(catalogue, batch_size):
    texts = ["Good.", "Bad.", "zzz", "Very good.", "Good!", "Bad!", "Not bad."]
    merge(*(row(text, created_at="2020-05-01") for text in texts), batch_size=batch_size)
    heat = Movie.objects.get(title="Heat")
    assert (heat.n_reviews, heat.n_counted, heat.n_positive) == (7, 6, 3)
    assert {month.month.isoformat() for month in FreshnessMonth.objects.all()} == {"2020-05-01"}
    assert drift() == {}


def test_freshness_is_exact_after_an_import_with_overwrite(catalogue):
    rows = [row(f"Good {n}.", key=str(n), human_label="positive") for n in range(6)]
    merge(*rows)
    changed = [row(f"Bad {n}.", key=str(n), is_hidden=str(n % 2)) for n in range(6)]
    assert merge(*changed, overwrite=True).updated == 6
    heat = Movie.objects.get(title="Heat")
    assert (heat.n_reviews, heat.n_counted, heat.n_positive, heat.n_human_positive) == (3, 3, 0, 0)
    assert drift() == {}


def test_import_keeps_a_review_that_was_edited_here(catalogue):
    merge(row("Good.", key="a"))
    edit_review(review=MovieReview.objects.get(), text="Bad, on second thoughts.")
    assert merge(row("Good.", key="a")).skipped == {
        "differs and is kept (--overwrite replaces it)": 1
    }
    assert MovieReview.objects.get().text == "Bad, on second thoughts."


def test_import_adds_a_missing_human_label_and_keeps_an_existing_one(catalogue):
    merge(row("Good.", key="a"))
    assert merge(row("Good.", key="a", human_label="negative")).updated == 1
    assert merge(row("Good.", key="a", human_label="positive")).updated == 0
    assert MovieReview.objects.get().label == "negative"
    assert drift() == {}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"human_label": "negative"}, ("negative", "curator", "")),
        ({"author_label": "negative"}, ("negative", "author", "negative")),
        ({"human_label": "negative", "label_source": "author"}, ("negative", "author", "negative")),
        (
            {"human_label": "negative", "author_label": "positive"},
            ("negative", "curator", "positive"),
        ),
    ],
)
def test_import_knows_whose_label_it_is(catalogue, columns, expected):
    merge(row("Good.", key="a"), row("Good, too.", key="b", **columns))
    assert merge(row("Good.", key="a", **columns)).updated == 1
    for review in MovieReview.objects.all():
        assert (review.human_label, review.label_source, review.author_label) == expected
    assert drift() == {}


def test_exported_labels_are_imported_as_they_were(catalogue, tmp_path):
    merge(row("Good."), row("Good, too."), row("Good, really."))
    first, second, _third = MovieReview.objects.order_by("pk")
    for review in (first, second):
        settle_own_label(review=review, author_label="negative")
    settle_label(review=second, human_label="positive")
    path = tmp_path / "reviews.csv"
    call_command("export_reviews", path)
    labels = ("text", "human_label", "author_label", "is_settled_by_author", "settled_at")
    before = list(MovieReview.objects.order_by("pk").values_list(*labels))
    MovieReview.objects.all().delete()
    call_command("recount", "--fix")
    call_command("import_reviews", path)
    assert list(MovieReview.objects.order_by("pk").values_list(*labels)) == before
    assert drift() == {}


def test_imported_human_label_emits_one_event(catalogue, logged, release):
    merge(row("Good.", key="a"), row("Good, too.", key="b"))
    rows = [row("Good.", key="a", human_label="negative"), row("Good, too.", key="b")]
    for _ in range(2):
        merge(*rows)
    [event] = logged("LABEL_CORRECTED")
    review, movie = MovieReview.objects.get(human_label="negative"), Movie.objects.get(title="Heat")
    assert (event["review_id"], event["movie_title"]) == (review.pk, "Heat")
    assert (event["label_before"], event["label_after"]) == ("positive", "negative")
    assert (event["freshness"], event["model_version"]) == (movie.freshness, release.version)


def test_human_label_that_is_dropped_with_its_text_emits_an_event(catalogue, logged):
    merge(row("Good.", key="a", human_label="negative"))
    merge(row("Good, after all.", key="a"), overwrite=True)
    [event] = logged("LABEL_CORRECTED")
    assert (event["label_before"], event["label_after"]) == ("negative", "positive")


def test_import_emits_one_prediction_event_per_label(catalogue, logged):
    texts = ["Good.", "Good, too.", "Really good.", "Bad."]
    merge(*(row(text, key=text, human_label="positive") for text in texts))
    assert not logged("LABEL_CORRECTED")
    events = logged("PREDICTION")
    assert {(e["path"], e["sentiment"], e["n_texts"], e["n_positive"]) for e in events} == {
        ("import_reviews", "positive", 3, 3),
        ("import_reviews", "negative", 1, 0),
    }


def test_dry_run_emits_no_events(catalogue, logged, caplog):
    merge(row("Good.", key="a"))
    caplog.clear()
    rows = [row("Good.", key="a", human_label="negative"), row("Bad.", key="b")]
    merge(*rows, dry_run=True)
    assert not logged("LABEL_CORRECTED") + logged("PREDICTION")


def test_rows_without_a_key_are_recognised(catalogue):
    merge(row("Good."), row("Bad."))
    assert merge(row("Good."), row("Bad."), batch_size=1).skipped == {"unchanged": 2}


def test_review_of_a_guest_is_recognised_by_name_and_text(catalogue, make_review):
    make_review(Movie.objects.get(title="Heat"), "Good.", guest_name="Ana")
    assert merge(row("Good.", guest_name="Ana")).skipped == {"unchanged": 1}


@pytest.mark.parametrize("batch_size", [1, 10])
def test_duplicate_review_in_a_file_is_stored_once(catalogue, batch_size):
    assert merge(row(key="a"), row(key="a"), batch_size=batch_size).created == 1
    assert MovieReview.objects.count() == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (None, "not a complete review"),
        (row(" "), "text empty"),
        (row("x" * 10_001), "text too long"),
        (row("a\0bc"), "text has the control character U+0000; remove it"),
        (row(author="a\0b"), "author has the control character U+0000; remove it"),
        (row(hidden_reason="a\bc"), "hidden_reason has the control character U+0008; remove it"),
        (row(imdb_id="tt1"), "bad imdb id"),
        (row(imdb_id="tt9999999"), "movie not in the catalogue"),
        (row(human_label="meh"), "human_label is neither positive nor negative"),
        (row(author_label="meh"), "author_label is neither positive nor negative"),
        (row(label_source="model"), "label_source is neither author nor curator"),
        (
            row(human_label="positive", author_label="negative", label_source="author"),
            "label_source is author, but author_label is another label",
        ),
        (row(created_at="yesterday"), "bad date"),
        (row(created_at="2021-02-31"), "bad date"),
        (row(is_hidden="perhaps"), "neither yes nor no: 'perhaps'"),
        (row(key="k" * 201), "bad key"),
        (row(guest_name="n" * 61), "name too long"),
    ],
)
def test_bad_review_is_skipped_with_the_reason(catalogue, bad, reason):
    summary = merge(bad, row("Good."))
    assert (summary.created, dict(summary.skipped)) == (1, {reason: 1})


def test_windows_1252_in_a_file_is_repaired_and_stays_the_same_review(catalogue):
    rows = [row("It\x92s a good\x85 movie\x85", guest_name="O\x92Brien")]
    assert merge(*rows).created == 1
    review = MovieReview.objects.get()
    assert (review.text, review.guest_name) == ("It’s a good… movie…", "O’Brien")
    assert merge(*rows).skipped == {"unchanged": 1}


def test_markup_of_data_sets_becomes_line_ends_and_typed_text_is_kept(catalogue):
    merge(row(None, review="Good.<br /><br />Really."), row("I typed <br />. Good."))
    texts = set(MovieReview.objects.values_list("text", flat=True))
    assert texts == {"Good.\n\nReally.", "I typed <br />. Good."}


def test_review_whose_text_is_now_repaired_is_recognised(catalogue):
    """Earlier versions stored the markup; the key of the row must not depend on the repair."""
    merge(row("Good.<br />Really."))
    same = row(None, review="Good.<br />Really.")
    assert merge(same).skipped == {"differs and is kept (--overwrite replaces it)": 1}
    assert merge(same, overwrite=True).updated == 1
    assert MovieReview.objects.get().text == "Good.\nReally."


def test_file_in_windows_1252_is_refused_with_what_to_do(catalogue, tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_bytes("imdb_id,text\ntt0113277,Good…\n".encode("cp1252"))
    with pytest.raises(CommandError, match="Save it as UTF-8"):
        call_command("import_reviews", path)


def test_import_without_a_model_stores_reviews_as_unread(catalogue, no_model):
    merge(row("Good."))
    assert MovieReview.objects.get().model_label == "unread"


def test_number_of_queries_does_not_grow_with_the_reviews(catalogue, count_queries):
    def queries(n, offset):
        rows = [row(f"Good {number}.", author="ana") for number in range(offset, offset + n)]
        return count_queries(merge, *rows)

    queries(1, 0)
    assert queries(60, 100) <= queries(10, 200) + 8  # SQLite accepts 999 parameters per query


def test_import_of_wrong_columns_fails_with_the_reason(run):
    with pytest.raises(CommandError, match="has the wrong columns"):
        run("film,words\nHeat,Good.\n")


def test_exported_reviews_are_imported_unchanged(catalogue, run, tmp_path, make_review, user):
    heat, ran = Movie.objects.order_by("title")
    make_review(heat, 'Good, "really".\nVery.')
    make_review(heat, "Bad.", author=user, guest_name="")
    settle_label(review=make_review(ran, "Good!"), human_label="negative")
    hide_review(review=make_review(ran, "Bad, bad."))
    call_command("export_reviews", tmp_path / "out.csv")
    exported = (tmp_path / "out.csv").read_text()
    assert run(exported)[0] == "0 created, 0 updated, 4 skipped"
    counts = list(Movie.objects.order_by("pk").values("n_reviews", "n_positive", "freshness"))
    MovieReview.objects.all().delete()
    FreshnessMonth.objects.all().delete()
    for movie in Movie.objects.all():
        freshness.recount(movie, save=True)
    assert run(exported)[0] == "4 created, 0 updated, 0 skipped"
    call_command("export_reviews", tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_text() == exported
    assert (
        list(Movie.objects.order_by("pk").values("n_reviews", "n_positive", "freshness")) == counts
    )
    assert drift() == {}
