"""The moderation queue: an admin page with one review and a keyboard shortcut per decision."""

from typing import cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from reviews.models import MAX_NOTE_CHARS, MovieReview, ReviewBurst
from reviews.moderation import queue
from reviews.moderation.queue import Decision, Kind
from reviews.scoring import explain
from reviews.submission import TextChanged

SKIPPED = "queue_skipped"  # session key: reviews that this curator has skipped
MAX_SKIPPED = 500
KEYS = {Decision.POSITIVE: "p", Decision.NEGATIVE: "n", Decision.HIDE: "h", Decision.KEEP: "k"}


def queue_page(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    if request.method == "POST":
        handle_answer(model_admin, request)
        return redirect(request.get_full_path())
    kind = request.GET.get("kind", "")
    kind = kind if kind in Kind.values else ""
    skipped = request.session.get(SKIPPED, [])
    review_kind, review = queue.next_review(kind, skipped)
    counts = queue.counts()
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Moderation queue"),
        "kind": kind,
        "kinds": [(each, counts[each], counts[each] == queue.MAX_COUNTED) for each in Kind],
        "found": Kind(review_kind) if review_kind else None,
        "review": review,
        "n_skipped": len(skipped),
        "n_bursts": ReviewBurst.objects.filter(decided_at=None).count(),
    }
    if review:
        context |= review_context(review, review_kind)
    return TemplateResponse(request, "admin/reviews/queue.html", context)


def review_context(review: MovieReview, kind: str) -> dict:
    offered = [each for each in Decision if each != Decision.KEEP or kind != Kind.UNSURE]
    return {
        "explanation": explain(review),
        "seen": review.fingerprint,
        "reports": review.reports.filter(closed_at=None),
        "decisions": [(each, KEYS[each]) for each in offered],
    }


def handle_answer(model_admin: admin.ModelAdmin, request: HttpRequest) -> None:
    decision, pk = request.POST.get("decision", ""), request.POST.get("review", "")
    if decision == "unskip":
        request.session.pop(SKIPPED, None)
    elif decision == "skip" and pk.isdecimal():
        skipped = request.session.get(SKIPPED, [])
        request.session[SKIPPED] = [*skipped, int(pk)][-MAX_SKIPPED:]
    elif decision in Decision.values and pk.isdecimal():
        decide(model_admin, request, int(pk), Decision(decision))


def decide(
    model_admin: admin.ModelAdmin, request: HttpRequest, pk: int, decision: Decision
) -> None:
    by, seen = cast(User, request.user), request.POST.get("seen", "")
    reason = request.POST.get("reason", "").strip()[:MAX_NOTE_CHARS]
    try:
        review = MovieReview.objects.select_related("author", "movie").get(pk=pk)
        queue.decide(review=review, decision=decision, seen=seen, by=by, reason=reason)
    except ObjectDoesNotExist:
        messages.warning(request, _("The author has withdrawn this review in the meantime."))
    except TextChanged:
        messages.warning(
            request,
            _("The author has edited this review in the meantime. Please look at it again."),
        )
    else:
        model_admin.log_change(request, review, f"In the queue: {decision.value}.")
        address = reverse("admin:reviews_moviereview_change", args=[pk])
        done = format_html('{}: <a href="{}">{}</a>', decision.label, address, review)
        messages.success(request, done)
