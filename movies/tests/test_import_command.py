import json

import pytest
from django.core.management import CommandError, call_command

from movies.models import Movie

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "movies.json"
    path.write_text(json.dumps([{"title": f"Movie {n}", "year": 1990} for n in range(5)] + [{}]))
    return path


def test_import_prints_counts_and_the_reasons_for_skipped_rows(path, capsys):
    call_command("import_movies", path)
    out = capsys.readouterr()
    assert out.out.splitlines() == [
        "5 created, 0 updated, 1 skipped",
        "  skipped: missing title: 1 (first in row 6)",
    ]
    assert out.err == ""


def test_import_shows_a_progress_bar_on_stderr_with_progress(path, capsys):
    call_command("import_movies", path, "--progress", "--batch=2")
    assert "100%" in capsys.readouterr().err


def test_import_stops_after_limit_rows(path, capsys):
    call_command("import_movies", path, "--limit=2")
    assert Movie.objects.count() == 2


@pytest.mark.parametrize("option", ["--batch=0", "--limit=-1", "--batch=many"])
def test_import_rejects_a_number_below_1(path, option):
    with pytest.raises(CommandError, match="is not a number above 0"):
        call_command("import_movies", path, option)


def test_import_of_a_missing_file_fails_with_the_reason(tmp_path):
    with pytest.raises(CommandError, match="cannot be opened: No such file or directory"):
        call_command("import_movies", tmp_path / "movies.json")
