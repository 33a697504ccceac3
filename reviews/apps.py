from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("Reviews")

    def ready(self) -> None:
        from mlmodel.lifecycle import promotion_preview
        from reviews import gauges
        from reviews.rescoring import impact

        gauges.register()

        # Whoever promotes a model is told what it would change here.
        promotion_preview.tellers.append(impact.sentences)
