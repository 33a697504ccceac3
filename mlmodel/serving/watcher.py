"""How a running process learns of a new champion: it looks, now and then."""

import logging
import threading

from django.db import DatabaseError, connection

from mlmodel.serving import champion

logger = logging.getLogger(__name__)

# A promotion is to reach every process within ten seconds, loading included.
LOOK_EVERY_S = 3.0


def watch_for_champions() -> threading.Thread:
    """Look for a new champion as long as this process lives.

    To be called in a process that serves, after its fork: a thread does not survive one.
    """
    thread = threading.Thread(target=_watch, name="champion-watch", daemon=True)
    thread.start()
    return thread


def _watch() -> None:
    pause = threading.Event()
    said = ""
    while not pause.wait(LOOK_EVERY_S):
        problem = look()
        if problem and problem != said:
            logger.warning("no look at the champion: %s", problem)
        said = problem


def look() -> str:
    """One look; what was in the way, in words. It never raises: the next look may succeed."""
    try:
        champion.take_up_champion()
        return ""
    except DatabaseError as error:
        return f"the database does not answer: {error}"
    except Exception as error:
        return repr(error)
    finally:
        # Kept between looks, it would be one more open connection for every process.
        connection.close()
