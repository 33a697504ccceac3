"""PostgreSQL whose password may change while the site runs, and which may stop answering."""

import logging
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base

from common.environment import Environment
from common.postgresql.deadline import deadline

logger = logging.getLogger(__name__)

PING_S = 2.0  # for SELECT 1, before a kept connection is used again


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks for user and password at every connect: Vault may have written new ones."""

    def get_connection_params(self) -> dict[str, Any]:
        self.settings_dict |= present_credentials()
        return super().get_connection_params()

    def is_usable(self) -> bool:
        with deadline(self, PING_S):
            return super().is_usable()


def present_credentials() -> dict[str, str]:
    """USER and PASSWORD as the environment or its files tell them now; what is not told stays."""
    env = Environment()
    told: dict[str, str] = {}
    try:
        if "DATABASE_URL" in env.ENVIRON:
            url = env.db("DATABASE_URL")
            told = {name: url[name] for name in ("USER", "PASSWORD") if url.get(name)}
        if password := env.str("DATABASE_PASSWORD", default=""):
            told["PASSWORD"] = password
    except ImproperlyConfigured as error:
        # A file that is being replaced: the password that worked a moment ago may work still.
        logger.warning("the database password is not read again: %s", error)
        return {}
    return told
