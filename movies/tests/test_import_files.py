import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from movies.importing import files
from movies.importing.files import FilmFile, ImportFileError


def films_of(path):
    return list(FilmFile(path).films())


@pytest.fixture
def write(tmp_path):
    def write_file(name: str, content: str | bytes):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


FILMS = [{"title": f"Film {n} [«é»]", "year": 1900 + n} for n in range(60)]


def test_json_is_read_film_by_film(write):
    assert films_of(write("films.json", json.dumps(FILMS, indent=2))) == FILMS


def test_a_film_may_lie_across_two_chunks(write, monkeypatch):
    path = write("films.json", json.dumps(FILMS))
    monkeypatch.setattr(files, "CHUNK_CHARS", 7)
    assert films_of(path) == FILMS


def test_gzip_is_recognised_whatever_the_name(write):
    assert films_of(write("films.json", gzip.compress(json.dumps(FILMS).encode()))) == FILMS


def test_an_empty_list_has_no_films(write):
    assert films_of(write("films.json", " [ ] ")) == []


def test_csv_from_a_spreadsheet_is_read(write):
    path = write("films.csv", '\ufefftitle,year\r\n"A, B",1999\r\n')
    assert films_of(path) == [{"title": "A, B", "year": "1999"}]


def test_a_csv_row_with_a_cell_too_many_or_too_few_is_no_film(write):
    assert films_of(write("films.csv", "title,year\nA,1999,x\nB\nC,2000\n"))[:2] == [None, None]


def test_the_position_ends_at_the_size(write):
    file = FilmFile(write("films.csv", "title,year\nA,1999\n"))
    list(file.films())
    assert file.position == file.size


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("films.txt", "", "neither .json nor .csv"),
        ("films.json", "", "not a JSON list"),
        ("films.json", '{"title": "A"}', "not a JSON list"),
        ("films.json", '[{"title": "A"}, {"ti', "ends in the middle"),
        ("films.json", '[{"title": "A"}', "ends in the middle"),
        ("films.json", '[{"title": "A"} {"title": "B"}]', "not JSON"),
        ("films.json", "[" * 100_000, "not JSON"),
        ("films.json", b'[{"title": "\xff"}]', "UTF-8"),
        ("films.json.gz", gzip.compress(json.dumps(FILMS).encode())[:-20], "truncated gzip"),
        ("films.json.gz", b"\x1f\x8b\x00broken", "truncated gzip"),
        ("films.csv", "", "wrong columns (none)"),
        ("films.csv", "name,year\nA,1999\n", "wrong columns (name, year)"),
        ("films.csv", "title,director,year\nA,B,1999\n", "wrong columns"),
        ("films.csv", "title,year,title\nA,1999,B\n", "wrong columns"),
        ("films.csv", "title,year\n" + "A" * 200_000 + ",1999\n", "not CSV (line"),
    ],
)
def test_a_bad_file_is_explained_in_one_sentence(write, name, content, reason):
    with pytest.raises(ImportFileError) as error:
        films_of(write(name, content))
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_explained(tmp_path):
    with pytest.raises(ImportFileError, match="No such file"):
        FilmFile(tmp_path / "none.json")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(), values)), st.integers(1, 9))
def test_any_list_is_read_as_json_reads_it(films, chunk_chars):
    import io
    from unittest.mock import patch

    with patch.object(files, "CHUNK_CHARS", chunk_chars):
        assert list(files._read_json(io.StringIO(json.dumps(films)))) == films
