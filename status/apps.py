from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from status import gauges


class StatusConfig(AppConfig):
    name = "status"
    # The label of existing sites' tables, recorded migrations and permissions.
    label = "rottenpotatoes"
    verbose_name = _("Site")

    def ready(self) -> None:
        gauges.register()
