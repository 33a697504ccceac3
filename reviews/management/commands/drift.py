from django.core.management.base import BaseCommand, CommandError

from common.arguments import positive
from mlmodel.monitoring.daily_profiles import WINDOW_DAYS, Drift, drift_of
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.monitoring.drift import Signal
from mlmodel.serving.champion import get_served
from reviews.daily_profiles import count_days


class Command(BaseCommand):
    help = "Update the profiles of the last days' reviews, and report drift."

    def add_arguments(self, parser):
        parser.add_argument(
            "--days", type=positive, default=WINDOW_DAYS, metavar="N", help="how many days to count"
        )

    def handle(self, *, days, **options):
        n_reviews = sum(day.n_reviews for day in count_days(days))
        self.stdout.write(f"{n_reviews:,} reviews of the last {days} days counted.")
        try:
            release = get_served().release
        except ModelUnavailable as error:
            raise CommandError(f"{error}; there is no model to compare them with.") from error
        if release is None:
            self.stdout.write("The current model has no release to compare them with.")
            return
        self.report(drift_of(release))

    def report(self, drift: Drift) -> None:
        self.stdout.write(
            f"{drift.release}, {drift.first} to {drift.last}: {drift.together.n:,} reviews"
        )
        for name, signal in (drift.signals or {}).items():
            self.stdout.write(line(name, signal))
        self.stdout.write(drift.status.message)


def line(name: str, signal: Signal) -> str:
    now = "–" if signal.now is None else f"{signal.now:.3f}"
    index = "" if signal.psi is None else f", index {signal.psi:.3f}"
    lost = f", unreadable {signal.unreadable:.3f}" if signal.unreadable else ""
    return f"  {name:11} {now:>8}, expected {signal.expected:.3f}{index}{lost}: {signal.state}"
