"""Fetch the data that the commit names."""

from pathlib import Path

from mlmodel.lifecycle.lineage import file_md5, pointer_md5
from mlmodel.sentiment.errors import CorpusError


def pull(dataset: Path) -> bool:
    """Fetch the data of this commit with DVC; return False if it has none.

    A file that is there already is not fetched again: it needs neither DVC nor the remote.

    Raises
    ------
    CorpusError
        Says why the data cannot be fetched, and what to do.
    """
    md5 = pointer_md5(dataset)
    if not md5:
        return False
    if dataset.exists() and file_md5(dataset) == md5:
        return True
    try:
        # Start-up cost: a second. The web image does not contain DVC.
        from mlmodel.lifecycle import dvc_api  # noqa: PLC0415
    except ImportError as error:
        raise CorpusError(
            f"DVC is not installed here, and fetches {dataset}: run `make setup`, "
            "or train with --no-pull"
        ) from error
    dvc_api.fetch(dataset, md5)
    return True
