"""Data versions with the real DVC, in a temporary repository with a temporary remote."""

import pytest
from django.conf import settings
from django.core.management import call_command, load_command_class
from dvc.repo import Repo

from mlmodel.lifecycle.data_pull import pull
from mlmodel.lifecycle.lineage import file_md5, git_state, lineage_of, pointer_md5
from mlmodel.models import Release
from mlmodel.tests.dvc_repository import DVC, add_and_push, make_repository, run
from mlmodel.training.dataset_versions import versions_of


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A repository with two versions of the data in its remote."""
    root = tmp_path_factory.mktemp("dvc")
    project = root / "project"
    make_repository(project, root / "remote")
    add_and_push(project, "review,sentiment\nFine.,positive\n", "data-v1")
    add_and_push(project, "review,sentiment\nDull.,negative\n", "data-v2")
    return project


@pytest.fixture
def clone(published, tmp_path):
    run(tmp_path, "git", "clone", "-q", str(published), "clone")
    return tmp_path / "clone"


def test_pull_fetches_the_data_of_the_commit(clone):
    assert pull(clone / "train.csv")
    assert (clone / "train.csv").read_text() == "review,sentiment\nDull.,negative\n"
    assert file_md5(clone / "train.csv") == pointer_md5(clone / "train.csv")


def test_an_older_commit_restores_its_data_byte_for_byte(clone):
    run(clone, "git", "checkout", "-q", "data-v1")
    pull(clone / "train.csv")
    assert (clone / "train.csv").read_text() == "review,sentiment\nFine.,positive\n"


def test_the_lineage_records_whether_data_is_tracked(clone):
    pull(clone / "train.csv")
    assert lineage_of(clone / "train.csv").dataset_tracked
    (clone / "train.csv").write_text("changed")
    assert not lineage_of(clone / "train.csv").dataset_tracked


def test_a_changed_work_tree_is_dirty(clone):
    commit, dirty = git_state(clone)
    assert (len(commit), dirty) == (40, False)
    (clone / ".dvcignore").write_text("*.tmp\n")
    assert git_state(clone) == (commit, True)


def test_output_of_the_pipeline_does_not_make_a_work_tree_dirty(clone):
    for name in ("dvc.lock", "metrics/gate.json"):
        (clone / name).parent.mkdir(exist_ok=True)
        (clone / name).write_text("{}")
        run(clone, "git", "add", name)
    assert git_state(clone)[1] is False


@pytest.mark.parametrize("stage", ["dataset", "train", "gate"])
def test_the_commands_of_the_pipeline_have_valid_options(stage):
    with Repo(settings.BASE_DIR) as repo:
        command_line = repo.stage.load_one(name=stage).cmd
    words = command_line.split(" > ")[0].split()
    assert words[:3] == ["scripts/dev/python", "manage.py", stage]
    command = load_command_class("mlmodel", stage)
    command.create_parser("manage.py", stage).parse_args(words[3:])


def test_outside_a_work_tree_the_environment_names_the_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_COMMIT", "c0ffee")
    assert git_state(tmp_path) == ("c0ffee", False)


@pytest.mark.django_db
def test_dataset_versions_in_git_are_listed_with_their_releases(clone):
    pull(clone / "train.csv")
    first, second = versions_of(clone / "train.csv")
    Release.objects.create(version="7", checksum="0", dataset_hash=first.md5)
    first, second = versions_of(clone / "train.csv")
    assert (first.version, first.n_reviews, first.releases) == ("1", 1, ["7"])
    assert (second.version, second.is_present, second.releases) == ("2", True, [])
    assert len(first.commit) == 40
    assert not first.is_present


@pytest.mark.django_db
def test_a_dataset_without_a_commit_is_listed_last(clone):
    (clone / "train.csv").write_text("mine")
    *known, mine = versions_of(clone / "train.csv")
    assert [version.is_present for version in known] == [False, False]
    assert (mine.version, mine.commit, mine.is_present) == ("", "", True)


@pytest.mark.django_db
def test_the_list_of_datasets_marks_an_older_version_after_checkout(clone):
    listed = {version.version: version for version in versions_of(clone / "train.csv")}
    run(clone, *DVC, "fetch", "--all-commits")
    run(clone, "git", "checkout", "-q", listed["1"].commit)
    run(clone, *DVC, "checkout")
    assert file_md5(clone / "train.csv") == listed["1"].md5
    assert [version.is_present for version in versions_of(clone / "train.csv")] == [True]


@pytest.mark.django_db
def test_without_git_only_the_present_dataset_is_listed(tmp_path, capsys):
    call_command("dataset", list=True, output=tmp_path / "train.csv")
    assert "No dataset yet" in capsys.readouterr().out
    (tmp_path / "train.csv").write_text("mine")
    call_command("dataset", list=True, output=tmp_path / "train.csv")
    assert file_md5(tmp_path / "train.csv") in capsys.readouterr().out
