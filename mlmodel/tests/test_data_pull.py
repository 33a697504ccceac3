"""Each way in which fetching data fails has its own message, with the real DVC."""

import re
import shutil
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from dvc_objects.fs.local import LocalFileSystem

from mlmodel.lifecycle.data_pull import pull
from mlmodel.sentiment.errors import CorpusError
from mlmodel.tests.dvc_repository import DVC, add_and_push, make_repository, run
from tests.support import free_port

CONTENT = "review,sentiment\nFine.,positive\n"
# Holds DVC's lock on a repository until its input is closed.
HOLD_LOCK = """
import sys
from dvc.repo import Repo
with Repo(sys.argv[1]) as repo, repo.lock:
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A folder with a repository and the remote of its data."""
    root = tmp_path_factory.mktemp("published")
    make_repository(root / "project", root / "remote")
    add_and_push(root / "project", CONTENT, "data-v1")
    return root


@pytest.fixture
def clone(published, tmp_path):
    """A fresh clone, with a remote of its own."""
    run(tmp_path, "git", "clone", "-q", published / "project", "clone")
    shutil.copytree(published / "remote", tmp_path / "remote")
    use_remote(tmp_path / "clone", tmp_path / "remote")
    return tmp_path / "clone"


def use_remote(clone, url):
    (clone / ".dvc" / "config.local").write_text(f"['remote \"local\"']\n    url = {url}\n")


def object_in(folder):
    [found] = (folder / "files" / "md5").glob("*/*")
    return found


def failure(clone):
    with pytest.raises(CorpusError) as caught:
        pull(clone / "train.csv")
    return str(caught.value)


def test_a_file_that_is_there_needs_neither_dvc_nor_the_remote(clone):
    (clone / "train.csv").write_text(CONTENT)
    shutil.rmtree(clone / ".dvc")
    assert pull(clone / "train.csv")


def test_data_that_dvc_does_not_track_is_not_pulled(tmp_path):
    assert not pull(tmp_path / "demo_reviews.csv")


def test_changed_data_is_not_overwritten(clone):
    (clone / "train.csv").write_text("mine")
    assert re.search(r"run `dvc add`.* or train with --no-pull", failure(clone))
    assert (clone / "train.csv").read_text() == "mine"


def test_data_that_was_never_pushed(clone, tmp_path):
    object_in(tmp_path / "remote").unlink()
    message = failure(clone)
    assert "train.csv.dvc names was never pushed to the DVC remote" in message
    assert f"{tmp_path / 'remote'}: run `dvc push`" in message


def test_a_remote_folder_that_does_not_exist(clone, tmp_path):
    use_remote(clone, tmp_path / "absent")
    message = failure(clone)
    assert f"the folder of the DVC remote, {tmp_path / 'absent'}, does not exist" in message
    assert "`dvc remote modify --local local url FOLDER`" in message


def test_a_damaged_copy_in_the_remote(clone, tmp_path):
    damaged = object_in(tmp_path / "remote")
    damaged.chmod(0o644)
    damaged.write_text("damaged")
    message = failure(clone)
    assert "the copy of train.csv in the DVC remote" in message
    assert "is damaged: run `dvc push` where the data was added" in message


def test_a_damaged_copy_in_the_cache(clone, tmp_path):
    pull(clone / "train.csv")
    (clone / "train.csv").unlink()
    damaged = object_in(clone / ".dvc" / "cache")
    damaged.chmod(0o644)
    damaged.write_text("damaged")
    damaged.chmod(0o444)  # DVC trusts a write-protected file
    message = failure(clone)
    command = re.search(r"in DVC's cache is damaged: run `(rm [^`]+)`, then pull again", message)
    run(clone, *command[1].split())
    assert pull(clone / "train.csv")
    assert (clone / "train.csv").read_text() == CONTENT


def test_a_cache_that_cannot_be_written(clone):
    (clone / ".dvc" / "cache" / "files").mkdir(parents=True)
    (clone / ".dvc" / "cache" / "files" / "md5").touch()
    assert "Not a directory" in failure(clone)


@pytest.mark.parametrize("name", ["127.0.0.1", "user:password@127.0.0.1"])
def test_a_remote_that_does_not_answer(clone, name):
    use_remote(clone, f"http://{name}:{free_port()}/data")
    message = failure(clone)
    assert re.search(r"the DVC remote http://127\S+ cannot be reached: Cannot connect", message)
    assert "password" not in message


@pytest.fixture
def web_server(tmp_path):
    """Serves the remote over HTTP; requests below /private are refused."""

    class Handler(SimpleHTTPRequestHandler):
        def send_head(self):
            if self.path.startswith("/private"):
                return self.send_error(401)
            return super().send_head()

        def log_message(self, *arguments):
            pass

    handler = partial(Handler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_remote_that_refuses_the_credentials(clone, web_server):
    use_remote(clone, f"{web_server}/private")
    message = failure(clone)
    assert "cannot be reached: 401, message='Unauthorized'" in message
    assert "the credentials" in message


def test_a_web_server_without_the_data(clone, web_server):
    use_remote(clone, f"{web_server}/empty")
    assert f"was never pushed to the DVC remote {web_server}/empty" in failure(clone)


def test_a_damaged_copy_on_a_web_server(clone, web_server, tmp_path):
    damaged = object_in(tmp_path / "remote")
    damaged.chmod(0o644)
    damaged.write_text("damaged")
    use_remote(clone, f"{web_server}/remote")
    assert "the copy of train.csv in the DVC remote is damaged" in failure(clone)


def test_a_remote_whose_package_is_missing(clone):
    use_remote(clone, "gdrive://folder/data")
    message = failure(clone)
    assert "dvc-gdrive" in message


def test_a_repository_without_a_remote(clone):
    run(clone, *DVC, "remote", "default", "--unset")
    assert "no default DVC remote: run `dvc remote add -d" in failure(clone)


def test_a_configuration_that_cannot_be_read(clone):
    (clone / ".dvc" / "config").write_text("[[[")
    assert "DVC's configuration is wrong, correct .dvc/config" in failure(clone)


def test_a_repository_that_another_process_locks(clone):
    command = [sys.executable, "-c", HOLD_LOCK, clone]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        process.stdout.readline()
        message = failure(clone)
        process.stdin.close()
    assert f"(process {process.pid}) uses this DVC repository: wait until it ends" in message


def test_a_merge_conflict_in_the_pointer(clone):
    pointer = clone / "train.csv.dvc"
    mine = pointer.read_text()
    pointer.write_text(f"<<<<<<< HEAD\n{mine}=======\n{mine}>>>>>>> theirs\n")
    assert f"{pointer} has a merge conflict: keep one version" in failure(clone)


@pytest.mark.parametrize("name", ["gold.csv.dvc", "dvc.yaml"])
def test_a_merge_conflict_in_another_file_of_dvc(clone, name):
    (clone / name).write_text("<<<<<<< HEAD\nstages: {}\n=======\nouts: []\n>>>>>>> theirs\n")
    assert f"{clone / name} has a merge conflict: keep one version" in failure(clone)


def test_another_damaged_file_of_dvc(clone):
    (clone / "dvc.yaml").write_text("stages: [\n")
    assert f"{clone / 'dvc.yaml'} is damaged: restore it" in failure(clone)


def test_a_damaged_pointer(clone):
    (clone / "train.csv.dvc").write_text("outs: [\n")
    assert re.search(
        r"train\.csv\.dvc is damaged .*: restore it with `git checkout", failure(clone)
    )


def test_a_folder_without_git(clone):
    shutil.rmtree(clone / ".git")
    assert "is not a git repository, which DVC expects" in failure(clone)


def test_a_folder_without_dvc(clone):
    shutil.rmtree(clone / ".dvc")
    assert f"{clone} is in no DVC repository" in failure(clone)


def test_an_installation_without_dvc(clone, monkeypatch):
    monkeypatch.delattr("mlmodel.lifecycle.dvc_api", raising=False)
    monkeypatch.setitem(sys.modules, "mlmodel.lifecycle.dvc_api", None)
    assert "DVC is not installed here" in failure(clone)


def test_a_full_disk(clone, monkeypatch):
    def full(*arguments, **options):
        with open("/dev/full", "w") as stream:
            stream.write("x")

    monkeypatch.setattr(LocalFileSystem, "put_file", full)
    assert "train.csv cannot be copied from the remote: the disk is full" in failure(clone)
