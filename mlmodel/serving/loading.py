"""Load the model of a release, or the pretrained model, from its folder."""

import logging
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from mlmodel.lifecycle.model_store import model_store
from mlmodel.lifecycle.releases import pretrained_name, record
from mlmodel.models import Promotion, Release
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.io.model_folder import folder_checksum
from mlmodel.sentiment.models.scorer import Scorer
from observability import tracing

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """A scorer and the release it belongs to."""

    scorer: Scorer
    release: Release | None  # None: the pretrained model, if the database cannot be reached


def load_release(release: Release) -> Served:
    """Load a release, check it against its checksum, and try it once.

    Raises
    ------
    ModelUnavailable
        If its folder is missing, damaged, or another model.
    """
    folder = model_store().find(release.checksum)
    return Served(_load(folder, checksum=release.checksum, version=release.version), release)


def load_earlier_champion(champion: Release) -> Served | None:
    """Return the newest champion before this one that can be loaded."""
    for pk in dict.fromkeys(reversed(Promotion.objects.champions())):
        if pk != champion.pk:
            try:
                return load_release(Release.objects.get(pk=pk))
            except ModelUnavailable as error:
                logger.warning("cannot load the previous champion: %s", error)
    return None


def load_pretrained() -> Served:
    folder = settings.PRETRAINED_MODEL
    scorer = _load(folder)
    release = _record(folder)
    scorer.version = release.version if release else pretrained_name(folder_checksum(folder))
    return Served(scorer, release)


def _load(folder: Path, **expected: str) -> Scorer:
    try:
        scorer = load_scorer(folder, **expected)
        scorer.predict("A good movie.")  # a model that fails at its first text must not serve
        return tracing.wrap_scorer(scorer)
    except ModelUnavailable:
        raise
    except Exception as error:
        # Damage of any kind must not keep a worker from starting.
        raise ModelUnavailable(f"{folder} cannot be loaded: {error!r}") from error


def _record(folder: Path) -> Release | None:
    """Return the release of the pretrained model, so that its predictions have a lineage."""
    try:
        return record(folder)
    except DatabaseError as error:
        logger.warning("cannot record the release of the pretrained model: %s", error)
        return None
