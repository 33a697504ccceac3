import json

import pytest
from django.core.management import CommandError, call_command

from movies.models import Movie

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "films.json"
    path.write_text(json.dumps([{"title": f"Film {n}", "year": 1990} for n in range(5)] + [{}]))
    return path


def test_the_summary_names_what_was_done_and_why_not(path, capsys):
    call_command("import_movies", path)
    out = capsys.readouterr()
    assert out.out.splitlines() == [
        "5 created, 0 updated, 1 skipped",
        "  skipped: missing title: 1",
    ]
    assert out.err == ""


def test_the_bar_is_drawn_on_stderr_when_asked_for(path, capsys):
    call_command("import_movies", path, "--progress", "--batch=2")
    assert "100%" in capsys.readouterr().err


def test_a_dry_run_says_so(path, capsys):
    call_command("import_movies", path, "--dry-run")
    assert "nothing was written" in capsys.readouterr().out
    assert not Movie.objects.exists()


def test_the_limit_counts_films(path, capsys):
    call_command("import_movies", path, "--limit=2")
    assert Movie.objects.count() == 2


@pytest.mark.parametrize("option", ["--batch=0", "--limit=-1", "--batch=many"])
def test_a_senseless_number_is_refused(path, option):
    with pytest.raises(CommandError, match="is not a number above 0"):
        call_command("import_movies", path, option)


def test_a_bad_file_is_one_sentence_of_error(tmp_path):
    with pytest.raises(CommandError, match="cannot be opened: No such file or directory"):
        call_command("import_movies", tmp_path / "films.json")
