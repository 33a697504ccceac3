import errno
import json

import pytest
from django.core.management import CommandError, call_command

from mlmodel.lifecycle.lineage import file_md5
from mlmodel.sentiment.io import dataset_files
from mlmodel.tests.labelled import labelled_rows, write_csv


def test_the_command_prints_a_summary_and_the_next_steps(build, tmp_path):
    write_csv(tmp_path / "full_dataset.csv", labelled_rows(150))
    output = build(1)
    train = tmp_path / "train.csv"
    for piece in ("100 reviews", "50 positive, 50 negative", "no unusable rows", file_md5(train)):
        assert piece in output
    assert output.endswith(f"  dvc add {train}\n  dvc push\n")


def test_the_record_is_written_beside_the_dataset(build, tmp_path):
    source = write_csv(tmp_path / "any.csv", labelled_rows(120))
    build(1, source=source, output=tmp_path / "mine.csv")
    record = json.loads((tmp_path / "mine.json").read_text())
    assert record == {"version": 1, "md5": file_md5(tmp_path / "mine.csv"), "reviews": 100}


def test_unusable_rows_are_written_to_the_quarantine_file(build, tmp_path):
    rows = labelled_rows(150)
    rows[3]["sentiment"] = "meh"
    write_csv(tmp_path / "full_dataset.csv", rows)
    assert "1 unusable rows" in build(1)
    assert "meh" in (tmp_path / "train.quarantine.csv").read_text()


def test_a_missing_source_writes_no_dataset(build, tmp_path):
    with pytest.raises(CommandError, match="there is no file"):
        build(1)
    assert [path.name for path in tmp_path.iterdir()] == ["var"]


def test_the_old_dataset_is_kept_if_the_source_is_too_small(build, tmp_path):
    (tmp_path / "train.csv").write_text("yesterday's")
    write_csv(tmp_path / "full_dataset.csv", labelled_rows(40))
    with pytest.raises(CommandError, match=r"has 40 different .* version 1 needs 100"):
        build(1)
    assert (tmp_path / "train.csv").read_text() == "yesterday's"


def test_a_report_is_written_beside_the_dataset(build, tmp_path):
    write_csv(tmp_path / "full_dataset.csv", labelled_rows(150))
    build(1)
    assert (tmp_path / "report.md").read_text().startswith("# Dataset version 1\n")
    build(1, output=tmp_path / "mine.csv")
    assert (tmp_path / "mine.report.md").exists()


def test_a_build_needs_a_version(build):
    with pytest.raises(CommandError, match="which version"):
        call_command("dataset")


def test_the_old_dataset_is_kept_if_the_disk_is_full(build, tmp_path, monkeypatch):
    write_csv(tmp_path / "full_dataset.csv", labelled_rows(150))
    (tmp_path / "train.csv").write_text("yesterday's")

    def full(*args, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(dataset_files.csv, "writer", full)
    with pytest.raises(CommandError, match=r"train\.csv cannot be written: the disk is full$"):
        build(1)
    assert (tmp_path / "train.csv").read_text() == "yesterday's"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_check_writes_the_figures_that_dvc_compares(tmp_path):
    path = write_csv(tmp_path / "reviews.csv", labelled_rows(120, n_movies=30))
    call_command("dataset", check=path, metrics=tmp_path / "metrics" / "dataset.json")
    figures = json.loads((tmp_path / "metrics" / "dataset.json").read_text())
    assert figures["reviews"] == 120
    assert (figures["positive_share"], figures["movies"]) == (0.5, 30)


def test_a_check_fails_for_data_on_which_nothing_can_be_trained(tmp_path):
    path = write_csv(tmp_path / "reviews.csv", labelled_rows(10))
    with pytest.raises(CommandError, match="the data has 10 rows"):
        call_command("dataset", check=path, metrics=tmp_path / "dataset.json")
    assert not (tmp_path / "dataset.json").exists()


def test_a_pull_needs_a_dataset_that_the_commit_names(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    with pytest.raises(CommandError, match="this commit names no data: `dvc add"):
        call_command("dataset", pull=True)


def test_only_one_thing_is_done_at_a_time(tmp_path):
    with pytest.raises(CommandError, match="not allowed with argument"):
        call_command("dataset", "--list", "--pull")
