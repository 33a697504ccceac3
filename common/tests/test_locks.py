import subprocess
import sys

import pytest

from common.locks import Locked, exclusive

HOLD = """
import fcntl, sys
stream = open(sys.argv[1], "w")
fcntl.flock(stream, fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "test.lock"


@pytest.fixture
def other_process(path):
    path.parent.mkdir()
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"locked\n"
        yield process
        process.kill()


def test_lock_without_waiting_raises_if_another_process_holds_it(path, other_process):
    with pytest.raises(Locked, match=r"test\.lock"), exclusive(path, wait=False):
        pytest.fail("two processes hold the lock")


def test_lock_is_taken_when_the_other_process_ends(path, other_process):
    with exclusive(path, on_wait=other_process.kill):
        assert other_process.wait() != 0


def test_lock_is_free_after_the_block(path):
    for _ in range(2):
        with exclusive(path, wait=False):
            pass
