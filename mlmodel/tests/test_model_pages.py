import re

import pytest

from mlmodel.lifecycle.releases import read_lineage
from mlmodel.models import Release
from mlmodel.pages.model_page import metric_rows, slice_rows, strongest
from mlmodel.pages.short_texts import KINDS
from mlmodel.pages.views import EXAMPLES
from mlmodel.sentiment.evaluation.reference import load_reference
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.serving import champion

pytestmark = pytest.mark.django_db


def test_try_page_scores_a_text(client):
    page = client.post("/try/", {"text": "A bad film."})
    assert page.context["prediction"].label == "negative"
    assert "A bad film." in page.content.decode()


def test_try_page_fills_in_an_example(client):
    page = client.get("/try/", {"example": "1"})
    assert page.context["form"]["text"].value() == EXAMPLES[1]


@pytest.mark.parametrize("number", ["99", "-1", "one", "9" * 5000])
def test_try_page_ignores_an_unknown_example(client, number):
    page = client.get("/try/", {"example": number})
    assert (page.status_code, page.context["form"]["text"].value()) == (200, None)


@pytest.mark.parametrize("text", ["", "  ", "a" * 10_001, "bell \x07"])
def test_try_page_shows_why_a_text_is_invalid(client, text):
    page = client.post("/try/", {"text": text})
    assert page.status_code == 400
    assert page.context["form"].errors["text"]


def test_try_page_escapes_markup(client):
    page = client.post("/try/", {"text": "<script>alert(1)</script>"})
    assert "<script>alert(1)" not in page.content.decode()


def test_try_page_reports_a_missing_model(client, no_model):
    page = client.post("/try/", {"text": "Good."})
    assert page.status_code == 503
    assert page.context["form"].non_field_errors()


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("version", "test-7", "test-7"),
        ("metrics", {"accuracy": 0.875}, "87.5%"),
        ("git_commit", "c0ffee", "c0ffee"),
        ("dataset_hash", "d1ce", "d1ce"),
        ("run_id", "r0ad", "r0ad"),
        ("algorithm", "tea-leaves", "Algorithm tea-leaves"),
        ("params", {"C": 1.5, "seed": 7}, "C=1.5, seed=7"),
        ("n_reviews", 24902, "24,902 reviews"),
    ],
)
def test_model_page_shows_a_fact_about_the_release(client, release, field, value, shown):
    setattr(release, field, value)
    assert shown in client.get("/model/").content.decode()


def test_model_page_lists_releases_newest_first(client, release):
    newer = Release.objects.create(version="newer", algorithm="fixed", checksum="1" * 64)
    assert list(client.get("/model/").context["releases"]) == [newer, release]


def test_model_page_costs_the_same_with_many_releases(
    client, release, django_assert_max_num_queries
):
    for number in range(30):
        Release.objects.create(version=f"v{number}", algorithm="fixed", checksum=f"{number:064}")
    with django_assert_max_num_queries(2):
        client.get("/model/")


def test_model_page_works_without_a_model(client, no_model):
    assert client.get("/model/").status_code == 200


def test_missing_metrics_have_no_row():
    assert [row[:2] for row in metric_rows(Release(metrics={"auc": 0.5}))] == [("AUC", "0.500")]


def test_slices_are_sorted_by_length_and_need_enough_reviews():
    slices = {
        "80 to 299": {"n": 1704, "accuracy": 0.926643},
        "30 to 79": {"n": 204, "accuracy": 0.92},
        "under 15": {"n": 1, "accuracy": 1.0},
    }
    rows = slice_rows(Release(metrics={"slices": slices}))
    assert rows == [
        ("30 to 79 words", "92.0%", "on 204 reviews"),
        ("80 to 299 words", "92.7%", "on 1,704 reviews"),
    ]


def test_confusion_is_shown_as_recall_of_each_label():
    confusion = {"true_positive": 9, "false_negative": 1, "true_negative": 3, "false_positive": 1}
    rows = metric_rows(Release(metrics={"confusion": confusion}))
    assert [row[1:] for row in rows] == [("90.0%", "9 of 10"), ("75.0%", "3 of 4")]


def test_model_page_of_the_shipped_model_agrees_with_the_api(client, scorer, settings):
    release = Release(version="1", **read_lineage(settings.PRETRAINED_MODEL))
    with champion.override(champion.Served(scorer, release)):
        page, model = client.get("/model/").content.decode(), client.get("/api/v1/model/").json()
    for name in ("version", "run_id", "dataset_hash", "git_commit"):
        assert model[name]
        assert model[name] in page
    assert f"{100 * model['metrics']['accuracy']:.1f}%" in page


def test_model_page_rounds_all_numbers(client, scorer, settings):
    release = Release(version="1", **read_lineage(settings.PRETRAINED_MODEL))
    with champion.override(champion.Served(scorer, release)):
        page = client.get("/model/").content.decode()
    assert re.findall(r"\d\.\d{5,}", page) == []


def test_freshness_error_is_shown_beside_that_of_counting():
    figures = {"freshness_mae": {"count": 0.058, "estimate": 0.037, "films": 9}}
    (row,) = metric_rows(Release(metrics=figures))
    assert row[1] == "3.7%"
    assert "5.8% by counting" in row[2]


def test_strongest_words_have_the_sign_of_their_side(model_folders):
    positive, negative = strongest(load_scorer(model_folders[0]))
    assert positive[0][1] >= positive[-1][1] > 0 > negative[-1][1] >= negative[0][1]
    assert "wonderful" in [ngram for ngram, _ in positive]


PART = {"n": 1020, "accuracy": 0.7844, "ece": 0.0612}
REFERENCE = PART | {
    "short": {"under 30": PART, "under 15": PART},
    "kinds": {"wry": {"n": 80, "accuracy": 0.7}, "a new kind": {"n": 9, "accuracy": 0.9}},
}


def test_short_texts_are_shown_by_length_and_by_kind(client, release):
    release.metrics = {"reference": REFERENCE, "demo": PART | {"short": {"under 15": PART}}}
    context = client.get("/model/").context
    row = ("under 15 words", "78.4%", "1,020 reviews, calibration error 0.061")
    assert context["reference"][0] == context["demo"][0] == row
    assert len(context["reference"]) == 3
    assert [(kind.name, kind.accuracy) for kind in context["kinds"]] == [
        ("a new kind", "90%"),
        ("Dry humour", "70%"),
    ]


def test_wry_reviews_of_other_writers_are_shown_by_length(client, release):
    lengths = {"lengths": {"6 to 14": PART, "80 and more": PART}}
    lengths["very_sure"] = {"n": 431, "accuracy": 0.9466}
    release.metrics = {"reference": REFERENCE, "short_reviews": REFERENCE | lengths}
    page = client.get("/model/")
    assert [row[0] for row in page.context["short"]] == [
        *("6 to 14 words", "80 words and more", "all lengths", "labelled “very sure”"),
    ]
    assert page.context["short"][-1][1:] == ("94.7%", "431 reviews under 30 words")
    assert "Wry reviews by writers" in page.content.decode()


def test_every_kind_of_reference_review_has_a_name():
    assert set(load_reference().kinds) == set(KINDS)


@pytest.mark.parametrize("address", ["/model/", "/model/releases/", "/api/v1/model/"])
def test_release_of_an_earlier_version_is_shown(client, release, address):
    release.metrics = {"accuracy": 0.9, "sentences": {"n": 40, "accuracy": 0.8, "places": {}}}
    release.save()
    page = client.get(address)
    assert page.status_code == 200
    assert "short-texts" not in page.content.decode()
