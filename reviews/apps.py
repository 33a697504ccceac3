from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("reviews")

    def ready(self) -> None:
        from mlmodel import effects
        from reviews import preview

        # Whoever promotes a model is told what it would change here.
        effects.tellers.append(preview.sentences)
