"""The state of the model: whether it serves, champions, drift."""

from prometheus_client import Gauge

from mlmodel import metrics
from mlmodel.models import Release
from mlmodel.monitoring.daily_profiles import latest_figures
from mlmodel.serving import champion
from observability import events
from observability.metrics import add_process_gauges, add_site_gauge, lazy

model_refused = lazy(
    Gauge,
    "rottenpotatoes_model_refused",
    "Processes that cannot load the champion, or have no model at all",
    multiprocess_mode="livesum",
)


def register() -> None:
    events.subscribe(metrics.count_event)
    add_process_gauges(update)
    help = "Champion releases: 1, or 0 while the pretrained model serves"
    add_site_gauge("champions", help, n_champions)
    add_site_gauge("drift", "Difference between new reviews and training data", latest_figures)


def update() -> None:
    metrics.load_failures()  # a counter has to exist before it can increase
    model_refused().set(champion.get_failure() is not None or not champion.has_model())


def n_champions() -> int:
    return Release.objects.filter(is_champion=True).count()
