from contextlib import suppress

from django.core.cache import BaseCache
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView


class CountingThrottle(ScopedRateThrottle):
    """DRF's throttle with two numbers for each visitor, not a list of times that grows.

    The minute that slides is estimated: what was counted in the minute that the clock shows, and
    of the minute before as much as still reaches into it. Several workers count together without
    losing any, where DRF's read and write one list over each other.
    """

    cache: BaseCache
    limit = 0
    window_s = 60
    elapsed_s = 0.0  # of the window that the clock shows
    count = 0  # in it
    before = 0  # in the one before
    key = ""  # where the former is kept

    def allow_request(self, request: Request, view: APIView) -> bool:
        return self.admits(request, view.throttle_scope)  # type: ignore[attr-defined]

    def admits(self, request: Request | HttpRequest, scope: str) -> bool:
        """Whether this request, which is counted if so, is within the scope's rate."""
        limit, window_s = self.parse_rate(self.THROTTLE_RATES[scope])
        if limit is None or window_s is None:
            return True
        self.limit, self.window_s = limit, window_s
        window, self.elapsed_s = divmod(self.timer(), window_s)
        visitor = f"throttle:{scope}:{self.get_ident(request)}"  # type: ignore[arg-type]
        self.before = self.cache.get(f"{visitor}:{window - 1:.0f}", 0)
        self.key = f"{visitor}:{window:.0f}"
        self.count = self._count(self.key)
        reaching = int(self.before * (1 - self.elapsed_s / self.window_s))
        if reaching + self.count <= self.limit:
            return True
        self.give_back()
        return False

    def give_back(self) -> None:
        """Count this request no more."""
        self.count -= 1
        with suppress(ValueError):  # the cache had no room for it any longer
            self.cache.decr(self.key)

    def _count(self, key: str) -> int:
        try:
            return self.cache.incr(key)
        except ValueError:  # the first; another process may be it at the same time
            if self.cache.add(key, 1, timeout=2 * self.window_s):
                return 1
        try:
            return self.cache.incr(key)
        except ValueError:  # the cache has become another one meanwhile: common/cache.py
            return 1

    def wait(self) -> float:
        """Seconds until one more would be admitted, if nobody else asks."""
        if self.count < self.limit:
            # At the very moment, rounding may put it a little into the past.
            return max(0.0, self._free_from(self.before, self.count) - self.elapsed_s)
        return self.window_s - self.elapsed_s + self._free_from(self.count, 0)

    def _free_from(self, before: int, count: int) -> float:
        """How far into a window, in seconds, there is room for one more."""
        room = self.limit - count
        return self.window_s * (1 - min(1, room / before)) if before else 0.0
