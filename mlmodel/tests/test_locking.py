import fcntl

import pytest

from common.locks import only_one


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def test_who_comes_second_is_told_and_waits(monkeypatch):
    told, flock = [], fcntl.flock
    with only_one("training") as path, path.open() as other:
        with pytest.raises(BlockingIOError):
            flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Waiting for ourselves would take for ever.
        monkeypatch.setattr(fcntl, "flock", lambda s, how: how & fcntl.LOCK_NB and flock(s, how))
        with only_one("training", waiting=lambda: told.append("wait")):
            pass
    assert told == ["wait"]


def test_it_is_free_again_afterwards():
    told = []
    for _ in range(2):
        with only_one("training", waiting=lambda: told.append("wait")):
            pass
    assert told == []
