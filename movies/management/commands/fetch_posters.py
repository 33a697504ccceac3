from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from common.arguments import positive, positive_number
from common.locks import Locked, exclusive
from movies.models import Movie
from movies.poster_fetching import PosterRun
from movies.posters.download import Downloader

N_AT_ONCE = 500


class Command(BaseCommand):
    help = (
        "Fetch the posters of movies once, shrink them and keep them in POSTER_DIR, and remember "
        "dead addresses. An interrupted run continues where it stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=positive, help="at most this many posters")
        parser.add_argument(
            "--pause",
            type=positive_number,
            default=1,
            help="seconds between two requests to one host (1)",
        )
        parser.add_argument(
            "--check", action="store_true", help="only find dead addresses, and keep no posters"
        )
        parser.add_argument(
            "--again", action="store_true", help="also posters that are kept and dead addresses"
        )
        parser.add_argument(
            "--contact",
            default=settings.SECURITY_CONTACT,
            help="your email address or page, for the other hosts (default: SECURITY_CONTACT)",
        )

    def handle(
        self, *, contact: str, pause: float, check: bool, again: bool, limit: int | None, **_: Any
    ) -> None:
        if not contact:
            raise CommandError(
                "Other hosts want to know who fetches their files: "
                "--contact mailto:you@example.com, or set SECURITY_CONTACT."
            )
        movies = Movie.objects.with_poster_address()
        if not again:
            movies = movies.with_poster_to_fetch(is_kept=not check)
        run = PosterRun(Downloader(f"RottenPotatoes/1.0 ({contact})", pause_s=pause), not check)
        try:
            with exclusive(settings.POSTER_DIR / ".lock", wait=False):
                self.fetch(run, movies.order_by("pk")[:limit])
        except Locked as error:
            raise CommandError("Another process is fetching posters.") from error
        self.report(run)

    def fetch(self, run: PosterRun, movies: Any) -> None:
        total = movies.count()
        results = run.fetch(movies.iterator(N_AT_ONCE))
        for movie, problem in tqdm(results, total=total, unit="poster", disable=None):
            if problem:
                tqdm.write(f"{movie}: {problem} ({movie.poster_url})", file=self.stdout)

    def report(self, run: PosterRun) -> None:
        for host, reason in run.skipped_hosts.items():
            self.stdout.write(f"{host} was skipped: {reason}")
        n = run.counts
        self.stdout.write(
            f"{n['good']:,} good, {n['dead']:,} dead, {n['failed']:,} to try again, "
            f"{n['skipped']:,} skipped."
        )
