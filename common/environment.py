"""Settings from the environment: ``NAME``, or ``NAME_FILE`` for a file with the value."""

import os
from collections import UserDict
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from common.sqlite_files import sqlite_path


class Variables(UserDict[str, str]):
    """Environment variables in which ``NAME_FILE`` takes precedence over ``NAME``.

    django-environ's own FileAwareEnv keeps the newline that editors and ``vault agent`` write at
    the end of a file, and it becomes part of the password.
    """

    def __getitem__(self, name: str) -> str:
        # Read on access only: variables such as SSL_CERT_FILE are not ours.
        path = self.data.get(f"{name}_FILE")
        return read_value(name, Path(path)) if path else self.data[name]

    def __contains__(self, name: object) -> bool:
        return name in self.data or bool(self.data.get(f"{name}_FILE"))


def read_value(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ImproperlyConfigured(f"{name}_FILE={path} cannot be read: {reason}.") from error


class Environment(environ.Env):
    """``environ.Env`` in which ``NAME_FILE`` takes precedence over ``NAME``."""

    def __init__(self) -> None:
        super().__init__()
        self.ENVIRON = Variables(os.environ)

    @classmethod
    def db_url_config(cls, url: str, engine: str | None = None) -> dict[str, Any]:
        """Read SQLite URLs as SQLAlchemy does; the base class ends a path at # and drops its +."""
        try:
            path = sqlite_path(url)
        except ValueError as error:
            raise ImproperlyConfigured(f"DATABASE_URL: {error}.") from error
        if path is None:
            return super().db_url_config(url, engine)
        # The path is left out, because the base class would misread it. Options stay.
        config = super().db_url_config(f"sqlite:///file?{url.partition('?')[2]}", engine)
        return config | {"NAME": str(path)}
