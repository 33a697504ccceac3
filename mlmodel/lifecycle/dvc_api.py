"""Fetch one file with DVC's Python API; importing it takes a second.

DVC's command line ends with the same exit code and the same text whether a file was never pushed,
is damaged, or its remote cannot be reached. The API says more; what it hides is looked up here.
"""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dvc.config import ConfigError, NoRemoteError
from dvc.data_cloud import Remote
from dvc.exceptions import CheckoutError, DvcException, FileTransferError, NotDvcRepoError
from dvc.lock import LockError
from dvc.repo import Repo
from dvc.scm import SCMError
from dvc.utils.serialize import ParseError

from mlmodel.error_summary import summarize
from mlmodel.lifecycle.lineage import check_for_conflict, file_md5, pointer_of
from mlmodel.sentiment.errors import CorpusError

LOGGERS = ("dvc", "dvc_data", "dvc_objects")


class TransferErrors(logging.Handler):
    """Collects the exceptions that DVC logs and then counts as "1 files failed to download"."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1]:
            self.errors.append(record.exc_info[1])


def fetch(path: Path, md5: str) -> None:
    """Write the file with this md5 to ``path``, from DVC's cache or the default remote.

    Raises
    ------
    CorpusError
        Says why not, and what to do.
    """
    path = path.absolute()
    try:
        with _captured_errors() as transfer, Repo(str(path.parent)) as repo:
            _fetch(repo, path, md5, transfer)
    except NotDvcRepoError as error:
        raise CorpusError(f"{path.parent} is in no DVC repository: run `dvc init` there") from error
    except SCMError as error:
        raise CorpusError(
            f"{summarize(error)}, which DVC expects: clone the repository with git, or run "
            "`dvc config --local core.no_scm true`"
        ) from error
    except ConfigError as error:
        raise CorpusError(f"DVC's configuration is wrong, correct .dvc/config: {error}") from error
    except ImportError as error:  # of the package for a kind of remote
        raise CorpusError(
            f"the DVC remote needs another package: {error}. "
            "Run `scripts/dev/install requirements-remotes.txt`"
        ) from error
    except OSError as error:
        raise CorpusError(f"{path.name} cannot be fetched: {summarize(error)}") from error


@contextmanager
def _captured_errors() -> Iterator[TransferErrors]:
    """Collect what DVC logs, instead of printing it."""
    handler = TransferErrors()
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger.handlers, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.handlers, logger.propagate = [handler], False
    try:
        yield handler
    finally:
        for logger, (handlers, propagate) in zip(loggers, before, strict=True):
            logger.handlers, logger.propagate = handlers, propagate


def _fetch(repo: Repo, path: Path, md5: str, transfer: TransferErrors) -> None:
    cache = repo.cache.local
    cached = Path(cache.oid_to_path(md5))
    is_cached = cached.exists()
    # Before the pull, which deletes a damaged object from a folder remote.
    is_in_remote = None if is_cached else _is_in_remote(repo, md5)
    try:
        repo.pull(targets=[str(path)])
    except LockError as error:
        raise CorpusError(
            f"{_lock_holder(repo, error)} uses this DVC repository: wait until it ends, or stop it"
        ) from error
    except (CheckoutError, FileTransferError) as error:
        if transfer.errors:
            reason = summarize(transfer.errors[0])
            raise CorpusError(f"{path.name} cannot be copied from the remote: {reason}") from error
        if is_in_remote is None:  # the cache's copy was damaged
            is_in_remote = _is_in_remote(repo, md5)
        raise _not_in_remote(repo, path, is_damaged=is_in_remote) from error
    except ParseError as error:  # of any .dvc file, dvc.yaml or dvc.lock
        broken = Path(os.path.abspath(error.path))
        check_for_conflict(broken, broken.read_text(encoding="utf-8"))
        raise CorpusError(
            f"{broken} is damaged: restore it with `git checkout {broken}`"
        ) from error
    except DvcException as error:
        if path.exists() and file_md5(path) != md5:
            raise CorpusError(
                f"{path} differs from {pointer_of(path).name}: run `dvc add` to track the new "
                "data, or train with --no-pull"
            ) from error
        raise CorpusError(f"`dvc pull {path.name}` failed: {summarize(error)}") from error
    if file_md5(path) != md5:  # DVC believes write-protected files of its cache
        origin = "DVC's cache" if is_cached else "the DVC remote"
        raise CorpusError(
            f"the copy of {path.name} in {origin} is damaged: run `rm {cached} {path}`, "
            + ("then pull again" if is_cached else "and `dvc push` where the data was added")
        )


def _is_in_remote(repo: Repo, md5: str) -> bool:
    try:
        remote = repo.cloud.get_remote()
    except NoRemoteError as error:
        raise CorpusError(
            "this repository has no default DVC remote: run `dvc remote add -d NAME FOLDER_OR_URL`"
        ) from error
    try:
        remote.fs.info(remote.odb.oid_to_path(md5))
    except FileNotFoundError as error:
        # HTTP remotes report every error as a missing file.
        if error.__cause__ and getattr(error.__cause__, "status", None) != 404:
            raise _unreachable(remote, error.__cause__) from error
        if remote.fs.protocol == "local" and not os.path.isdir(remote.path):
            raise CorpusError(
                f"the folder of the DVC remote, {remote.path}, does not exist: mount it, or name "
                f"the right one with `dvc remote modify --local {remote.name} url FOLDER`"
            ) from error
        return False
    except Exception as error:  # each kind of remote has its own
        raise _unreachable(remote, error) from error
    return True


def _unreachable(remote: Remote, error: BaseException) -> CorpusError:
    return CorpusError(
        f"the DVC remote {_address(remote)} cannot be reached: {summarize(error)}. Check its "
        "address (`dvc remote list`), the network and the credentials"
    )


def _not_in_remote(repo: Repo, path: Path, *, is_damaged: bool) -> CorpusError:
    address = _address(repo.cloud.get_remote())
    if is_damaged:
        fault = f"the copy of {path.name} in the DVC remote {address} is damaged"
    else:
        fault = (
            f"the data that {pointer_of(path)} names was never pushed to the DVC remote {address}"
        )
    return CorpusError(f"{fault}: run `dvc push` where the data was added")


def _address(remote: Remote) -> str:
    return re.sub(r"//[^/@]*@", "//", remote.path)  # without user and password


def _lock_holder(repo: Repo, error: LockError) -> str:
    # DVC names the process if it holds a file; the lock on the repository only contains its number.
    process = re.search(r"\(PID (\d+)\): (.*)", str(error))
    if process:
        return f"process {process[1]} ({process[2]})"
    try:
        number = Path(repo.tmp_dir, "lock").read_text(encoding="utf-8").strip()
    except OSError:
        number = ""
    return f"another DVC command (process {number})" if number else "another DVC command"
