"""Where events wait for Logstash: in memory, or on disk where they shall outlive the process."""

import fcntl
import os
import secrets
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any

Keys = tuple[int, int]  # how many, and the last one's number on the disk
DELETE_AGAIN_S = 5.0


class Queue:
    """Bounded, in order. Anybody puts in; only the shipper takes out."""

    n_dropped = 0
    problem = ""  # why events wait in memory although there is a folder

    def drop(self) -> None:
        from observability.drops import DROPPED

        self.n_dropped += 1
        DROPPED.inc()

    def __init__(self, limit: int, folder: str = "") -> None:
        self.limit = limit

    def __len__(self) -> int:
        raise NotImplementedError

    def put(self, line: bytes) -> None:
        raise NotImplementedError

    def first(self, n: int) -> tuple[Keys, list[bytes]]:
        raise NotImplementedError

    def remove(self, keys: Keys) -> None:
        raise NotImplementedError

    def close(self) -> int:
        """How many are lost with this process."""
        raise NotImplementedError


class MemoryQueue(Queue):
    def __init__(self, limit: int, folder: str = "") -> None:
        super().__init__(limit)
        self._lines: deque[bytes] = deque()

    def __len__(self) -> int:
        return len(self._lines)

    def put(self, line: bytes) -> None:
        if len(self._lines) < self.limit:
            self._lines.append(line)
        else:
            self.drop()

    def first(self, n: int) -> tuple[Keys, list[bytes]]:
        n = min(n, len(self._lines))
        # By number: an iterator does not survive what others put in meanwhile.
        return (n, 0), [self._lines[i] for i in range(n)]

    def remove(self, keys: Keys) -> None:
        for _ in range(keys[0]):
            self._lines.popleft()

    def close(self) -> int:
        return len(self._lines)


class DiskQueue(Queue):
    """A file of its own for each process; what a dead process left is taken over."""

    def __init__(self, limit: int, folder: str = "") -> None:
        super().__init__(limit)
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path = self._folder / f"events-{os.getpid()}-{secrets.token_hex(4)}.sqlite3"
        self._claim = _claim(self._path)
        self._lock = threading.Lock()
        self._rows = _open(self._path)
        self._n = 0
        self._sent_upto = 0  # up to this number they are on the disk only to be deleted
        self._delete_after = 0.0
        self._late: deque[bytes] = deque()
        for orphan in self._folder.glob("events-*.sqlite3"):
            if orphan != self._path:
                self._take_over(orphan)

    def __len__(self) -> int:
        return self._n + len(self._late)

    def put(self, line: bytes) -> None:
        with self._lock:
            if len(self) >= self.limit:
                self.drop()
            elif self._late or not self._insert(line):
                self._late.append(line)  # the newest: they go when those on the disk have gone

    def _insert(self, line: bytes) -> bool:
        try:
            self._rows.execute("INSERT INTO event (line) VALUES (?)", (line,))
        except sqlite3.Error as error:  # no room on the disk
            self.problem = type(error).__name__
            return False
        self._n += 1
        return True

    def first(self, n: int) -> tuple[Keys, list[bytes]]:
        with self._lock:
            self._delete_sent()
            query = "SELECT rowid, line FROM event WHERE rowid > ? ORDER BY rowid LIMIT ?"
            rows = self._rows.execute(query, (self._sent_upto, n)).fetchall()
            if not rows:
                lines = list(islice(self._late, n))
                return (len(lines), 0), lines
        return (len(rows), rows[-1][0]), [line for _, line in rows]

    def remove(self, keys: Keys) -> None:
        with self._lock:
            if not keys[1]:
                for _ in range(keys[0]):
                    self._late.popleft()
                return
            self._n -= keys[0]
            self._sent_upto = keys[1]
            self._delete_sent()

    def _delete_sent(self) -> None:
        if not self._sent_upto or time.monotonic() < self._delete_after:
            return
        try:
            self._rows.execute("DELETE FROM event WHERE rowid <= ?", (self._sent_upto,))
        except sqlite3.Error:  # on a full disk there is no room to delete, either
            self._delete_after = time.monotonic() + DELETE_AGAIN_S
        else:
            self._sent_upto = 0  # an empty table numbers from 1 again

    def close(self) -> int:
        """What is on the disk is not lost: the next process takes it over."""
        with self._lock:
            self._delete_after = 0.0
            self._delete_sent()
            self._rows.close()
            if self._n == 0:
                _delete(self._path)
            if self._claim:
                self._claim.close()
        return len(self._late)

    def _take_over(self, orphan: Path) -> None:
        try:
            claim = _claim(orphan)
        except OSError:
            return  # another user's
        if claim is None:
            return  # its process lives
        with claim, suppress(OSError, sqlite3.Error):
            if orphan.exists():
                with _reading(orphan) as rows:
                    lines = rows.execute("SELECT line FROM event ORDER BY rowid").fetchall()
                # All or none; a crash in between sends them twice, with the same ids.
                self._rows.execute("BEGIN")
                with self._rows:
                    self._rows.executemany("INSERT INTO event (line) VALUES (?)", lines)
                self._n += len(lines)
                _delete(orphan)


def _open(path: Path) -> sqlite3.Connection:
    rows = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=1)
    # Not fsynced: it outlives a killed process, which is what happens; not a power failure.
    rows.execute("PRAGMA journal_mode=WAL")
    rows.execute("PRAGMA synchronous=OFF")
    rows.execute("CREATE TABLE IF NOT EXISTS event (line BLOB NOT NULL)")
    return rows


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    rows = _open(path)
    try:
        yield rows
    finally:
        rows.close()


def _claim(path: Path) -> IO[Any] | None:
    """The lock on a queue, or None where a living process holds it; gone with the process."""
    claim = path.with_suffix(".lock").open("w")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return claim
    except OSError:
        claim.close()
        return None


def _delete(path: Path) -> None:
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm"), path.with_suffix(".lock")):
        with suppress(FileNotFoundError):
            name.unlink()
