"""The site's URLs, and one that fails with a given status, to show every error page."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from common import errors
from rottenpotatoes import urls

RAISED = {400: SuspiciousOperation, 403: PermissionDenied, 404: Http404, 500: RuntimeError}

handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500


def broken(request: HttpRequest, status: int) -> HttpResponse:
    if status in RAISED:
        raise RAISED[status]("a browser test asked for this")
    return errors.respond(request, status, "broken", "A browser test asked for this.")


urlpatterns = [*urls.urlpatterns, path("broken/<int:status>/", broken)]
