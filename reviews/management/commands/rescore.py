import time
from collections.abc import Iterator
from itertools import islice

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from tqdm import tqdm

from common.arguments import positive
from common.locks import Locked
from mlmodel.sentiment.errors import SentimentError
from mlmodel.training.dask_cluster import ClusterLost
from movies.models import Verdict
from reviews import events
from reviews.models import RescoreRun
from reviews.rescoring import rescore as rescoring
from reviews.rescoring.lock import rescoring_lock
from reviews.rescoring.sources import load_source, open_predictor

N_SHOWN = 20  # movies listed by name
MAX_BATCH = 10_000  # the movies of a batch are locked while it is written
CONTINUE = "finished batches are kept; run rescore again to continue"


class Command(BaseCommand):
    help = (
        "Score the stored reviews again with the champion. An interrupted run continues where it "
        "stopped; labels set by people are kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--batch",
            type=positive,
            default=2000,
            help=f"reviews per transaction, at most {MAX_BATCH:,}",
        )
        parser.add_argument(
            "--release", metavar="VERSION", help="use this release instead of the champion"
        )
        parser.add_argument("--limit", type=positive, help="stop after this many reviews")
        parser.add_argument("--dry-run", action="store_true", help="report what would change")
        parser.add_argument(
            "--restart", action="store_true", help="start again from the first review"
        )
        parser.add_argument(
            "--dask", metavar="ADDRESS", help="score on this Dask cluster; `local` starts one"
        )

    def handle(self, **options) -> None:
        try:
            with rescoring_lock():
                self.rescore(**options)
        except Locked as error:
            raise CommandError("another rescore is running; nothing was done") from error
        except rescoring.Superseded as error:
            raise CommandError(
                f"release {error} has become champion; run rescore again to use it"
            ) from error
        except ClusterLost as error:
            raise CommandError(f"{error}; {CONTINUE}") from error
        except SentimentError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"the database failed: {str(error).strip()}; {CONTINUE}") from error

    def rescore(self, *, batch, release, limit, dry_run, restart, dask, **options) -> None:
        scorer, source = load_source(release)
        begin = rescoring.draft_run if dry_run else rescoring.open_run
        run = begin(source, restart=restart)
        if run.last_pk:
            self.stdout.write(f"continuing after {run.n_read:,} reviews")
        n_remaining = rescoring.remaining(run).count()
        with open_predictor(scorer, source, dask) as predict:
            scored = predict(rescoring.batches(run, min(batch, MAX_BATCH), limit))
            if dry_run:
                done = rescoring.dry_run(run, scored)
            else:
                done = rescoring.store_all(run, scored, pinned=bool(release))
            started = time.monotonic()
            n_done = self.show_progress(done, min(n_remaining, limit or n_remaining))
            seconds = time.monotonic() - started
        self.report(run, n_done, seconds, dry_run=dry_run)
        if not dry_run:
            events.rescored(run, seconds)

    def show_progress(self, done: Iterator[int], total: int) -> int:
        n_done = 0
        with tqdm(total=total, unit="review", disable=None) as bar:
            for n in done:
                n_done += n
                bar.update(n)
        return n_done

    def report(self, run: RescoreRun, n_done: int, seconds: float, *, dry_run: bool) -> None:
        say = self.stdout.write
        verb = "would be scored" if dry_run else "scored"
        say(f"{run.n_read:,} reviews {verb} with {run.release}")
        if n_done:
            speed = n_done / max(seconds, 1e-3)
            say(f"  {n_done:,} now, in {seconds:.1f} s: {speed:,.0f} reviews/s")
        for change, n in sorted(run.changes.items()):
            say(f"  {change:<24} {n:,}")
        if not run.changes:
            say("  no label changes")
        for n, note in (
            (run.n_settled, "with a label set by a person, which is kept"),
            (
                run.n_left_alone,
                "skipped: edited, withdrawn or scored by a newer release in the meantime",
            ),
            (run.n_failed, "unchanged: the scorer failed on them"),
        ):
            if n:
                say(f"  {n:,} {note}")
        if dry_run:
            return
        self.report_verdicts(run)
        if not run.finished_at:
            n_remaining = rescoring.remaining(run).count()
            say(f"{n_remaining:,} reviews remain; run rescore again to continue")

    def report_verdicts(self, run: RescoreRun) -> None:
        changed = rescoring.changed_verdicts(run)
        n = changed.count()
        self.stdout.write(f"movies whose verdict changed: {n:,}")
        for row in islice(changed, N_SHOWN):
            before, after = Verdict(row.verdict).label, row.movie.get_verdict_display()
            self.stdout.write(f"  {row.movie}: {before} -> {after}")
        if n > N_SHOWN:
            self.stdout.write(f"  and {n - N_SHOWN:,} more")
