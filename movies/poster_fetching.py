"""Fetch the posters of movies, and remember which addresses are dead.

Each result is stored at once, so that an interrupted run continues where it stopped.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils import timezone

from movies.models import DEAD_AFTER, Movie
from movies.posters.download import BusyError, Downloader, DownloadError, GoneError
from movies.posters.pictures import PictureError, keep, shrink

MAX_FAILURES_IN_A_ROW = 5  # then the host, or our network, is down


@dataclass(frozen=True, slots=True)
class Result:
    name: str = ""  # of the kept file
    problem: str = ""
    is_final: bool = False  # trying again does not help


@dataclass
class PosterRun:
    downloader: Downloader
    is_kept: bool = True  # False: only check the addresses

    def __post_init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.failures_in_a_row: Counter[str] = Counter()
        self.skipped_hosts: dict[str, str] = {}

    def fetch(self, movies: Iterator[Movie]) -> Iterator[tuple[Movie, str]]:
        """Fetch the posters; yield each movie and what is wrong with its address, if anything."""
        for movie in movies:
            host = urlsplit(movie.poster_url).netloc
            if host in self.skipped_hosts:
                self.counts["skipped"] += 1
                continue
            try:
                result = self._fetch_one(movie.poster_url)
            except BusyError as error:
                self.skipped_hosts[host] = str(error)
                self.counts["skipped"] += 1
                continue
            self._note_host(host, result)
            self._store(movie, result)
            yield movie, result.problem

    def _fetch_one(self, url: str) -> Result:
        try:
            picture = shrink(self.downloader.get(url))
            return Result(name=keep(picture) if self.is_kept else "")
        except BusyError:
            raise
        except (GoneError, PictureError) as error:
            return Result(problem=str(error), is_final=True)
        except DownloadError as error:
            return Result(problem=str(error))

    def _note_host(self, host: str, result: Result) -> None:
        is_failure = bool(result.problem) and not result.is_final
        self.failures_in_a_row[host] = self.failures_in_a_row[host] + 1 if is_failure else 0
        if self.failures_in_a_row[host] >= MAX_FAILURES_IN_A_ROW:
            self.skipped_hosts[host] = result.problem

    def _store(self, movie: Movie, result: Result) -> None:
        is_same = movie.poster_checked_url == movie.poster_url
        failures = movie.poster_failures + 1 if is_same else 1
        if result.is_final:
            failures = max(failures, DEAD_AFTER)
        if not result.problem:
            failures = 0
        kind = "dead" if failures >= DEAD_AFTER else "failed" if failures else "good"
        self.counts[kind] += 1
        # Not if a curator has changed the address since. update() leaves updated_at alone.
        Movie.objects.filter(pk=movie.pk, poster_url=movie.poster_url).update(
            poster_checked_url=movie.poster_url,
            poster_checked_at=timezone.now(),
            poster_file=result.name,
            poster_failures=failures,
            poster_problem=result.problem[:200],
        )
