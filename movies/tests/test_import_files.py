import gzip
import io
import json
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.importing import files
from common.importing.files import ImportFileError
from movies.importing.files import MovieFile

ROWS = [{"title": f"Movie {n} [«é»]", "year": 1900 + n} for n in range(60)]


def rows_of(path):
    return list(MovieFile(path).rows())


@pytest.fixture
def write(tmp_path):
    def write_file(name: str, content: str | bytes):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def test_gzip_is_recognised_without_its_suffix(write):
    assert rows_of(write("movies.json", gzip.compress(json.dumps(ROWS).encode()))) == ROWS


def test_csv_of_a_spreadsheet_is_read(write):
    path = write("movies.csv", '\ufefftitle,year\r\n"A, B",1999\r\n')
    assert rows_of(path) == [{"title": "A, B", "year": "1999"}]


def test_csv_row_with_a_wrong_number_of_cells_is_none(write):
    assert rows_of(write("movies.csv", "title,year\nA,1999,x\nB\nC,2000\n"))[:2] == [None, None]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("movies.txt", "", "neither .json nor .csv"),
        ("movies.json", "", "not a JSON list"),
        ("movies.json", '{"title": "A"}', "not a JSON list"),
        ("movies.json", '[{"title": "A"}, {"ti', "ends in the middle"),
        ("movies.json", '[{"title": "A"}', "ends in the middle"),
        ("movies.json", '[{"title": "A"} {"title": "B"}]', "not JSON"),
        ("movies.json", "[" * 100_000, "not JSON"),
        ("movies.json", b'[{"title": "\xff"}]', "UTF-8"),
        ("movies.json.gz", gzip.compress(json.dumps(ROWS).encode())[:-20], "truncated gzip"),
        ("movies.json.gz", b"\x1f\x8b\x00broken", "truncated gzip"),
        ("movies.csv", "", "wrong columns (none)"),
        ("movies.csv", "name,year\nA,1999\n", "wrong columns (name, year)"),
        ("movies.csv", "title,director,year\nA,B,1999\n", "wrong columns"),
        ("movies.csv", "title,year,title\nA,1999,B\n", "wrong columns"),
        ("movies.csv", "title,year\n" + "A" * 200_000 + ",1999\n", "not CSV (line"),
    ],
)
def test_error_of_a_bad_file_is_one_line_with_the_reason(write, name, content, reason):
    with pytest.raises(ImportFileError) as error:
        rows_of(write(name, content))
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(), values)), st.integers(1, 9))
def test_any_json_list_is_read_as_the_json_module_reads_it(rows, chunk_chars):
    with patch.object(files, "CHUNK_CHARS", chunk_chars):
        assert list(files._read_json(io.StringIO(json.dumps(rows)))) == rows
