"""Settings from the environment: ``NAME``, or ``NAME_FILE`` for what a vault writes to a file."""

import os
from collections import UserDict
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured


class Variables(UserDict[str, str]):
    """A process's variables, in which ``NAME_FILE`` beats ``NAME``.

    django-environ's own FileAwareEnv keeps the newline that every editor and
    ``vault agent`` puts at the end of a file, which then is part of the password.
    """

    def __getitem__(self, name: str) -> str:
        # Only when it is asked for: SSL_CERT_FILE and its like are none of ours.
        path = self.data.get(f"{name}_FILE")
        return read_value(name, Path(path)) if path else self.data[name]

    def __contains__(self, name: object) -> bool:
        return name in self.data or bool(self.data.get(f"{name}_FILE"))


def read_value(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ImproperlyConfigured(f"{name}_FILE={path} cannot be read: {reason}.") from error


class Environment(environ.Env):
    """``environ.Env`` in which ``NAME_FILE`` beats ``NAME``."""

    def __init__(self) -> None:
        super().__init__()
        self.ENVIRON = Variables(os.environ)
