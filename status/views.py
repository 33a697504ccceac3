"""The status page for curators: processes, models, reviews, last runs."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from mlmodel.models import Release
from mlmodel.serving.champion import serving_release
from observability.metrics import read_site_gauges
from reviews.models import RescoreRun
from status.heartbeat import MISSING_AFTER
from status.models import ServingProcess


def status_page(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("reviews.change_moviereview"):
        raise PermissionDenied
    context = admin.site.each_context(request) | status() | {"title": _("Status")}
    return TemplateResponse(request, "admin/status.html", context)


def status() -> dict[str, Any]:
    """Return the context of the page, by a fixed number of queries."""
    gauges = read_site_gauges()
    champion = Release.objects.champion()
    alive = ServingProcess.objects.filter(seen_at__gte=timezone.now() - MISSING_AFTER)
    return {
        "processes": alive,
        "champion": champion or serving_release(),
        "is_promoted": champion is not None,
        "n_unread": gauges.get("reviews_unread"),
        "database_bytes": gauges.get("database_bytes"),
        "disk_free_share": gauges.get("disk_free_share"),
        "last_training": Release.objects.exclude(run_id="").newest_first().first(),
        "last_rescore": RescoreRun.objects.select_related("release").order_by("-pk").first(),
    }
