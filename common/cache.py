"""The cache that all processes share, and what each does alone while Redis is away."""

import logging
import time
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

TRY_AGAIN_S = 5.0
# A request does not wait for a count: what Redis does not say in this time, it does not say.
IMPATIENT = {
    "socket_connect_timeout": 0.2,
    "socket_timeout": 0.2,
    "retry": Retry(NoBackoff(), 0),
}


class SharedCache(RedisCache):
    """Redis; for some seconds after each failure of it, this process's own memory.

    A review must not be lost, nor a page fail, because a counter of requests is away.
    """

    _alone_until = 0.0  # of the process: every thread has a cache object of its own

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        own = LocMemCache("while-redis-is-away", params)
        super().__init__(server, params | {"OPTIONS": IMPATIENT | params.get("OPTIONS", {})})
        self._own = own

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._do("get", *args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._do("add", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._do("set", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._do("incr", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._do("delete", *args, **kwargs)

    def _do(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= SharedCache._alone_until:
            try:
                return getattr(super(), name)(*args, **kwargs)
            except RedisError as error:
                SharedCache._alone_until = time.monotonic() + TRY_AGAIN_S
                logger.warning(
                    "Redis does not answer (%s): each process counts for itself meanwhile",
                    type(error).__name__,
                )
        return getattr(self._own, name)(*args, **kwargs)
