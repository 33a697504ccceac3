from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MlmodelConfig(AppConfig):
    name = "mlmodel"
    verbose_name = _("Model")

    def ready(self) -> None:
        # Models can be imported only now.
        from mlmodel.monitoring import gauges  # noqa: PLC0415

        gauges.register()
