import errno
import shutil

import pytest

from mlmodel.error_summary import summarize
from mlmodel.sentiment.errors import CorpusError


def wrapped(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (
            OSError(errno.ENOSPC, "No space left on device", "a.csv"),
            "the disk is full, a.csv cannot be written",
        ),
        (shutil.Error([("a", "b", "[Errno 28] No space left on device: 'b'")]), "the disk is full"),
        (wrapped(ValueError("autoflush"), OSError("database or disk is full")), "the disk is full"),
        (CorpusError("row 3 is empty"), "row 3 is empty"),
        (ValueError("one\ntwo"), "one"),
        (ValueError(), "ValueError"),
    ],
)
def test_error_summary_is_one_sentence(error, sentence):
    assert summarize(error) == sentence
