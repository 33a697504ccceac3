"""Measure one thing in a process of its own and print the figures as JSON.

Usage: ``python -m benchmarks.one_process scorer|web|fit|emit [argument ...]``.
"""

import json
import os
import sys
import tempfile
import time

from benchmarks.measuring import peak_mb, resident_mb


def scorer() -> dict[str, float]:
    from benchmarks.reviews import MODEL
    from mlmodel.sentiment.io.loader import load_scorer

    before, start = resident_mb(), time.perf_counter()
    loaded = load_scorer(MODEL)
    load_s = time.perf_counter() - start
    loaded.predict("A good movie.")
    return {"before_mb": before, "load_s": load_s, "resident_mb": resident_mb()}


def web() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"VAR_DIR": folder, "DEBUG": "true", "DOTENV": os.devnull}
        os.environ["DATABASE_URL"] = "sqlite://:memory:"
        from django.core.management import call_command
        from django.test import Client

        from rottenpotatoes.wsgi import application  # noqa: F401

        call_command("migrate", verbosity=0)
        client = Client()
        client.get("/")
        client.post("/api/v1/predict/", {"text": "A good movie."}, "application/json")
        return {"resident_mb": resident_mb()}


def fit(algorithm: str, corpus: str, n_reviews: str) -> dict[str, float]:
    from pathlib import Path

    from mlmodel.sentiment.data.corpus import read_corpus
    from mlmodel.sentiment.models.algorithms import get_algorithm

    chosen, data = get_algorithm(algorithm), read_corpus(Path(corpus))
    texts, labels = data.texts[: int(n_reviews)], data.labels[: int(n_reviews)]
    before, start = resident_mb(), time.perf_counter()
    chosen.fit(texts, labels, seed=0, **chosen.defaults)
    return {
        "fit_s": time.perf_counter() - start,
        "before_mb": before,
        "peak_mb": peak_mb(),
        "n_reviews": len(texts),
    }


def emit(n_events: str) -> dict[str, float]:
    import django

    django.setup()
    from observability import events

    fields = {"method": "GET", "path": "movies:detail", "status": 200, "latency_ms": 12.3}
    fields |= {"database_ms": 4.5, "n_queries": 6, "user_id": None}
    times, cpu_start = [], time.process_time()
    for _ in range(int(n_events)):
        start = time.perf_counter()
        events.emit("REQUEST", **fields)
        times.append((time.perf_counter() - start) * 1e6)
    cpu_us = (time.process_time() - cpu_start) / len(times) * 1e6
    times.sort()
    return {
        "median_us": times[len(times) // 2],
        "p99_us": times[len(times) * 99 // 100],
        "cpu_us": cpu_us,
    }


if __name__ == "__main__":
    run = {"scorer": scorer, "web": web, "fit": fit, "emit": emit}[sys.argv[1]]
    print(json.dumps(run(*sys.argv[2:])))
