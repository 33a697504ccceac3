import time
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from itertools import islice

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from tqdm import tqdm

from common.locks import Locked
from mlmodel.sentiment.errors import SentimentError
from mlmodel.training.dask_cluster import ClusterLost
from movies.models import Verdict
from reviews import events
from reviews.models import RescoreRun
from reviews.rescoring import rescore as rescoring
from reviews.rescoring.lock import rescoring_lock
from reviews.rescoring.sources import choose, open_readings

SHOWN = 20  # films by name; nobody reads a list of a thousand
MAX_BATCH = 10_000  # a batch locks its films while it is written
GO_ON = "what is done stays done, and rescore goes on from there when it is run again"


def up_to(limit: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not 1 <= int(text) <= limit:
            raise ArgumentTypeError(f"{text} is not a number from 1 to {limit:,}")
        return int(text)

    return number


class Command(BaseCommand):
    help = (
        "Read the stored reviews again with the champion. Interrupted, it goes on where it was; "
        "labels that people settled stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--batch", type=up_to(MAX_BATCH), default=2000, help="how many at a time"
        )
        parser.add_argument("--release", metavar="VERSION", help="with this one, not the champion")
        parser.add_argument("--limit", type=up_to(10**12), help="stop after so many reviews")
        parser.add_argument("--dry-run", action="store_true", help="say what would change")
        parser.add_argument("--restart", action="store_true", help="from the first review again")
        parser.add_argument(
            "--dask", metavar="ADDRESS", help="read on this Dask cluster; `local` starts one here"
        )

    def handle(self, **options) -> None:
        try:
            with rescoring_lock():
                self.rescore(**options)
        except Locked as error:
            raise CommandError("another rescore is running; this one has done nothing") from error
        except rescoring.Superseded as error:
            raise CommandError(
                f"release {error} is the champion by now; run rescore again to read with that one"
            ) from error
        except ClusterLost as error:
            raise CommandError(f"{error}; {GO_ON}") from error
        except SentimentError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"the database failed: {str(error).strip()}; {GO_ON}") from error

    def rescore(self, *, batch, release, limit, dry_run, restart, dask, **options) -> None:
        reader = choose(release)
        begin = rescoring.draft_run if dry_run else rescoring.open_run
        run = begin(reader.release, restart=restart)
        if run.last_pk:
            self.stdout.write(f"going on after {run.n_read:,} reviews")
        n_waiting = rescoring.waiting(run).count()
        with open_readings(reader, dask) as read:
            readings = read(rescoring.batches(run, batch, limit))
            if dry_run:
                done = rescoring.preview(run, readings)
            else:
                done = rescoring.take_all(run, readings, pinned=bool(release))
            started = time.monotonic()
            n_done = self.show(done, min(n_waiting, limit or n_waiting))
            seconds = time.monotonic() - started
        self.report(run, n_done, seconds, dry_run=dry_run)
        if not dry_run:
            events.rescored(run, seconds)

    def show(self, done: Iterator[int], total: int) -> int:
        n_done = 0
        with tqdm(total=total, unit="review", disable=None) as bar:
            for n in done:
                n_done += n
                bar.update(n)
        return n_done

    def report(self, run: RescoreRun, n_done: int, seconds: float, *, dry_run: bool) -> None:
        say = self.stdout.write
        verb = "would be read" if dry_run else "read"
        say(f"{run.n_read:,} reviews {verb} with {run.release}")
        if n_done:
            speed = n_done / max(seconds, 1e-3)
            say(f"  {n_done:,} now, in {seconds:.1f} s: {speed:,.0f} reviews/s")
        for change, n in sorted(run.changes.items()):
            say(f"  {change:<24} {n:,}")
        if not run.changes:
            say("  no label changes")
        for n, what in (
            (run.n_settled, "settled by people: their label stays"),
            (run.n_left_alone, "left alone: rewritten, withdrawn or read anew meanwhile"),
            (run.n_failed, "left as they were: the scorer stumbled over them"),
        ):
            if n:
                say(f"  {n:,} {what}")
        if dry_run:
            return
        self.report_verdicts(run)
        if not run.finished_at:
            say(f"{rescoring.waiting(run).count():,} wait; run rescore again to go on")

    def report_verdicts(self, run: RescoreRun) -> None:
        changed = rescoring.changed_verdicts(run)
        n = changed.count()
        self.stdout.write(f"films whose verdict changed: {n:,}")
        for row in islice(changed, SHOWN):
            before, after = Verdict(row.verdict).label, row.movie.get_verdict_display()
            self.stdout.write(f"  {row.movie}: {before} -> {after}")
        if n > SHOWN:
            self.stdout.write(f"  and {n - SHOWN:,} more")
