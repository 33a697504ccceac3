"""Which model a challenger is compared with: the one that serves now."""

from collections.abc import Iterator

from django.conf import settings

from mlmodel.lifecycle.model_store import model_store
from mlmodel.lifecycle.releases import record
from mlmodel.models import Promotion, Release
from mlmodel.sentiment.errors import ModelUnavailable


def serving_release() -> Release | None:
    """Return the release that serves now: promoted, or the one that came with the code."""
    return next(_candidates(), None)


def opponent_of(release: Release) -> Release | None:
    """Return what serves now or, for the release that serves, what would serve without it."""
    return next((each for each in _candidates() if each != release), None)


def _candidates() -> Iterator[Release]:
    """Yield intact releases in the order in which the site falls back to them."""
    keys = dict.fromkeys(reversed(Promotion.objects.champions()))
    champions = Release.objects.in_bulk(keys)
    store = model_store()
    for release in [Release.objects.champion(), *(champions[pk] for pk in keys)]:
        if release is not None and release.checksum in store:
            yield release
    try:
        yield record(settings.PRETRAINED_MODEL)
    except ModelUnavailable:
        return  # this code contains no model, or a damaged one
