import pytest

from movies.templatetags.freshness import along, percent, reviews_missing


@pytest.mark.parametrize(
    ("share", "shown"), [(0.87, "87%"), (0.0, "0%"), (1.0, "100%"), (None, "–")]
)
def test_a_share_is_said_in_percent(share, shown):
    assert percent(share) == shown


@pytest.mark.parametrize(("share", "shown"), [(0.999, "99%"), (0.001, "1%")])
def test_a_share_short_of_all_or_nothing_is_never_rounded_to_it(share, shown):
    assert percent(share) == shown


def test_a_place_on_a_line_has_a_decimal_point_in_every_language(settings):
    settings.LANGUAGE_CODE = "de"
    assert along(0.755) == "75.5%"


def test_a_movie_says_how_many_reviews_it_still_needs(settings):
    settings.VERDICT_MIN_REVIEWS = 5
    assert [reviews_missing(n) for n in (0, 4, 9)] == [5, 1, 0]
