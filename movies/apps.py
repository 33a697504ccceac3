from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class MoviesConfig(AppConfig):
    name = "movies"
    verbose_name = _("Movies")

    def ready(self) -> None:
        # Start-up: models can be imported only once every app is loaded.
        from movies.search import receivers  # noqa: PLC0415

        post_migrate.connect(receivers.create_search_index, sender=self)
        post_save.connect(receivers.add_to_vocabulary, sender=self.get_model("Movie"))
