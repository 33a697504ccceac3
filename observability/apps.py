from django.apps import AppConfig
from django.contrib.auth.signals import user_login_failed


class ObservabilityConfig(AppConfig):
    name = "observability"

    def ready(self) -> None:
        from observability import events, metrics

        events.subscribe(metrics.count_event)
        user_login_failed.connect(log_failed_login, dispatch_uid="event")


def log_failed_login(sender: object, request=None, **kwargs: object) -> None:
    from observability.events import emit
    from observability.middleware import route_of

    # Without the user name: people type their password into the wrong box.
    emit("LOGIN_FAILED", path=route_of(request) if request else "command line")
