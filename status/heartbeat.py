"""Each serving process tells now and then which model it serves, for the status page."""

import logging
import os
import socket
import threading
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from common.postgresql.deadline import deadline
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.serving.champion import get_refused, get_scorer
from observability import metrics, task_queue
from observability.logstash import find_handler
from status import patience

logger = logging.getLogger(__name__)

EVERY_S = 15.0
NOTE_EVERY_S = 2.0
IS_GONE = timedelta(seconds=60)
FORGOTTEN = timedelta(hours=1)
started_at = timezone.now()


def start() -> None:
    """After the fork: a thread does not survive one."""
    patience.start()
    threading.Thread(target=_beat, name="heartbeat", daemon=True).start()
    threading.Thread(target=_note, name="metrics", daemon=True).start()


def _beat() -> None:
    pause = threading.Event()
    while True:
        try:
            with deadline(connection, EVERY_S):
                tell()
        except Exception as error:  # whatever it is: a process that serves has a heart
            logger.debug("no heartbeat: %s", type(error).__name__)
        finally:
            connection.close()
        pause.wait(EVERY_S)


def _note() -> None:
    """Apart from the heartbeat, which waits for the database."""
    pause = threading.Event()
    while True:
        try:
            metrics.note_process()
        except Exception as error:  # no room for its file, say: there may be some later
            logger.debug("nothing noted: %s", type(error).__name__)
        pause.wait(NOTE_EVERY_S)


def tell() -> None:
    from status.models import ServingProcess

    now, handler, refused = timezone.now(), find_handler(), get_refused()
    queue = handler.state() if handler else {"waiting": 0, "dropped": 0}
    ServingProcess.objects.update_or_create(
        name=f"{socket.gethostname()}:{os.getpid()}"[:120],
        defaults={
            "started_at": started_at,
            "seen_at": now,
            "model_version": _version(),
            "refused_version": refused.version if refused else "",
            "n_waiting": queue["waiting"],
            "n_dropped": queue["dropped"] + task_queue.n_lost,
        },
    )
    ServingProcess.objects.filter(seen_at__lt=now - FORGOTTEN).delete()


def _version() -> str:
    try:
        return get_scorer().version
    except ModelUnavailable:
        return ""
