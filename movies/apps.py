import sys
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def build_search_index(using: str, verbosity: int, **kwargs: Any) -> None:
    from movies.search import build

    out = kwargs.get("stdout") or sys.stdout
    build.build(using, tell=lambda text: out.write(f"{text}\n") if verbosity else None)


class MoviesConfig(AppConfig):
    name = "movies"
    verbose_name = _("movies")

    def ready(self) -> None:
        post_migrate.connect(build_search_index, sender=self)
