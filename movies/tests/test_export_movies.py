import pytest
from django.core.management import CommandError, call_command

from movies.importing.importer import MovieImport, seed_movies
from movies.models import Movie

pytestmark = pytest.mark.django_db

ROW = {
    "title": "Amélie, «née» Poulain",
    "year": 2001,
    "directors": ["Jean-Pierre Jeunet"],
    "cast": ["Audrey Tautou", "Rufus, the"],
    "genres": ["Comedy", "Romance"],
    "synopsis": 'She says "oui".',
    "wikipedia_page": "Amélie",
}


@pytest.mark.parametrize("name", ["movies.csv", "movies.json", "movies.csv.gz", "movies.json.gz"])
def test_export_is_imported_unchanged(tmp_path, name):
    seed_movies()
    MovieImport().run([ROW])
    call_command("export_movies", tmp_path / name)
    Movie.objects.all().delete()
    call_command("import_movies", tmp_path / name)
    call_command("export_movies", tmp_path / f"again-{name}")
    assert (tmp_path / f"again-{name}").read_bytes() == (tmp_path / name).read_bytes()


@pytest.mark.parametrize("option", [[], ["--overwrite"]])
def test_import_of_an_export_changes_nothing(tmp_path, capsys, option):
    seed_movies()
    call_command("export_movies", tmp_path / "movies.csv")
    call_command("import_movies", tmp_path / "movies.csv", *option)
    assert "0 created, 0 updated" in capsys.readouterr().out


def test_export_of_an_empty_catalogue_can_be_imported(tmp_path, capsys):
    for name in ("movies.csv", "movies.json"):
        call_command("export_movies", tmp_path / name)
        call_command("import_movies", tmp_path / name)
        assert "0 created, 0 updated, 0 skipped" in capsys.readouterr().out


def test_export_to_a_missing_folder_fails_with_the_reason(tmp_path):
    with pytest.raises(CommandError, match="cannot be written: No such file"):
        call_command("export_movies", tmp_path / "no" / "movies.csv")


def test_dry_run_prints_each_difference(tmp_path, capsys, make_movies):
    (tmp_path / "movies.csv").write_text("title,year,runtime_min\nHeat,1995,170\nRan,1985,160\n")
    make_movies(1, title="Heat", year=1995)
    call_command("import_movies", tmp_path / "movies.csv", "--dry-run")
    lines = capsys.readouterr().out.splitlines()
    assert set(lines[:2]) == {"~ Heat (1995): runtime_min: (nothing) -> 170", "+ Ran (1985)"}
    assert lines[2:] == ["Dry run, nothing was written:", "1 created, 1 updated, 0 skipped"]


def test_dry_run_prints_a_limited_number_of_differences(tmp_path, capsys):
    rows = "".join(f"Movie {n},1990\n" for n in range(5))
    (tmp_path / "movies.csv").write_text(f"title,year\n{rows}")
    call_command("import_movies", tmp_path / "movies.csv", "--dry-run", "--show=2")
    assert "... and 3 more differences (--show)" in capsys.readouterr().out
