"""The model that this process serves: the champion, or else the one that came with the code."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError

from mlmodel import events
from mlmodel.models import Release
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.models.scorer import Scorer
from mlmodel.serving.loading import (
    Served,
    load_earlier_champion,
    load_pretrained,
    load_release,
)

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 5.0  # a missing model is not searched for by every request


@dataclass(frozen=True, slots=True)
class LoadFailure:
    """A champion that this process cannot load, and the reason."""

    version: str
    reason: str


@dataclass(slots=True)
class _State:
    served: Served | None = None
    failure: LoadFailure | None = None
    retry_at: float = 0.0
    logged_reason: str = ""  # why there is no model at all


@dataclass(slots=True)
class _Pin:
    served: Served | None = None


class ChampionHolder:
    """Holds the model that serves, and replaces it when another release becomes champion."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state = _State()
        self._pin: ContextVar[_Pin | None] = ContextVar("pin", default=None)

    @contextmanager
    def pin_model(self) -> Iterator[None]:
        """Within the block ``get_served`` returns one model, even if another one is promoted."""
        token = self._pin.set(_Pin())
        try:
            yield
        finally:
            self._pin.reset(token)

    def get_served(self) -> Served:
        """Return the scorer of this process and its release.

        Raises
        ------
        ModelUnavailable
            If neither the champion nor the pretrained model can be loaded.
        """
        pin = self._pin.get()
        if pin is None:
            return self._current()
        if pin.served is None:
            pin.served = self._current()
        return pin.served

    def _current(self) -> Served:
        if self._state.served is not None:
            return self._state.served
        if time.monotonic() < self._state.retry_at:
            raise ModelUnavailable("no model could be loaded a moment ago")
        return self.reload()

    def get_scorer(self) -> Scorer:
        return self.get_served().scorer

    def has_model(self) -> bool:
        """Return whether a model is loaded; this loads none."""
        return self._state.served is not None

    def get_failure(self) -> LoadFailure | None:
        """Return the champion that should serve in this process and cannot, if there is one."""
        return self._state.failure

    def reload(self) -> Served:
        """Load the champion, or else the model that came with the code.

        Raises
        ------
        ModelUnavailable
            If there is neither; it is tried again after ``RETRY_AFTER_S``.
        """
        with self._lock:
            state, started = self._state, time.perf_counter()
            previous = state.served.scorer.version if state.served else None
            try:
                state.served = self._load()
            except ModelUnavailable as error:
                state.retry_at = time.monotonic() + RETRY_AFTER_S
                if state.logged_reason != (reason := _reason(error)):  # once, not at every poll
                    state.logged_reason = reason
                    events.load_failed(None, reason)
                raise
            state.logged_reason = ""
            events.loaded(state.served.scorer.version, previous, time.perf_counter() - started)
            return state.served

    def preload(self) -> None:
        """Load the model before the first request; a process without a model serves as well."""
        try:
            self.reload()
        except ModelUnavailable as error:
            logger.error("no sentiment model: %s; reviews are stored unread", error)

    def reload_if_champion_changed(self) -> None:
        """Replace the model if another release is champion; if that fails, keep the model.

        Requests keep the model that they started with.
        """
        served = self._state.served
        if served is None:
            self.reload()
            return
        champions = Release.objects.filter(is_champion=True)
        champion = champions.only("pk", "version", "checksum").first()
        if champion is None or (
            served.release == champion and served.release.checksum == champion.checksum
        ):
            self._state.failure = None
            return
        started = time.perf_counter()
        with self._lock:
            try:
                self._state.served = load_release(Release.objects.get(pk=champion.pk))
            except ModelUnavailable as error:
                self._fail(champion, error, instead=served.scorer.version)
                return
        self._state.failure = None
        logger.info("process %d now serves release %s", os.getpid(), champion.version)
        seconds = time.perf_counter() - started
        events.loaded(champion.version, served.scorer.version, seconds)

    @contextmanager
    def override(self, served: Served | None) -> Iterator[None]:
        """Serve this model within the block; for tests."""
        before, self._state = self._state, _State(served)
        try:
            yield
        finally:
            self._state = before

    def _load(self) -> Served:
        champion = _find_champion()
        if champion is None:
            return load_pretrained()
        try:
            served = load_release(champion)
        except ModelUnavailable as error:
            self._fail(champion, error, instead="an earlier model")
            return load_earlier_champion(champion) or load_pretrained()
        self._state.failure = None
        return served

    def _fail(self, champion: Release, error: ModelUnavailable, *, instead: str) -> None:
        failure = LoadFailure(champion.version, _reason(error))
        if failure != self._state.failure:  # logged once, not at every poll
            events.load_failed(failure.version, failure.reason)
            logger.warning(
                "release %s cannot be loaded: %s; still serving %s",
                failure.version,
                failure.reason,
                instead,
            )
        self._state.failure = failure


def _reason(error: ModelUnavailable) -> str:
    # Shown to visitors, who must not learn the paths of this machine.
    return str(error).replace(f"{settings.MODEL_STORE}{os.sep}", "model ")


def _find_champion() -> Release | None:
    try:
        return Release.objects.champion()
    except DatabaseError as error:
        # Not migrated yet, or not reachable: the pretrained model needs no database.
        logger.warning("cannot find the champion: %s", error)
        return None


holder = ChampionHolder()
get_served = holder.get_served
get_scorer = holder.get_scorer
has_model = holder.has_model
get_failure = holder.get_failure
pin_model = holder.pin_model
override = holder.override


def serving_release() -> Release | None:
    """Return the release that serves in this process, promoted or not; None if there is none."""
    try:
        return get_served().release
    except ModelUnavailable:
        return None
