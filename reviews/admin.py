from functools import partial
from typing import cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import F, QuerySet
from django.db.models.functions import Abs
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from common.importing.admin import FileAdmin
from movies.audit import AuditedAdmin
from reviews import submission
from reviews.importing.admin import ReviewResource
from reviews.models import MovieReview
from reviews.moderation.admin import ReasonForm, given_reason
from reviews.moderation.queue_admin import queue_page

EDITABLE_FIELDS = ("human_label", "is_hidden", "hidden_reason")


@admin.register(MovieReview)
class MovieReviewAdmin(FileAdmin, AuditedAdmin):
    """Reviews for curators. All changes go through ``submission``, which keeps the counts right."""

    resource_classes = (ReviewResource,)

    # What fits 1280 px beside the filters; a review's own page shows the rest.
    list_display = ["excerpt", "label", "confidence", "label_source", "movie", "links"]
    list_filter = [
        *("label", "unreadable_reason", "human_label", "is_settled_by_author"),
        *("is_hidden", "is_held", "release", "created_at"),
    ]
    list_select_related = ["movie", "author", "release"]
    search_fields = ["text", "guest_name", "author__username", "movie__title"]
    search_help_text = _("Search by text, author or movie")
    show_full_result_count = False
    fields = [
        "movie",
        "author_name",
        "text",
        "human_label",
        "label_source",
        "author_label",
        "is_hidden",
        "hidden_reason",
        "is_held",
        "burst",
        "repeat_of",
        "model_label",
        "label",
        "confidence",
        "unreadable_reason",
        "language",
        "known_share",
        "release",
        "settled_by",
        "settled_at",
        "disputed_at",
        "dispute_note",
        "created_at",
        "updated_at",
    ]
    readonly_fields = [name for name in fields if name not in EDITABLE_FIELDS]
    actions = ["hide", "unhide"]
    action_form = ReasonForm
    import_export_change_list_template = "admin/reviews/review_list.html"  # links the queue

    def get_urls(self) -> list:
        queue = self.admin_site.admin_view(partial(queue_page, self))
        return [path("queue/", queue, name="reviews_moviereview_queue"), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("review"))
    def excerpt(self, review: MovieReview) -> SafeString:
        notes = [review.author_name, date_format(review.created_at, "SHORT_DATE_FORMAT")]
        notes += [str(_("hidden"))] * review.is_hidden + [str(_("held back"))] * review.is_held
        return format_html(
            '<span dir="auto">{}</span> <span class="review-note"><bdi>{}</bdi>{}</span>',
            Truncator(review.text).chars(140),
            notes[0],
            "".join(f" · {note}" for note in notes[1:]),
        )

    @admin.display(description=_("actions"))
    def links(self, review: MovieReview) -> SafeString:
        queue, page = "admin:reviews_moviereview_queue", "admin:reviews_moviereview_change"
        rows = (
            (f"{reverse(queue)}?review={review.pk}", review, _("decide")),
            (reverse(page, args=[review.pk]), review, _("details")),
        )
        # With the name of the review, links of different rows have different names.
        return format_html_join(
            " ", '<a href="{0}">{2}<span class="visually-hidden"> ({1})</span></a>', rows
        )

    @admin.display(description=_("author"), ordering="author__username")
    def author_name(self, review: MovieReview) -> str:
        return review.byline

    @admin.display(description=_("whose label"))
    def label_source(self, review: MovieReview) -> str:
        return str(review.label_source.label)

    # Ascending order puts the least certain predictions first.
    @admin.display(description=_("confidence"), ordering=Abs(F("p_positive") - 0.5))
    def confidence(self, review: MovieReview) -> str:
        return "–" if review.confidence is None else f"{review.confidence:.0%}"

    def save_model(self, request: HttpRequest, obj: MovieReview, form, change: bool) -> None:
        if "human_label" in form.changed_data:
            submission.settle_label(
                review=obj, human_label=obj.human_label, by=cast(User, request.user)
            )
        if {"is_hidden", "hidden_reason"} & set(form.changed_data):
            if obj.is_hidden:
                submission.hide_review(review=obj, reason=obj.hidden_reason)
            else:
                submission.unhide_review(review=obj)
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: MovieReview) -> None:
        submission.withdraw_review(review=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[MovieReview]) -> None:
        for review in queryset.order_by("pk"):
            submission.withdraw_review(review=review)

    @admin.action(description=_("Hide selected reviews"), permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[MovieReview]) -> None:
        reason = given_reason(request)
        for review in queryset.filter(is_hidden=False):
            submission.hide_review(review=review, reason=reason)
            self.log_change(request, review, f"Hidden: {reason}")
        self.message_user(request, _("The selected reviews are now hidden."))

    @admin.action(description=_("Show selected reviews again"), permissions=["change"])
    def unhide(self, request: HttpRequest, queryset: QuerySet[MovieReview]) -> None:
        for review in queryset.filter(is_hidden=True):
            submission.unhide_review(review=review)
            self.log_change(request, review, "Shown again.")
        self.message_user(request, _("The selected reviews are visible again."))
