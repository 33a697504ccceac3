"""Events to Logstash, in the background; each process has a queue of its own.

python-logstash-async brings the handler and the transports. Its worker is not used: its queue has
no bound, and it formats in the thread that logs, waits seconds for a dead server at the end, and
loses events when several processes share its database.
"""

import logging
import os
import socket
import sqlite3
import ssl
import threading
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import requests
from django.core.exceptions import ImproperlyConfigured
from logstash_async.constants import constants
from logstash_async.handler import SynchronousLogstashHandler
from logstash_async.transport import HttpTransport, TcpTransport

from observability.event_queue import DiskQueue, MemoryQueue, Queue
from observability.redaction import Discreet

logger = logging.getLogger(__name__)

BATCH = 250
CONNECT_S, ANSWER_S = 2.0, 5.0
RETRY_S = 1.0
PAUSE_S = 0.2  # between looks into an empty queue
CLOSE_S = 0.9  # a process that ends waits no longer: a worker, and then gunicorn's main one
TOO_MUCH = {400, 413, 422}  # what is wrong with a batch will be wrong again


class Transport(Protocol):
    def send(self, events: list[bytes]) -> None: ...


class Refused(Exception):
    """The receiver does not take this batch, and never will."""


class HttpLines(HttpTransport):
    """Posts a batch as it is: the library's own parses and encodes every event again."""

    def __init__(self, auth: tuple[str, str] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._credentials = auth
        self._session = requests.Session()
        # No proxy stands between a site and its Logstash; whom to trust, LOGSTASH_CA_FILE says.
        self._session.trust_env = False

    def send(self, events: list[bytes], **options: Any) -> None:
        response = self._session.post(
            self.url,
            data=b"[" + b",".join(events) + b"]",
            headers={"Content-Type": "application/json"},
            verify=self._ssl_verify,
            timeout=(CONNECT_S, ANSWER_S),
            auth=self._credentials,
        )
        if response.status_code in TOO_MUCH:
            raise Refused(f"status {response.status_code}")
        response.raise_for_status()

    def close(self) -> None:
        self._session.close()


class TcpLines(TcpTransport):
    """JSON lines. What is on its way when the receiver dies is lost: TCP has no receipt."""

    _sock: socket.socket | None

    def _create_socket(self) -> None:
        if self._sock is None:  # the library's own speaks IPv4 alone
            self._sock = socket.create_connection((self._host, self._port), self._timeout)

    def send(self, events: list[bytes], **options: Any) -> None:
        super().send([event + b"\n" for event in events])


class Shipper(threading.Thread):
    """Sends what the queue holds; an event leaves the queue when the receiver has it."""

    def __init__(self, transport: Transport, queue: Queue) -> None:
        super().__init__(name="shipper", daemon=True)
        self.transport, self.queue = transport, queue
        self.n_sent = self.n_refused = 0
        self._stop_asked = threading.Event()
        self._problem = ""

    def run(self) -> None:
        while True:
            is_last = self._stop_asked.is_set()
            try:
                while self._ship() and not is_last:
                    is_last = self._stop_asked.is_set()
                pause = PAUSE_S
            except Exception as error:  # a dead, slow or odd receiver: the queue waits
                self._say(type(error).__name__)
                pause = RETRY_S
            if is_last:
                return
            self._stop_asked.wait(pause)

    def _ship(self) -> bool:
        """Send one batch; whether there was one."""
        keys, batch = self.queue.first(BATCH)
        if batch:
            self._send(batch)
            self.queue.remove(keys)
            self._say("")
        return bool(batch)

    def _send(self, batch: Sequence[bytes]) -> None:
        try:
            self.transport.send(list(batch))
            self.n_sent += len(batch)
        except Refused:
            if len(batch) == 1:
                self.n_refused += 1
                _count_dropped()
                return
            middle = len(batch) // 2
            self._send(batch[:middle])
            self._send(batch[middle:])

    def _say(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            if problem:
                logger.warning("Logstash takes nothing (%s); events wait", problem)
            else:
                logger.info("Logstash takes events again")

    def finish(self, timeout_s: float) -> None:
        """Send what can be sent in that time."""
        self._stop_asked.set()
        if self.is_alive():
            self.join(timeout_s)


class LogstashHandler(Discreet, SynchronousLogstashHandler):
    """Queues lines, and starts its process's shipper with the first."""

    _transport: Any
    forks_as = 0  # a process that forks: SQLite and its locks do not survive that

    def __init__(self, *, queue_dir: str = "", limit: int = 50_000, **options: Any) -> None:
        super().__init__(**options)
        self._options = {k: v for k, v in options.items() if k in ("path", "auth")}
        self._queue_dir, self._limit = queue_dir, limit
        self._shipper: Shipper | None = None
        self._told_of: Queue | None = None
        self._pid = self._n_failed = 0
        self._is_closed = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record).encode("utf-8", "replace")
            if not self._is_closed:
                self.put(line, self.shipper().queue)
        except Exception:
            self._n_failed += 1
            _count_dropped()
            self.handleError(record)

    def put(self, line: bytes, queue: Queue) -> None:
        queue.put(line)
        if queue.problem and queue is not self._told_of:
            self._told_of = queue  # first: the warning itself comes by here
            logger.warning(
                "LOGSTASH_QUEUE_DIR is of no use (%s): events wait in memory", queue.problem
            )

    def shipper(self) -> Shipper:
        """This process's; after a fork it is another one's."""
        if self._pid != os.getpid():
            with self.lock:  # type: ignore[union-attr]  # logging's: it is free after a fork
                if self._pid != os.getpid():
                    self._transport = None  # a connection of its own, too
                    self._setup_transport(**self._options)
                    self._shipper = Shipper(self._transport, self._make_queue())
                    self._shipper.start()
                    self._pid = os.getpid()
        assert self._shipper is not None  # noqa: S101
        return self._shipper

    def _make_queue(self) -> Queue:
        if not self._queue_dir or self.forks_as == os.getpid():
            return MemoryQueue(self._limit)
        try:
            return DiskQueue(self._limit, self._queue_dir)
        except (OSError, sqlite3.Error) as error:
            queue = MemoryQueue(self._limit)
            queue.problem = type(error).__name__
            return queue

    def state(self) -> dict[str, int]:
        """How many events wait, and how many were dropped, in this process."""
        if self._pid != os.getpid() or self._shipper is None:
            return {"waiting": 0, "dropped": self._n_failed}
        queue = self._shipper.queue
        n_dropped = queue.n_dropped + self._shipper.n_refused + self._n_failed
        return {"waiting": len(queue), "dropped": n_dropped}

    def close(self) -> None:
        """Without the handler's lock: nobody waits for a receiver that hangs."""
        if self._pid == os.getpid() and self._shipper is not None and not self._is_closed:
            self._is_closed = True
            self._shipper.finish(CLOSE_S)
            left = self._shipper.queue.close()
            if left:
                _say_lost(left)
        logging.Handler.close(self)


def _count_dropped(n: int = 1) -> None:
    from observability.drops import DROPPED

    DROPPED.inc(n)


def _say_lost(n: int) -> None:
    _count_dropped(n)
    # The log is closing: this is written past it.
    os.write(2, f"{n} events were not taken by Logstash, and are lost\n".encode())


def logstash_handler(
    url: str, *, queue_dir: str = "", limit: int = 50_000, ca_file: str = ""
) -> dict[str, Any]:
    """The handler for ``http(s)://`` or ``tcp://`` with a host and a port."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "tcp") or not parts.hostname or not _port(url):
        raise ImproperlyConfigured(
            "LOGSTASH_URL is no address: write http://host:port, https:// or tcp://."
        )
    constants.SOCKET_CLOSE_WAIT_TIMEOUT = 1.0  # the transport would wait 30 s for a dead server
    handler: dict[str, Any] = {
        "()": "observability.logstash.LogstashHandler",
        "host": parts.hostname,
        "port": parts.port,
        "ssl_enable": parts.scheme == "https",
        "queue_dir": queue_dir,
        "limit": limit,
    }
    if ca_file:
        handler["ssl_verify"] = _checked(ca_file, parts.scheme)
    if parts.scheme == "tcp":
        return handler | {"transport": "observability.logstash.TcpLines"}
    handler |= {"transport": "observability.logstash.HttpLines", "path": parts.path.lstrip("/")}
    if ":" in parts.hostname:
        handler["host"] = f"[{parts.hostname}]"
    if parts.username:
        handler["auth"] = (unquote(parts.username), unquote(parts.password or ""))
    return handler


def _checked(ca_file: str, scheme: str) -> str:
    if scheme != "https":
        raise ImproperlyConfigured("LOGSTASH_CA_FILE needs a LOGSTASH_URL of https://.")
    try:
        ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # of the file, or of what stands in it
        reason = error.strerror or type(error).__name__
        raise ImproperlyConfigured(f"LOGSTASH_CA_FILE cannot be read: {reason}.") from error
    return ca_file


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None


def find_handler() -> LogstashHandler | None:
    handlers = logging.getLogger().handlers
    return next((h for h in handlers if isinstance(h, LogstashHandler)), None)
