from movies.templatetags.freshness import along, reviews_missing


def test_svg_coordinate_has_a_decimal_point_in_every_language(settings):
    settings.LANGUAGE_CODE = "de"
    assert along(0.755) == "75.5%"


def test_missing_reviews_are_those_needed_for_a_verdict(settings):
    settings.VERDICT_MIN_REVIEWS = 5
    assert [reviews_missing(n) for n in (0, 4, 9)] == [5, 1, 0]
