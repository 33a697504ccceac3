"""Delivery of events to Logstash by one thread per process.

The transports are those of python-logstash-async. Its own worker is not used: its queue has no
limit, it formats in the thread that logs, it waits for seconds at exit if the server is down, and
it loses events if several processes share its database.
"""

import logging
import os
import socket
import ssl
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

import requests
from django.core.exceptions import ImproperlyConfigured
from logstash_async.constants import constants
from logstash_async.transport import HttpTransport, TcpTransport

from observability import lost_events
from observability.event_queue import EventQueue
from observability.redaction import SafeErrorHandler

logger = logging.getLogger(__name__)

BATCH_SIZE = 250
CONNECT_TIMEOUT_S, RESPONSE_TIMEOUT_S = 2.0, 5.0
RETRY_DELAY_S = 1.0
POLL_INTERVAL_S = 0.2
FLUSH_TIMEOUT_S = 0.9  # at exit; gunicorn's workers and then its main process wait this long
REJECTED = {400, 413, 422}  # the same batch would be rejected again


class BatchRejected(Exception):
    """The receiver will never accept this batch."""


class Transport(Protocol):
    def send(self, events: list[bytes]) -> None: ...


class HttpLines(HttpTransport):
    """Post a batch unchanged; the library parses and encodes every event again."""

    def __init__(self, auth: tuple[str, str] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._credentials = auth
        self._session = requests.Session()
        # Ignore proxies and certificates of the environment: LOGSTASH_CA_FILE is the setting.
        self._session.trust_env = False

    def send(self, events: list[bytes], **options: Any) -> None:
        response = self._session.post(
            self.url,
            data=b"[" + b",".join(events) + b"]",
            headers={"Content-Type": "application/json"},
            verify=self._ssl_verify,
            timeout=(CONNECT_TIMEOUT_S, RESPONSE_TIMEOUT_S),
            auth=self._credentials,
        )
        if response.status_code in REJECTED:
            raise BatchRejected(f"status {response.status_code}")
        response.raise_for_status()


class TcpLines(TcpTransport):
    """JSON lines. TCP has no receipt: events in transit are lost if the receiver dies."""

    _sock: socket.socket | None

    def _create_socket(self) -> None:
        if self._sock is None:  # the library supports IPv4 only
            self._sock = socket.create_connection((self._host, self._port), self._timeout)

    def send(self, events: list[bytes], **options: Any) -> None:
        super().send([event + b"\n" for event in events])


class Shipper(threading.Thread):
    """Sends the events of the queue; an event is removed once the receiver has it."""

    def __init__(self, transport: Transport, queue: EventQueue) -> None:
        super().__init__(name="event-shipper", daemon=True)
        self.transport, self.queue = transport, queue
        self._stopping = threading.Event()
        self._problem = ""

    def run(self) -> None:
        is_last_round = False
        while not is_last_round:
            is_last_round = self._stopping.is_set()
            try:
                while self.ship_batch():
                    pass
                delay = POLL_INTERVAL_S
            except Exception as error:  # any error of the receiver: keep the events and try again
                self._log_change(type(error).__name__)
                delay = RETRY_DELAY_S
            self._stopping.wait(0 if is_last_round else delay)

    def ship_batch(self) -> bool:
        """Send the oldest events. Return False if there are none."""
        batch = self.queue.first(BATCH_SIZE)
        if batch:
            self._send(batch)
            self.queue.remove(len(batch))
            self._log_change("")
        return bool(batch)

    def _send(self, batch: list[bytes]) -> None:
        try:
            self.transport.send(batch)
        except BatchRejected:
            if len(batch) == 1:
                lost_events.count("rejected")
                return
            middle = len(batch) // 2
            self._send(batch[:middle])
            self._send(batch[middle:])

    def _log_change(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            if problem:
                logger.warning("Cannot deliver events to Logstash (%s); queueing", problem)
            else:
                logger.info("Delivering events to Logstash again")

    def flush(self, timeout_s: float) -> None:
        """Deliver as many events as possible in that time, and stop."""
        self._stopping.set()
        if self.is_alive():
            self.join(timeout_s)


class LogstashHandler(SafeErrorHandler):
    """Queues log records; the first one starts the shipper of its process."""

    def __init__(
        self, make_transport: Callable[[], Transport], *, queue_dir: str = "", limit: int = 50_000
    ) -> None:
        super().__init__()
        self._make_transport, self._queue_dir, self._limit = make_transport, queue_dir, limit
        self._shipper: Shipper | None = None
        self._has_warned = self._is_closed = False
        self._pid = 0

    def emit(self, record: logging.LogRecord) -> None:
        try:
            event = self.format(record).encode("utf-8", "replace")
            if not self._is_closed:
                queue = self.shipper().queue
                queue.put(event)
                self._warn_once(queue.problem)
        except Exception:
            lost_events.count("not_formatted")
            self.handleError(record)

    def shipper(self) -> Shipper:
        """Return the shipper of this process; a fork starts its own."""
        if self._pid != os.getpid():
            with self.lock:  # type: ignore[union-attr]  # logging releases it after a fork
                if self._pid != os.getpid():
                    queue = EventQueue(self._limit, self._queue_dir)
                    self._shipper = Shipper(self._make_transport(), queue)
                    self._shipper.start()
                    self._pid = os.getpid()
        assert self._shipper is not None  # noqa: S101
        return self._shipper

    def _warn_once(self, problem: str) -> None:
        if problem and not self._has_warned:
            self._has_warned = True  # before the warning, which is an event, too
            logger.warning(
                "Cannot use LOGSTASH_QUEUE_DIR (%s); events are queued in memory", problem
            )

    def n_waiting(self) -> int:
        """Return the number of events in the queue of this process."""
        if self._shipper is None or self._pid != os.getpid():
            return 0
        return len(self._shipper.queue)

    def close(self) -> None:
        """Flush without the handler's lock, so that a receiver that hangs blocks no one."""
        if self._shipper and self._pid == os.getpid() and not self._is_closed:
            self._is_closed = True
            self._shipper.flush(FLUSH_TIMEOUT_S)
            if n_lost := self._shipper.queue.close():
                lost_events.count("process_ended", n_lost)
                # The log is closing: write past it.
                os.write(2, f"{n_lost} events were not delivered to Logstash\n".encode())
        super().close()


def handler_config(
    url: str, *, queue_dir: str = "", limit: int = 50_000, ca_file: str = ""
) -> dict[str, Any]:
    """Return the handler's entry for ``logging.config.dictConfig``.

    Raises
    ------
    ImproperlyConfigured
        If ``url`` is not ``http(s)://`` or ``tcp://`` with a host and a port, or ``ca_file``
        cannot be used.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "tcp") or not parts.hostname or not port_of(parts):
        raise ImproperlyConfigured(
            "LOGSTASH_URL is not valid: write http://host:port, https:// or tcp://."
        )
    return {
        "()": LogstashHandler,
        "make_transport": transport_factory(parts, ca_file),
        "queue_dir": queue_dir,
        "limit": limit,
    }


def transport_factory(url: SplitResult, ca_file: str) -> Callable[[], Transport]:
    constants.SOCKET_CLOSE_WAIT_TIMEOUT = 1.0  # the library waits 30 s for a dead server
    if ca_file:
        check_ca_file(ca_file, url.scheme)
    options: dict[str, Any] = {
        "host": url.hostname,
        "port": url.port,
        "ssl_enable": url.scheme == "https",
        "ssl_verify": ca_file or True,
    }
    if url.scheme == "tcp":
        unused = dict.fromkeys(("ssl_verify_flags", "keyfile", "certfile", "ca_certs"))
        return partial(TcpLines, timeout=constants.SOCKET_TIMEOUT, **options, **unused)
    if ":" in (url.hostname or ""):
        options["host"] = f"[{url.hostname}]"
    auth = (unquote(url.username), unquote(url.password or "")) if url.username else None
    return partial(HttpLines, path=url.path.lstrip("/"), auth=auth, **options)


def check_ca_file(ca_file: str, scheme: str) -> None:
    if scheme != "https":
        raise ImproperlyConfigured("LOGSTASH_CA_FILE needs a LOGSTASH_URL of https://.")
    try:
        ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # the file cannot be read, or is not a certificate
        reason = error.strerror or type(error).__name__
        raise ImproperlyConfigured(f"LOGSTASH_CA_FILE cannot be read: {reason}.") from error


def port_of(url: SplitResult) -> int | None:
    try:
        return url.port
    except ValueError:
        return None


def find_handler() -> LogstashHandler | None:
    handlers = logging.getLogger().handlers
    return next((h for h in handlers if isinstance(h, LogstashHandler)), None)
