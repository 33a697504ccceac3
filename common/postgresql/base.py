"""PostgreSQL whose password may change while the site runs."""

import logging
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base

from common.environment import Environment

logger = logging.getLogger(__name__)


class DatabaseWrapper(base.DatabaseWrapper):
    """Reads user and password for each new connection: Vault may have written new ones."""

    def get_connection_params(self) -> dict[str, Any]:
        self.settings_dict |= read_credentials()
        return super().get_connection_params()


def read_credentials() -> dict[str, str]:
    """Return USER and PASSWORD as far as the environment or its files have them."""
    env = Environment()
    credentials: dict[str, str] = {}
    try:
        if "DATABASE_URL" in env.ENVIRON:
            url = env.db("DATABASE_URL")
            credentials = {name: url[name] for name in ("USER", "PASSWORD") if url.get(name)}
        if password := env.str("DATABASE_PASSWORD", default=""):
            credentials["PASSWORD"] = password
    except ImproperlyConfigured as error:
        # A file that is being replaced: try the previous password.
        logger.warning("Cannot read the database password again: %s", error)
        return {}
    return credentials
