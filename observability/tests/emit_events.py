# ruff: noqa: T201, E402
"""A process that emits as many events as each line of its input says, and prints the total."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rottenpotatoes.settings")

import django

django.setup()

from observability import events, lost_events

n_emitted = 0
for line in sys.stdin:
    for _ in range(int(line)):
        events.emit("LOGIN_FAILED", path=f"{sys.argv[1]}-{n_emitted}")
        n_emitted += 1
    print(n_emitted, flush=True)
print(f"dropped: {lost_events.total()}", file=sys.stderr)
