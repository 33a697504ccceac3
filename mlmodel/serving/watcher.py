"""A thread that polls the database for a new champion."""

import logging
import threading

from django.db import DatabaseError, connection

from mlmodel.serving.champion import holder

logger = logging.getLogger(__name__)

# A promotion has to reach every process within ten seconds, loading included.
POLL_EVERY_S = 3.0


def watch_for_champions() -> threading.Thread:
    """Poll for a new champion as long as this process lives.

    Call it after the fork: threads do not survive one.
    """
    thread = threading.Thread(target=_watch, name="champion-watch", daemon=True)
    thread.start()
    return thread


def _watch() -> None:
    pause = threading.Event()
    last_problem = ""
    while not pause.wait(POLL_EVERY_S):
        problem = poll_once()
        if problem and problem != last_problem:
            logger.warning("cannot poll for a new champion: %s", problem)
        last_problem = problem


def poll_once() -> str:
    """Reload the champion if it has changed, and return the problem, if any; never raise."""
    try:
        holder.reload_if_champion_changed()
        return ""
    except DatabaseError as error:
        return f"the database does not answer: {error}"
    except Exception as error:  # the watcher's thread must not end
        return repr(error)
    finally:
        # Kept between polls, it would be one more open connection for every process.
        connection.close()
