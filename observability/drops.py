"""Events that are lost: counted as it happens, for a killed process tells nothing afterwards.

Imported only where one is lost: no command is to wait for prometheus_client. It needs no more of
Django than gunicorn's main process has, which is its settings.
"""

from prometheus_client import Counter

DROPPED = Counter("rottenpotatoes_events_dropped", "Events that found no room, or were refused")
