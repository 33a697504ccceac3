"""Admin pages for bursts and the block list."""

from typing import cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from reviews.models import MAX_NOTE_CHARS, BlockedTerm, HideReason, ReviewBurst
from reviews.moderation import bursts

N_EXCERPTS = 50


class ReasonForm(ActionForm):
    """Ask for the reason, which the authors see, beside the list's actions."""

    listed_reason = forms.ChoiceField(
        label=_("Reason (if hiding):"), required=False, choices=[("", "–"), *HideReason.choices]
    )
    reason = forms.CharField(
        label=_("or in your own words:"), required=False, max_length=MAX_NOTE_CHARS
    )


def given_reason(request: HttpRequest) -> str:
    """Return the reason of ``ReasonForm``, own words before the list's."""
    own, listed = (request.POST.get(name, "").strip() for name in ("reason", "listed_reason"))
    return (own or listed)[:MAX_NOTE_CHARS]


@admin.register(ReviewBurst)
class ReviewBurstAdmin(admin.ModelAdmin):
    """Bursts, whose held reviews a curator counts or hides together."""

    list_display = ["movie", "started_at", "n_held", "n_all", "decision", "decided_by"]
    list_filter = ["decision"]
    list_select_related = ["movie", "decided_by"]
    fields = ["movie", "started_at", "decision", "decided_by", "decided_at", "excerpts"]
    readonly_fields = ["movie", "started_at", "decision", "decided_by", "decided_at", "excerpts"]
    actions = ["count", "hide"]
    action_form = ReasonForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False  # its held reviews could never be decided

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        held = Count("reviews", filter=Q(reviews__is_held=True))
        return super().get_queryset(request).annotate(n_held=held, n_all=Count("reviews"))

    @admin.display(description=_("held back"), ordering="n_held")
    def n_held(self, burst) -> int:
        return burst.n_held

    @admin.display(description=_("reviews"), ordering="n_all")
    def n_all(self, burst) -> int:
        return burst.n_all

    @admin.display(description=_("reviews"))
    def excerpts(self, burst: ReviewBurst) -> SafeString:
        reviews = burst.reviews.select_related("author").newest_first()[:N_EXCERPTS]
        rows = (
            (
                reverse("admin:reviews_moviereview_change", args=[review.pk]),
                review.byline,
                review.label_in_words,
                Truncator(review.text).chars(150),
            )
            for review in reviews
        )
        items = format_html_join("", '<li><a href="{}">{}</a> ({}): {}</li>', rows)
        return format_html("<ul>{}</ul>", items)

    @admin.action(description=_("Count the reviews of selected bursts"), permissions=["change"])
    def count(self, request: HttpRequest, queryset: QuerySet[ReviewBurst]) -> None:
        self.decide(request, queryset, ReviewBurst.Decision.COUNT)

    @admin.action(description=_("Hide the reviews of selected bursts"), permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[ReviewBurst]) -> None:
        self.decide(request, queryset, ReviewBurst.Decision.HIDE)

    def decide(
        self, request: HttpRequest, selected: QuerySet[ReviewBurst], decision: ReviewBurst.Decision
    ) -> None:
        by, reason = cast(User, request.user), given_reason(request)
        for burst in selected.order_by("pk"):
            try:
                n = bursts.decide(burst=burst, decision=decision, by=by, reason=reason)
            except bursts.AlreadyDecided:
                messages.warning(
                    request, _("%(burst)s has already been decided.") % {"burst": burst}
                )
                continue
            self.log_change(request, burst, f"{decision.value}: {n}")
            messages.success(request, f"{burst}: {decision.label} ({n})")


@admin.register(BlockedTerm)
class BlockedTermAdmin(admin.ModelAdmin):
    list_display = ["term", "kind", "note", "created_at"]
    list_filter = ["kind"]
    search_fields = ["term", "note"]
