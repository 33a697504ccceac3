"""Measure how many stored reviews per second `manage.py rescore` scores, on a test database.

    DATABASE_URL=postgres://... python -m benchmarks.rescore [--reviews 50000] [--movies 2000]

Every review gets a random prediction first, so that labels change and every movie is recounted:
the most that a rescoring can have to write.
"""

import argparse
import csv
import os
import random
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rottenpotatoes.settings")
os.environ.setdefault("DEBUG", "true")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from mlmodel.models import Release  # noqa: E402
from mlmodel.sentiment.io.loader import load_scorer  # noqa: E402
from movies.models import Movie  # noqa: E402
from reviews import freshness  # noqa: E402
from reviews.models import MovieReview  # noqa: E402


def read_texts(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [row.get("review") or row["text"] for row in csv.DictReader(stream)]


def create_reviews(n_reviews: int, n_movies: int, texts: list[str]) -> None:
    generator = random.Random(0)
    movies = [Movie(title=f"Movie {number}", year=2000) for number in range(n_movies)]
    for movie in movies:
        movie.prepare()
    Movie.objects.bulk_create(movies)
    release = Release.objects.create(version="random", algorithm="none", checksum="0" * 64)

    def review(number: int) -> MovieReview:
        p = generator.random()
        label = "positive" if p >= 0.5 else "negative"
        return MovieReview(
            movie=generator.choice(movies),
            text=texts[number % len(texts)],
            p_positive=p,
            known_share=1.0,
            model_label=label,
            label=label,
            release=release,
        )

    reviews = (review(number) for number in range(n_reviews))
    MovieReview.objects.bulk_create(reviews, batch_size=1000)
    for movie in Movie.objects.all():
        freshness.recount(movie, save=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--reviews", type=int, default=50_000)
    parser.add_argument("--movies", type=int, default=2_000)
    parser.add_argument("--texts", type=Path, default=settings.DATA_DIR / "train.csv")
    parser.add_argument("--batch", type=int, default=2_000)
    args = parser.parse_args()
    texts = read_texts(args.texts)
    connection.settings_dict["TEST"]["NAME"] = "rottenpotatoes_bench_rescore"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        create_reviews(args.reviews, args.movies, texts)
        report_scorer(texts[:2_000])
        started, cpu = time.perf_counter(), time.process_time()
        call_command("rescore", batch=args.batch)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        speed = args.reviews / seconds
        print(f"{connection.vendor}: {speed:,.0f} reviews/s of wall time")
        # On a shared machine, wall time includes the load of other processes.
        print(f"  {args.reviews / cpu:,.0f} reviews/s of CPU time in this process")
        call_command("recount")
    finally:
        connection.creation.destroy_test_db("default", verbosity=0)


def report_scorer(texts: list[str]) -> None:
    scorer = load_scorer(settings.PRETRAINED_MODEL)
    started = time.process_time()
    scorer.predict_many(texts)
    speed = len(texts) / (time.process_time() - started)
    length = sum(map(len, texts)) / len(texts)
    print(f"the scorer alone: {speed:,.0f} reviews/s of {length:,.0f} characters")


if __name__ == "__main__":
    main()
