"""A wave of visitors: few, many, few; long enough for an autoscaler to follow."""

import os

from locust import LoadTestShape

USERS = int(os.environ.get("USERS", 100))
MINUTES = float(os.environ.get("MINUTES", 8))
FEW = 2


class Wave(LoadTestShape):
    def tick(self) -> tuple[int, float] | None:
        share = self.get_run_time() / (MINUTES * 60)
        if share >= 1:
            return None
        users = USERS if 0.1 <= share < 0.6 else FEW
        return users, max(1, USERS / 20)
