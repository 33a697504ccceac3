"""The cache that all processes share, with a fallback for when Redis is unavailable."""

import logging
import time
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 5.0
# A request must not wait long for a counter.
OPTIONS = {
    "socket_connect_timeout": 0.2,
    "socket_timeout": 0.2,
    "retry": Retry(NoBackoff(), 0),
}


class SharedCache(RedisCache):
    """Redis, replaced by this process's memory for some seconds after each failure.

    No review may be lost and no page may fail because a request could not be counted.
    """

    # Of the class, because every thread has a cache object of its own.
    _fallback_until = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        fallback = LocMemCache("redis-fallback", params)
        super().__init__(server, params | {"OPTIONS": OPTIONS | params.get("OPTIONS", {})})
        self._fallback = fallback

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("get", *args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("add", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("set", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("incr", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("delete", *args, **kwargs)

    def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= SharedCache._fallback_until:
            try:
                return getattr(super(), name)(*args, **kwargs)
            except RedisError as error:
                SharedCache._fallback_until = time.monotonic() + RETRY_AFTER_S
                logger.warning(
                    "Redis is unavailable (%s): each process counts on its own until it is back",
                    type(error).__name__,
                )
        return getattr(self._fallback, name)(*args, **kwargs)
