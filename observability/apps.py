from django.apps import AppConfig
from django.contrib.auth.signals import user_login_failed

from observability import metrics
from observability.events import emit, subscribe
from observability.middleware import route_of


class ObservabilityConfig(AppConfig):
    name = "observability"

    def ready(self) -> None:
        subscribe(metrics.count_event)
        user_login_failed.connect(log_failed_login, dispatch_uid="event")


def log_failed_login(sender: object, request=None, **kwargs: object) -> None:
    # Without the user name: people type their password into the wrong box.
    emit("LOGIN_FAILED", path=route_of(request) if request else "command line")
