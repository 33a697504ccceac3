from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from mlmodel.lifecycle import gold, promotion_preview


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("Reviews")

    def ready(self) -> None:
        # Models can be imported only now.
        from reviews import gauges, gold_labels  # noqa: PLC0415
        from reviews.rescoring import promotion_preview as review_preview  # noqa: PLC0415

        gauges.register()
        gold.providers.append(gold_labels.settled_labels)
        promotion_preview.providers.append(review_preview.describe_promotion)
