# ruff: noqa: T201, E402
"""A worker process: emits as many events as it is told to, and says when it has.

With ``measure`` it says instead how long an event cost the thread that emits it.
"""

import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rottenpotatoes.settings")

import django

django.setup()

from observability import events, logstash, task_queue

name, mode = sys.argv[1], sys.argv[2:]
task_queue.start()
n_told = 0
for line in sys.stdin:
    costs = []
    for _ in range(int(line)):
        started = time.perf_counter()
        events.emit("LOGIN_FAILED", path=f"{name}-{n_told}")
        costs.append(time.perf_counter() - started)
        n_told += 1
    task_queue.drain()
    if mode and costs:
        costs.sort()
        worst, mean = costs[-1] * 1e6, sum(costs) / len(costs) * 1e6
        print(f"{mean:.1f} us mean, {worst:.0f} us worst", flush=True)
    else:
        print(n_told, flush=True)
handler = logstash.find_handler()
if handler:
    print(handler.state(), file=sys.stderr)
