"""Rate limits that hold across threads and processes."""

from contextlib import suppress

from django.core.cache import BaseCache
from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView


class CountingThrottle(ScopedRateThrottle):
    """Limit a visitor's requests in a sliding window.

    DRF's own throttles store a list of times, which two workers overwrite with each other's; this
    one increments counters in the shared cache. The sliding window is estimated from two of them:
    all requests of the current window, and those of the previous window in proportion to the part
    of it that the sliding window still covers.

    A signed-in visitor is identified by the account, a guest by the address.
    """

    cache: BaseCache
    limit = 0
    window_s = 60
    elapsed_s = 0.0  # since the current window began
    count = 0  # requests in the current window
    previous = 0  # requests in the window before
    key = ""  # cache key of ``count``

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Limit what a DRF view writes, by the view's ``throttle_scope``."""
        scope = view.throttle_scope  # type: ignore[attr-defined]
        return request.method in SAFE_METHODS or self.admits(request, scope)

    def admits(self, request: Request | HttpRequest, scope: str, *, visitor: str = "") -> bool:
        """Count a request and return whether it is within the scope's rate.

        A request over the rate is not counted. ``visitor`` replaces the account or address.
        """
        limit, window_s = self.parse_rate(self.THROTTLE_RATES[scope])
        if limit is None or window_s is None:
            return True
        self.limit, self.window_s = limit, window_s
        window, self.elapsed_s = divmod(self.timer(), window_s)
        prefix = f"throttle:{scope}:{visitor or self._visitor(request)}"
        self.previous = self.cache.get(f"{prefix}:{window - 1:.0f}", 0)
        self.key = f"{prefix}:{window:.0f}"
        self.count = self._increment(self.key)
        covered = int(self.previous * (1 - self.elapsed_s / self.window_s))
        if covered + self.count <= self.limit:
            return True
        self.refund()
        return False

    def refund(self) -> None:
        """Undo the counting of this request."""
        self.count -= 1
        with suppress(ValueError):  # the cache has evicted the key
            self.cache.decr(self.key)

    def _visitor(self, request: Request | HttpRequest) -> str:
        user = getattr(request, "user", None)
        if user and user.is_authenticated:
            return f"account-{user.pk}"
        return self.get_ident(request)  # type: ignore[arg-type]

    def _increment(self, key: str) -> int:
        try:
            return self.cache.incr(key)
        except ValueError:  # the key is new, maybe to another process as well
            if self.cache.add(key, 1, timeout=2 * self.window_s):
                return 1
        try:
            return self.cache.incr(key)
        except ValueError:  # SharedCache has switched between Redis and its own memory
            return 1

    def wait(self) -> float:
        """Return the seconds until the next request is admitted, if no other comes first."""
        if self.count < self.limit:
            # Rounding may give a moment that has just passed.
            return max(0.0, self._seconds_until_free(self.previous, self.count) - self.elapsed_s)
        return self.window_s - self.elapsed_s + self._seconds_until_free(self.count, 0)

    def _seconds_until_free(self, previous: int, count: int) -> float:
        """Return how far into a window there is room for one more request."""
        room = self.limit - count
        return self.window_s * (1 - min(1, room / previous)) if previous else 0.0
