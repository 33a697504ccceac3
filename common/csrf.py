"""Forms without a valid CSRF token: nothing is stored, and no text is lost."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from common.errors import is_api, permission_denied

# Reasons for which the form may come from another site; it is shown, but cannot be sent again.
FROM_ELSEWHERE = ("Origin checking failed", "Referer checking failed")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Show the form again with a new token if its view can, else the texts that it had.

    Views declare ``csrf_failed``, or in ``kept_fields`` the fields that may be sent again.
    """
    if is_api(request):
        return permission_denied(request, PermissionError(reason))
    is_ours = not reason.startswith(FROM_ELSEWHERE)
    match = request.resolver_match
    view_class: Any = getattr(match.func, "view_class", None) if match else None
    if is_ours and match and hasattr(view_class, "csrf_failed"):
        view = view_class()
        view.setup(request, *match.args, **match.kwargs)
        return view.csrf_failed()
    return kept_fields(request, getattr(view_class, "kept_fields", ()), may_resend=is_ours)


def kept_fields(request: HttpRequest, names: tuple[str, ...], *, may_resend: bool) -> HttpResponse:
    kept = [(name, request.POST[name]) for name in names if request.POST.get(name)]
    context = {"kept": kept, "may_resend": may_resend and kept}
    return render(request, "403_csrf.html", context, status=403)
