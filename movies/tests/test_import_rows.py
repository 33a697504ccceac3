import pytest

from common.importing.job import BadRow
from movies.importing.rows import parse_row, title_key

ROW = {"title": "Solaris", "year": 1972}


def test_columns_of_wikipedia_are_recognised():
    row = parse_row(
        ROW | {"href": "Solaris_%281972_film%29", "extract": "A plot.", "genres": ["Animated"]}
    )
    assert (row.wikipedia_page, row.synopsis, row.genres) == (
        "Solaris_(1972_film)",
        "A plot.",
        ["Animation"],
    )


def test_csv_cells_are_parsed_to_lists_and_numbers():
    row = parse_row({"title": "A", "year": " 1999 ", "cast": "B | C|| B", "runtime_min": ""})
    assert (row.year, row.cast, row.runtime_min) == (1999, ["B", "C"], None)


def test_windows_1252_is_repaired():
    row = parse_row(ROW | {"title": "Schindler\x92s List", "synopsis": "One\x85 \x96 two\x85"})
    assert (row.title, row.synopsis) == ("Schindler’s List", "One… – two…")


def test_control_characters_are_removed():
    assert parse_row(ROW | {"title": " So\x00la\ud800ris\n II "}).title == "Solaris II"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (None, "not a complete movie"),
        (["Solaris", 1972], "not a complete movie"),
        ({"year": 1972}, "missing title"),
        (ROW | {"title": " "}, "missing title"),
        (ROW | {"title": 7}, "missing title"),
        (ROW | {"title": "a" * 401}, "text too long"),
        (ROW | {"synopsis": "a" * 10_001}, "text too long"),
        (ROW | {"genres": ["g" * 41]}, "text too long"),
        (ROW | {"cast": [str(n) for n in range(201)]}, "text too long"),
        ({"title": "Solaris"}, "year out of range"),
        (ROW | {"year": 1873}, "year out of range"),
        (ROW | {"year": 2101}, "year out of range"),
        (ROW | {"year": "MCMLXXII"}, "year out of range"),
        (ROW | {"year": 1972.5}, "year out of range"),
        (ROW | {"year": True}, "year out of range"),
        (ROW | {"year": "9" * 5000}, "year out of range"),
        (ROW | {"runtime_min": -1}, "bad runtime"),
        (ROW | {"runtime_min": 10**9}, "bad runtime"),
        (ROW | {"imdb_id": "0069293"}, "bad imdb id"),
        (ROW | {"imdb_id": 69293}, "imdb_id is not text"),
        (ROW | {"poster_url": "javascript:alert(1)"}, "bad poster address"),
        (ROW | {"poster_url": "https://a.example/" + "a" * 500}, "text too long"),
        (ROW | {"cast": {"a": 1}}, "cast is not a list of names"),
        (ROW | {"cast": [1]}, "cast is not a list of names"),
    ],
)
def test_bad_row_is_rejected_with_the_reason(row, reason):
    with pytest.raises(BadRow, match=reason):
        parse_row(row)


@pytest.mark.parametrize("title", ["WALL·E", "wall-e", "Wall E"])
def test_spellings_of_a_title_have_the_same_key(title):
    assert title_key(title, 2008) == ("wall-e", 2008)


def test_titles_in_other_scripts_have_different_keys():
    assert title_key("Сталкер", 1979) != title_key("Зеркало", 1979)
