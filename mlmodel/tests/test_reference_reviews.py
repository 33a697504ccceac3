"""The reference reviews are balanced, and no training sees them."""

import csv

import pytest
from django.conf import settings

from mlmodel.sentiment.data.corpus import text_key

DATA = settings.BASE_DIR / "data"


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


REFERENCE = rows("reference_reviews.csv")


def test_reference_reviews_are_at_least_600_and_differ():
    assert len({text_key(row["review"]) for row in REFERENCE}) == len(REFERENCE) >= 600


@pytest.mark.parametrize("kind", sorted({row["kind"] for row in REFERENCE}))
def test_half_of_each_kind_of_reference_review_is_positive(kind):
    labels = [row["sentiment"] for row in REFERENCE if row["kind"] == kind]
    assert set(labels) == {"positive", "negative"}
    assert labels.count("positive") * 2 == len(labels)


def test_no_reference_review_is_among_the_demo_reviews():
    demo = {text_key(row["review"]) for row in rows("demo_reviews.csv")}
    assert not demo & {text_key(row["review"]) for row in REFERENCE}
