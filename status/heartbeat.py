"""Each serving process regularly records its state, for the status page and /metrics."""

import logging
import os
import socket
import threading
import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.serving.champion import get_failure, get_scorer
from observability import lost_events, metrics
from observability.logstash import find_handler
from status.models import ServingProcess

logger = logging.getLogger(__name__)

METRICS_INTERVAL_S = 2.0
RECORD_INTERVAL_S = 15.0
MISSING_AFTER = timedelta(seconds=60)
DELETED_AFTER = timedelta(hours=1)
started_at = timezone.now()


def start() -> None:
    """Start the thread; call this after the fork, which threads do not survive."""
    threading.Thread(target=run, name="heartbeat", daemon=True).start()


def run() -> None:
    next_record = 0.0
    while True:
        metrics.update_process_gauges()
        if time.monotonic() >= next_record:
            record_safely()
            next_record = time.monotonic() + RECORD_INTERVAL_S
        time.sleep(METRICS_INTERVAL_S)


def record_safely() -> None:
    try:
        record()
    except Exception as error:  # any error: the thread must not die
        logger.debug("Cannot record the heartbeat: %s", type(error).__name__)
    finally:
        connection.close()


def record() -> None:
    now, handler, failure = timezone.now(), find_handler(), get_failure()
    ServingProcess.objects.update_or_create(
        name=f"{socket.gethostname()}:{os.getpid()}"[:120],
        defaults={
            "started_at": started_at,
            "seen_at": now,
            "model_version": served_version(),
            "refused_version": failure.version if failure else "",
            "n_waiting": handler.n_waiting() if handler else 0,
            "n_dropped": lost_events.total(),
        },
    )
    ServingProcess.objects.filter(seen_at__lt=now - DELETED_AFTER).delete()


def served_version() -> str:
    try:
        return get_scorer().version
    except ModelUnavailable:
        return ""
