"""gunicorn's own log records, in the format of the site's and to the same places.

Logging is set up before the workers are forked: only the main process can log that a worker died.
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

NO_ACCESS_LOG = "The access log is off in production: it contains addresses. See REQUEST events"


class GunicornLogger(Logger):
    _from_file: frozenset[str] = frozenset()

    def setup(self, cfg: Config) -> None:
        """Set up logging; gunicorn calls this at the start and at SIGHUP."""
        site = self._read_settings()
        super().setup(cfg)
        configure(site.LOGGING)
        site.LOGGING_CONFIG = None  # workers inherit the handlers; Django would replace them
        self.is_readable = site.DEBUG
        self.error_log.propagate = True
        self.error_log.setLevel(max(self.loglevel, logging.getLogger().level))
        self.error_log.filters[:] = [MasterProcessFilter()]
        if cfg.errorlog == "-":
            self.error_log.handlers.clear()
        if cfg.accesslog and not self.is_readable:
            self.warning(NO_ACCESS_LOG)

    def access(self, *args: Any) -> None:
        if self.is_readable:
            super().access(*args)

    def _read_settings(self) -> LazySettings:
        """Read the settings again, and the .env file with them."""
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rottenpotatoes.settings")
        for name in self._from_file:
            os.environ.pop(name, None)
        before = set(os.environ)
        sys.modules.pop(os.environ["DJANGO_SETTINGS_MODULE"], None)
        settings._wrapped = empty
        try:
            settings.LOGGING  # noqa: B018
        except ImproperlyConfigured as error:
            raise RuntimeError(error) from error  # gunicorn prints it in one line, and exits
        self._from_file = frozenset(os.environ.keys() - before)  # variables of the .env file
        return settings


class MasterProcessFilter(logging.Filter):
    """Marks records of the main process as ours: without requests, they quote no visitor."""

    def __init__(self) -> None:
        super().__init__()
        self.pid = os.getpid()

    def filter(self, record: logging.LogRecord) -> bool:
        record.is_ours = os.getpid() == self.pid
        return True
