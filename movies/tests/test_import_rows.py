import pytest

from movies.importing.rows import BadRow, read_row, title_key

FILM = {"title": "Solaris", "year": 1972}


def test_wikipedia_words_are_understood():
    row = read_row(
        FILM | {"href": "Solaris_%281972_film%29", "extract": "A film.", "genres": ["Animated"]}
    )
    assert (row.wikipedia_page, row.synopsis, row.genres) == (
        "Solaris_(1972_film)",
        "A film.",
        ["Animation"],
    )


def test_csv_cells_become_lists_and_numbers():
    row = read_row({"title": "A", "year": " 1999 ", "cast": "B | C|| B", "runtime_min": ""})
    assert (row.year, row.cast, row.runtime_min) == (1999, ["B", "C"], None)


def test_what_no_database_can_hold_is_dropped():
    assert read_row(FILM | {"title": " So\x00la\ud800ris\n II "}).title == "Solaris II"


@pytest.mark.parametrize(
    ("film", "reason"),
    [
        (None, "not a whole film"),
        (["Solaris", 1972], "not a whole film"),
        ({"year": 1972}, "missing title"),
        (FILM | {"title": " "}, "missing title"),
        (FILM | {"title": 7}, "missing title"),
        (FILM | {"title": "a" * 401}, "text too long"),
        (FILM | {"synopsis": "a" * 10_001}, "text too long"),
        (FILM | {"genres": ["g" * 41]}, "text too long"),
        (FILM | {"cast": [str(n) for n in range(201)]}, "text too long"),
        ({"title": "Solaris"}, "year out of range"),
        (FILM | {"year": 1873}, "year out of range"),
        (FILM | {"year": 2101}, "year out of range"),
        (FILM | {"year": "MCMLXXII"}, "year out of range"),
        (FILM | {"year": 1972.5}, "year out of range"),
        (FILM | {"year": True}, "year out of range"),
        (FILM | {"year": "9" * 5000}, "year out of range"),
        (FILM | {"runtime_min": -1}, "bad runtime"),
        (FILM | {"runtime_min": 10**9}, "bad runtime"),
        (FILM | {"imdb_id": "0069293"}, "bad imdb id"),
        (FILM | {"imdb_id": 69293}, "imdb_id is not text"),
        (FILM | {"poster_url": "javascript:alert(1)"}, "bad poster address"),
        (FILM | {"poster_url": "https://a.example/" + "a" * 500}, "text too long"),
        (FILM | {"cast": {"a": 1}}, "cast is not a list of names"),
        (FILM | {"cast": [1]}, "cast is not a list of names"),
    ],
)
def test_a_bad_film_is_refused_with_the_reason(film, reason):
    with pytest.raises(BadRow, match=reason):
        read_row(film)


@pytest.mark.parametrize("title", ["WALL·E", "wall-e", "Wall E"])
def test_spellings_of_one_title_have_one_key(title):
    assert title_key(title, 2008) == ("wall-e", 2008)


def test_titles_in_other_scripts_have_keys_of_their_own():
    assert title_key("Сталкер", 1979) != title_key("Зеркало", 1979)
