"""This process's scorer: the champion, or what the repository brings; swapped while it serves."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from mlmodel.lifecycle.releases import record
from mlmodel.models import Promotion, Release
from mlmodel.monitoring import events
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.io.model_folder import folder_checksum
from mlmodel.sentiment.models.scorer import Scorer
from observability import tracing

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """A scorer with the release it belongs to, which always travel together."""

    scorer: Scorer
    release: Release | None  # None: the pretrained model, before the database knows it


@dataclass(frozen=True, slots=True)
class Refused:
    """A champion that this process cannot serve, and why."""

    version: str
    reason: str


@dataclass(slots=True)
class _Pin:
    served: Served | None = None


_lock = threading.Lock()
_served: Served | None = None
_refused: Refused | None = None
_pin: ContextVar[_Pin | None] = ContextVar("pin", default=None)
_retry_at = 0.0
_said = ""  # why there is no model at all
RETRY_AFTER_S = 5.0  # looking for a model that is not there must not slow every page


@contextmanager
def one_model() -> Iterator[None]:
    """Within the block ``get_served`` gives one model, whatever is promoted meanwhile."""
    token = _pin.set(_Pin())
    try:
        yield
    finally:
        _pin.reset(token)


def get_served() -> Served:
    """What reads reviews in this process.

    Raises
    ------
    ModelUnavailable
        If neither the champion nor the pretrained model can be loaded.
    """
    pin = _pin.get()
    if pin is None:
        return _present()
    if pin.served is None:
        pin.served = _present()
    return pin.served


def _present() -> Served:
    served = _served
    if served is not None:
        return served
    if time.monotonic() < _retry_at:
        raise ModelUnavailable("no model could be loaded a moment ago")
    return reload()


def has_model() -> bool:
    """Whether one serves by now; it loads none."""
    return _served is not None


def get_scorer() -> Scorer:
    return get_served().scorer


def get_refused() -> Refused | None:
    """The champion that should serve in this process and does not, if there is one."""
    return _refused


def reload() -> Served:
    """Load the champion, or else what came with the code.

    Raises
    ------
    ModelUnavailable
        If there is neither; for ``RETRY_AFTER_S`` nobody tries again.
    """
    global _served, _retry_at, _said
    with _lock:
        started = time.perf_counter()
        before = _served.scorer.version if _served else None
        try:
            _served = _load()
        except ModelUnavailable as error:
            _retry_at = time.monotonic() + RETRY_AFTER_S
            if _said != (reason := _reason(error)):  # once, and not at every look
                _said = reason
                events.refused(None, reason)
            raise
        _said = ""
        events.loaded(_served.scorer.version, before, time.perf_counter() - started)
        return _served


def warm_up() -> None:
    """Load the model before the first request; a process without one serves all the same."""
    try:
        reload()
    except ModelUnavailable as error:
        logger.error("no sentiment model: %s; reviews are stored unread", error)


def take_up_champion() -> None:
    """Swap to the champion if another model serves; if it cannot be loaded, what serves stays.

    Requests keep the model that they have taken: the swap is one reference.
    """
    global _served
    served = _served
    if served is None:
        reload()
        return
    champion = Release.objects.filter(is_champion=True).only("pk", "version", "checksum").first()
    if champion is None or (
        served.release == champion and served.release.checksum == champion.checksum
    ):
        _refuse(None)
        return
    started = time.perf_counter()
    with _lock:
        try:
            _served = _load_release(Release.objects.get(pk=champion.pk))
        except ModelUnavailable as error:
            _refuse(Refused(champion.version, _reason(error)), instead=served)
            return
    _refuse(None)
    logger.info("process %d took up release %s", os.getpid(), champion.version)
    before = served.scorer.version
    events.loaded(champion.version, before, time.perf_counter() - started)


def _reason(error: ModelUnavailable) -> str:
    # Shown to everybody: where this machine keeps its files is nobody's business.
    return str(error).replace(f"{settings.MODEL_STORE}{os.sep}", "model ")


def _refuse(refused: Refused | None, *, instead: Served | None = None) -> None:
    global _refused
    if refused is not None and refused != _refused:  # said once, and not at every look
        events.refused(refused.version, refused.reason)
        logger.warning(
            "release %s cannot be loaded: %s; %s serves on",
            refused.version,
            refused.reason,
            instead.scorer.version if instead else "an earlier model",
        )
    _refused = refused


@contextmanager
def use(served: Served | None) -> Iterator[None]:
    """Serve this instead, within the block."""
    global _served, _retry_at, _refused, _said
    before = _served, _retry_at, _refused, _said
    _served, _retry_at, _refused, _said = served, 0.0, None, ""
    try:
        yield
    finally:
        _served, _retry_at, _refused, _said = before


def _champion() -> Release | None:
    try:
        return Release.objects.champion()
    except DatabaseError as error:
        # Not migrated yet, or not reachable: the pretrained model needs no database.
        logger.warning("the champion is not known: %s", error)
        return None


def _load() -> Served:
    champion = _champion()
    if champion is None:
        return _pretrained()
    try:
        served = _load_release(champion)
        _refuse(None)
        return served
    except ModelUnavailable as error:
        _refuse(Refused(champion.version, _reason(error)))
    return _last_good(champion) or _pretrained()


def _last_good(champion: Release) -> Served | None:
    """The newest champion before this one that can be loaded."""
    seen = {champion.pk}
    for pk in reversed(Promotion.objects.champions()):
        if pk in seen:
            continue
        seen.add(pk)
        try:
            return _load_release(Release.objects.get(pk=pk))
        except ModelUnavailable as error:
            logger.warning("nor can the champion before it: %s", error)
    return None


def _load_release(release: Release) -> Served:
    """A release, checked against its checksum and tried once.

    Raises
    ------
    ModelUnavailable
        If its folder is missing, damaged, or another model.
    """
    expected = {"checksum": release.checksum, "version": release.version}
    try:
        scorer = _read(settings.MODEL_STORE / release.checksum, **expected)
    except ModelUnavailable as error:
        # An image may bring the champion as its own model, without a store beside it.
        try:
            scorer = _read(settings.PRETRAINED_MODEL, **expected)
        except ModelUnavailable:
            raise error from None
    return Served(scorer, release)


def _read(folder: Path, **expected: str) -> Scorer:
    try:
        scorer = load_scorer(folder, **expected)
        scorer.predict("A film.")  # what fails at its first text must not become what serves
        return tracing.wrap_scorer(scorer)
    except ModelUnavailable:
        raise
    except Exception as error:
        # Damage of a kind that nobody foresaw must not keep a worker from starting either.
        raise ModelUnavailable(f"{folder} cannot be loaded: {error!r}") from error


def _pretrained() -> Served:
    folder = settings.PRETRAINED_MODEL
    scorer = _read(folder)
    release = _record(folder)
    scorer.version = release.version if release else f"pretrained-{folder_checksum(folder)[:8]}"
    return Served(scorer, release)


def _record(folder: Path) -> Release | None:
    """The pretrained model's release, so that what it reads has a lineage."""
    try:
        return record(folder)
    except DatabaseError as error:
        logger.warning("the pretrained model's release is not recorded: %s", error)
        return None
