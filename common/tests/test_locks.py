from contextlib import ExitStack

import pytest

from common.locks import Locked, exclusive


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "test.lock"


@pytest.fixture
def holder(path):
    """A holder of the lock; for the operating system, each open file is another one."""
    with ExitStack() as stack:
        stack.enter_context(exclusive(path))
        yield stack


def test_lock_without_waiting_raises_if_it_is_held(path, holder):
    with pytest.raises(Locked, match=r"test\.lock"), exclusive(path, wait=False):
        pytest.fail("two hold the lock")


def test_waiting_is_reported_and_ends_when_the_lock_is_released(path, holder):
    with exclusive(path, on_wait=holder.close), pytest.raises(Locked), exclusive(path, wait=False):
        pass


def test_lock_is_free_after_the_block(path):
    for _ in range(2):
        with exclusive(path, wait=False):
            pass
