import pytest
from django.core.management import CommandError, call_command

from movies.importing.importer import CatalogueImport, seed_movies
from movies.models import Movie

pytestmark = pytest.mark.django_db

FILM = {
    "title": "Amélie, «née» Poulain",
    "year": 2001,
    "directors": ["Jean-Pierre Jeunet"],
    "cast": ["Audrey Tautou", "Rufus, the"],
    "genres": ["Comedy", "Romance"],
    "synopsis": 'She says "oui".',
    "wikipedia_page": "Amélie",
}


@pytest.mark.parametrize("name", ["films.csv", "films.json", "films.csv.gz", "films.json.gz"])
def test_what_is_exported_is_imported_the_same(tmp_path, name):
    seed_movies()
    CatalogueImport().run([FILM])
    call_command("export_movies", tmp_path / name)
    before = list(Movie.objects.values_list("title", "year", "cast", "synopsis", "wikipedia_page"))
    Movie.objects.all().delete()
    call_command("import_movies", tmp_path / name)
    after = Movie.objects.values_list("title", "year", "cast", "synopsis", "wikipedia_page")
    assert list(after) == before
    call_command("export_movies", tmp_path / f"again-{name}")
    assert (tmp_path / f"again-{name}").read_bytes() == (tmp_path / name).read_bytes()


@pytest.mark.parametrize("option", [[], ["--overwrite"]])
def test_importing_the_export_changes_nothing(tmp_path, capsys, option):
    seed_movies()
    call_command("export_movies", tmp_path / "films.csv")
    call_command("import_movies", tmp_path / "films.csv", *option)
    assert "0 created, 0 updated" in capsys.readouterr().out


def test_an_empty_catalogue_is_a_file_that_can_be_imported(tmp_path, capsys):
    for name in ("films.csv", "films.json"):
        call_command("export_movies", tmp_path / name)
        call_command("import_movies", tmp_path / name)
        assert "0 created, 0 updated, 0 skipped" in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(CommandError, match="cannot be written: No such file"):
        call_command("export_movies", tmp_path / "no" / "films.csv")


def test_a_dry_run_shows_each_difference(tmp_path, capsys, make_movies):
    (tmp_path / "films.csv").write_text("title,year,runtime_min\nHeat,1995,170\nRan,1985,160\n")
    make_movies(1, title="Heat", year=1995)
    call_command("import_movies", tmp_path / "films.csv", "--dry-run")
    lines = capsys.readouterr().out.splitlines()
    assert set(lines[:2]) == {"~ Heat (1995): runtime_min: (nothing) -> 170", "+ Ran (1985)"}
    assert lines[2:] == ["Dry run, nothing was written:", "1 created, 1 updated, 0 skipped"]


def test_a_dry_run_of_many_shows_some(tmp_path, capsys):
    rows = "".join(f"Film {n},1990\n" for n in range(5))
    (tmp_path / "films.csv").write_text(f"title,year\n{rows}")
    call_command("import_movies", tmp_path / "films.csv", "--dry-run", "--show=2")
    assert "... and 3 more differences (--show)" in capsys.readouterr().out
