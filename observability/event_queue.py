"""The events of one process that have not been delivered to Logstash."""

import json
import os
import secrets
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from common.locks import try_lock
from observability import lost_events


class EventQueue:
    """A bounded queue in memory, with a copy in a file if there is a folder.

    Any thread can put an event; only the shipper removes events. The file is there for the
    next process in case this one is killed: a process adopts the files that no living process
    holds. Events may be delivered twice after that; Elasticsearch recognizes their ``event_id``.
    """

    def __init__(self, limit: int, folder: str = "") -> None:
        self.limit = limit
        self.problem = ""  # why the file does not hold all events
        self._events: deque[bytes] = deque()
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._n_in_file = 0
        if folder:
            try:
                self._open(Path(folder))
            except OSError as error:
                self.problem = type(error).__name__

    def __len__(self) -> int:
        return len(self._events)

    def put(self, event: bytes) -> None:
        with self._lock:
            if len(self._events) >= self.limit:
                lost_events.count("queue_full")
                return
            self._events.append(event)
            if self._file:
                self._append(event + b"\n")

    def first(self, n: int) -> list[bytes]:
        # By index: an iterator fails if another thread puts an event.
        return [self._events[i] for i in range(min(n, len(self._events)))]

    def remove(self, n: int) -> None:
        with self._lock:
            for _ in range(n):
                self._events.popleft()
            # Delivered events stay in the file until then.
            if self._file and (not self._events or self._n_in_file > 2 * self.limit):
                self._rewrite()

    def close(self) -> int:
        """Return the number of events that are lost with this process."""
        with self._lock:
            if self._file is None:
                return len(self._events)
            if self.problem:
                self._rewrite()
            if not self._events:
                self._path.unlink(missing_ok=True)
            self._file.close()
            self._file = None  # the shipper may still be at work
            return len(self._events) if self.problem else 0

    def _open(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{os.getpid()}-{secrets.token_hex(4)}"
        # Locked before it has the name by which other processes look for files to adopt.
        new, self._path = folder / f"new-{name}", folder / f"events-{name}.jsonl"
        file = new.open("ab", buffering=0)
        try_lock(file)
        new.rename(self._path)
        self._file = file
        for path in sorted(folder.glob("events-*.jsonl")):
            if path != self._path:
                with suppress(OSError):  # it belongs to another user
                    self._adopt(path)

    def _adopt(self, path: Path) -> None:
        with path.open("r+b") as file:
            if not try_lock(file):
                return  # its process is alive
            if os.fstat(file.fileno()).st_nlink:  # another process has not adopted it
                for line in file:
                    if is_json(line):
                        self.put(line.rstrip(b"\n"))
                if not self.problem:
                    path.unlink()

    def _append(self, lines: bytes) -> None:
        assert self._file is not None  # noqa: S101
        size = os.fstat(self._file.fileno()).st_size
        try:
            if self._file.write(lines) != len(lines):
                raise OSError("the disk is full")
            self._n_in_file += lines.count(b"\n")
        except OSError as error:
            self.problem = type(error).__name__
            with suppress(OSError):
                self._file.truncate(size)  # an incomplete line

    def _rewrite(self) -> None:
        assert self._file is not None  # noqa: S101
        self.problem, self._n_in_file = "", 0
        with suppress(OSError):
            self._file.truncate(0)
        if self._events:
            self._append(b"".join(event + b"\n" for event in self._events))


def is_json(line: bytes) -> bool:
    """Return False for a line that was cut off."""
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
