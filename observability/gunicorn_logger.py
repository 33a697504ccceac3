"""gunicorn's own lines go where the site's go: JSON in production, to Logstash, readable in DEBUG.

The logging is set up here, once, before the workers are forked: a dead worker is told of by the
main process, which no worker could do.
"""

import logging
import os
import sys
from typing import Any

from django.conf import LazySettings, settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import empty
from gunicorn.config import Config
from gunicorn.glogging import Logger

from observability.logging import configure
from observability.logstash import find_handler

NO_ACCESS_LOG = "There is no access log in production: it holds addresses. REQUEST events tell more"


class ServerLog(Logger):
    _from_file: frozenset[str] = frozenset()

    def setup(self, cfg: Config) -> None:
        """Also at SIGHUP."""
        site = self._read_settings()
        super().setup(cfg)
        configure(site.LOGGING)
        if handler := find_handler():
            handler.forks_as = os.getpid()
        site.LOGGING_CONFIG = None  # the workers inherit it; Django would close what waits in it
        self.is_readable = site.DEBUG
        self.error_log.propagate = True
        self.error_log.setLevel(max(self.loglevel, logging.getLogger().level))
        self.error_log.filters[:] = [MainProcess()]
        if cfg.errorlog == "-":
            self.error_log.handlers.clear()
        if cfg.accesslog and not self.is_readable:
            self.warning(NO_ACCESS_LOG)

    def access(self, *args: Any) -> None:
        if self.is_readable:
            super().access(*args)

    def _read_settings(self) -> LazySettings:
        """Anew each time, as workers read them that nobody has read them for."""
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rottenpotatoes.settings")
        for name in self._from_file:
            os.environ.pop(name, None)
        before = set(os.environ)
        sys.modules.pop(os.environ["DJANGO_SETTINGS_MODULE"], None)
        settings._wrapped = empty
        try:
            settings.LOGGING  # noqa: B018
        except ImproperlyConfigured as error:
            raise RuntimeError(error) from error  # which gunicorn says in one line, and ends
        self._from_file = frozenset(os.environ.keys() - before)  # .env's
        return settings


class MainProcess(logging.Filter):
    """What the main process says is of processes and signals: it sees no request."""

    def __init__(self) -> None:
        super().__init__()
        self.pid = os.getpid()

    def filter(self, record: logging.LogRecord) -> bool:
        record.is_ours = os.getpid() == self.pid
        return True
