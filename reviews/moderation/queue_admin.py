"""The moderation queue: an admin page with one review and a keyboard shortcut per decision."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from reviews.models import MAX_NOTE_CHARS, HideReason, MovieReview, ReviewBurst
from reviews.moderation import queue, undo
from reviews.moderation.queue import Decision, Kind
from reviews.scoring import explain
from reviews.submission import TextChanged

SKIPPED = "queue_skipped"  # session key: reviews that this curator has skipped
MAX_SKIPPED = 500
DECIDED = "queue_decided"  # session key: what this curator can undo, the newest last
MAX_DECIDED = 20
KEYS = {Decision.POSITIVE: "p", Decision.NEGATIVE: "n", Decision.KEEP: "k"}


def queue_page(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    kind = request.GET.get("kind", "")
    kind = kind if kind in Kind.values else ""
    if request.method == "POST":
        shown = handle_answer(model_admin, request)
        query = {"kind": kind, "review": shown}
        address = "&".join(f"{name}={value}" for name, value in query.items() if value)
        return redirect(f"{request.path}?{address}" if address else request.path)
    skipped = request.session.get(SKIPPED, [])
    found, review = find_review(request.GET.get("review", ""), kind, skipped)
    counts, decided = queue.counts(), request.session.get(DECIDED, [])
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Moderation queue"),
        "kind": kind,
        "kinds": [(each, counts[each], counts[each] == queue.MAX_COUNTED) for each in Kind],
        "found": found,
        "review": review,
        "n_skipped": len(skipped),
        "n_bursts": ReviewBurst.objects.filter(decided_at=None).count(),
        "last": last_decision(decided[-1]) if decided else None,
    }
    if review:
        context |= review_context(review, found)
    return TemplateResponse(request, "admin/reviews/queue.html", context)


def find_review(pk: str, kind: str, skipped: list[int]) -> tuple[Kind | None, MovieReview | None]:
    """Return the review with that key, or the next one, and why it is in the queue."""
    if pk.isdecimal() and (review := queue.all_reviews().filter(pk=int(pk)).first()):
        return queue.kind_of(review), review
    found, review = queue.next_review(kind, skipped)
    return (Kind(found) if found else None), review


def review_context(review: MovieReview, kind: Kind | None) -> dict[str, Any]:
    has_keep = kind in (Kind.DISPUTED, Kind.REPORTED)
    return {
        "explanation": explain(review),
        "seen": review.fingerprint,
        "reports": review.reports.filter(closed_at=None),
        "decisions": [(each, key) for each, key in KEYS.items() if has_keep or key != "k"],
        "hide_reasons": list(HideReason),
        "max_note_chars": MAX_NOTE_CHARS,
    }


def last_decision(entry: dict[str, Any]) -> dict[str, str]:
    decision = entry["decision"]
    label = _("skip") if decision == "skip" else Decision(decision).label
    return {"label": str(label), "review": entry["title"]}


def handle_answer(model_admin: admin.ModelAdmin, request: HttpRequest) -> int | None:
    """Apply the answer; return the key of the review to show, None for the next one."""
    decision, pk = request.POST.get("decision", ""), request.POST.get("review", "")
    if decision == "unskip":
        request.session.pop(SKIPPED, None)
    elif decision == "undo":
        return undo_last(model_admin, request)
    elif decision == "skip" and pk.isdecimal():
        skip(request, int(pk))
    elif decision in Decision.values and pk.isdecimal():
        return decide(model_admin, request, int(pk), Decision(decision))
    return None


def skip(request: HttpRequest, pk: int) -> None:
    request.session[SKIPPED] = [*request.session.get(SKIPPED, []), pk][-MAX_SKIPPED:]
    review = queue.all_reviews().filter(pk=pk).first()
    remember(request, {"decision": "skip", "pk": pk, "title": str(review or "")})


def remember(request: HttpRequest, entry: dict[str, Any]) -> None:
    request.session[DECIDED] = [*request.session.get(DECIDED, []), entry][-MAX_DECIDED:]


def decide(
    model_admin: admin.ModelAdmin, request: HttpRequest, pk: int, decision: Decision
) -> int | None:
    by, seen = cast(User, request.user), request.POST.get("seen", "")
    reason = request.POST.get("reason", "").strip()[:MAX_NOTE_CHARS]
    if decision == Decision.HIDE and not reason:
        messages.warning(request, _("Please give a reason for hiding. The author will see it."))
        return pk
    try:
        review = queue.all_reviews().get(pk=pk)
        before = undo.read_state(pk)
        queue.decide(review=review, decision=decision, seen=seen, by=by, reason=reason)
        decided = undo.difference(before, undo.read_state(pk))
    except ObjectDoesNotExist:
        messages.warning(request, _("The author has withdrawn this review in the meantime."))
        return None
    except TextChanged:
        messages.warning(
            request,
            _("The author has edited this review in the meantime. Please look at it again."),
        )
        return None
    entry = {"decision": decision.value, "pk": pk, "title": str(review), "decided": decided}
    remember(request, entry)
    model_admin.log_change(request, review, f"In the queue: {decision.value}.")
    report_done(request, str(decision.label), review)
    return None


def undo_last(model_admin: admin.ModelAdmin, request: HttpRequest) -> int | None:
    """Undo the newest decision in the session; return its review's key."""
    decided = request.session.get(DECIDED, [])
    if not decided:
        return None
    request.session[DECIDED], entry = decided[:-1], decided[-1]
    pk = entry["pk"]
    if entry["decision"] == "skip":
        skipped = request.session.get(SKIPPED, [])
        request.session[SKIPPED] = [each for each in skipped if each != pk]
        return pk
    try:
        review = undo.undo(pk=pk, decided=entry["decided"], by=cast(User, request.user))
    except (ObjectDoesNotExist, undo.ChangedSince):
        messages.warning(
            request, _("It has changed since, so your decision cannot be undone here.")
        )
        return None
    model_admin.log_change(request, review, f"Undone in the queue: {entry['decision']}.")
    report_done(request, _("Undone"), review)
    return pk


def report_done(request: HttpRequest, what: str, review: MovieReview) -> None:
    address = reverse("admin:reviews_moviereview_change", args=[review.pk])
    messages.success(request, format_html('{}: <a href="{}">{}</a>', what, address, review))
