"""The status page for curators: what serves, what waits, what ran last."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from mlmodel.models import Release
from reviews.models import RescoreRun
from status.gauges import site_facts
from status.heartbeat import IS_GONE
from status.models import ServingProcess


def status_page(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("reviews.change_moviereview"):
        raise PermissionDenied
    context = admin.site.each_context(request) | status() | {"title": _("Status")}
    return TemplateResponse(request, "admin/status.html", context)


def status() -> dict[str, Any]:
    """A fixed number of queries."""
    facts = {name: value for name, (_meaning, value) in site_facts().items()}
    alive = ServingProcess.objects.filter(seen_at__gte=timezone.now() - IS_GONE)
    return {
        "processes": alive,
        "champion": Release.objects.champion(),
        "n_unread": facts.get("reviews_unread"),
        "database_bytes": facts.get("database_bytes"),
        "disk_free_percent": _percent(facts.get("disk_free_share")),
        "last_training": Release.objects.exclude(run_id="").newest_first().first(),
        "last_rescore": RescoreRun.objects.select_related("release").order_by("-pk").first(),
    }


def _percent(share: Any) -> int | None:
    return None if share is None else round(100 * share)
