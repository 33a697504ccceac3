"""Events that are lost: counted as it happens, for a killed process tells nothing afterwards.

Imported only where one is lost: no command is to wait for prometheus_client. Without Django, too:
gunicorn's main process has none.
"""

from prometheus_client import Counter

DROPPED = Counter("rottenpotatoes_events_dropped", "Events that found no room, or were refused")
