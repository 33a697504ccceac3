"""Daily profiles of the site's reviews, compared with the data that a model was trained on."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.utils import timezone

from mlmodel.lifecycle.model_store import ModelStore, model_store
from mlmodel.models import DriftDay, Release
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.monitoring.baseline import Baseline, load_baseline
from mlmodel.sentiment.monitoring.drift import DriftStatus, Signal, compare, diagnose
from mlmodel.sentiment.monitoring.profile import Profile
from mlmodel.serving.champion import get_served

WINDOW_DAYS = 28  # four of each day of the week


@dataclass(frozen=True)
class Drift:
    """The reviews that one release scored in some weeks, by day and in total."""

    release: Release
    first: date
    last: date
    days: dict[date, Profile]
    reference: Baseline | None

    @property
    def together(self) -> Profile:
        return sum(self.days.values(), Profile.empty())

    @property
    def signals(self) -> dict[str, Signal] | None:
        return compare(self.together, self.reference) if self.reference else None

    @property
    def status(self) -> DriftStatus:
        return diagnose(self.signals)


def drift_of(release: Release) -> Drift:
    """Read the profiles that the ``drift`` command has counted; one query."""
    last = timezone.localdate()
    first = last - timedelta(days=WINDOW_DAYS - 1)
    rows = DriftDay.objects.filter(release=release, day__range=(first, last)).order_by("day")
    days = {}
    for row in rows:
        try:
            days[row.day] = Profile.from_dict(row.profile)
        except ValueError:
            continue  # counted by another version of this code, with other bins
    return Drift(release, first, last, days, reference_of(release))


def reference_of(release: Release) -> Baseline | None:
    """Return the profile of the reviews a release was trained on, if its model folder has one."""
    try:
        return _load_baseline(model_store(), release.checksum)
    except ModelUnavailable:
        return None


@lru_cache(maxsize=4)
def _load_baseline(store: ModelStore, checksum: str) -> Baseline | None:
    if checksum not in store:
        raise ModelUnavailable(f"there is no intact folder of model {checksum[:12]}")
    return load_baseline(store.find(checksum))


def latest_figures() -> dict[str, float]:
    """Return the drift of the release that serves as numbers; empty without a release.

    For each signal ``now``, ``expected``, ``psi`` and ``moved`` (0 or 1), if they are known.
    """
    try:
        release = get_served().release
    except ModelUnavailable:
        return {}
    if release is None:
        return {}
    drift = drift_of(release)
    figures: dict[str, float] = {
        "reviews": drift.together.n,
        "retrain": float(drift.status.retrain == "yes"),
    }
    for name, signal in (drift.signals or {}).items():
        values = {
            "now": signal.now,
            "expected": signal.expected,
            "psi": signal.psi,
            "moved": float(signal.has_moved),
        }
        figures |= {f"{name}_{key}": value for key, value in values.items() if value is not None}
    return figures
