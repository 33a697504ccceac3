"""Buttons on a review's page with which authors dispute and visitors report it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import View

from common.errors import not_found_if_deleted, respond
from common.throttling import CountingThrottle
from reviews.forms import DisputeForm, OwnLabelForm, ReportForm
from reviews.models import MovieReview
from reviews.moderation.reports import report_review
from reviews.permissions import wrote
from reviews.submission import (
    LabelIsFinal,
    NothingToDispute,
    TextChanged,
    dispute_review,
    settle_own_label,
    withdraw_dispute,
)


class FeedbackView(View):
    """Change the review, show a message, and return to its page."""

    http_method_names = ["post", "options"]
    throttle_scope = "reviews"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        review = get_object_or_404(MovieReview.objects.visible(), pk=pk)
        self.check(review)
        if not CountingThrottle().admits(request, self.throttle_scope):
            message = _("Too many requests. Please try again later.")
            return respond(request, 429, "throttled", message)
        with not_found_if_deleted():
            self.act(review)
        return redirect(review)

    def check(self, review: MovieReview) -> None:
        """Raise PermissionDenied if the visitor may not do this."""

    def act(self, review: MovieReview) -> None:
        raise NotImplementedError


class AuthorView(FeedbackView):
    def check(self, review: MovieReview) -> None:
        if not wrote(self.request, review):
            raise PermissionDenied


class SettleOwnLabel(AuthorView):
    def act(self, review: MovieReview) -> None:
        form = OwnLabelForm(review, self.request.POST)
        if not form.is_valid():
            for problem in form.errors.values():
                messages.error(self.request, str(problem[0]))
            return
        try:
            changed = settle_own_label(
                review=review, author_label=form.cleaned_data["author_label"]
            )
        except LabelIsFinal:
            message = _(
                "This label stays: a curator has set it, or the text is too short to count."
            )
            messages.error(self.request, message)
        except TextChanged:
            message = _("You have edited this review in the meantime. Please answer again.")
            messages.error(self.request, message)
        else:
            messages.success(self.request, self.thanks(changed))

    def thanks(self, review: MovieReview) -> str:
        if not review.author_label:
            return _("You have taken your answer back.")
        return _("Thank you! Your answer is now the label of your review.")


class DisputeReview(AuthorView):
    kept_fields = ("note",)

    def act(self, review: MovieReview) -> None:
        form = DisputeForm(self.request.POST)
        if not form.is_valid():
            for message in form.errors["note"]:
                messages.error(self.request, str(message))
            return
        try:
            dispute_review(review=review, note=form.cleaned_data["note"])
        except NothingToDispute:
            message = _(
                "Nothing to dispute: the review is not scored yet, or a person has set its label."
            )
            messages.error(self.request, message)
        else:
            messages.success(self.request, _("Thank you! A curator will look at your review."))


class WithdrawDispute(AuthorView):
    def act(self, review: MovieReview) -> None:
        withdraw_dispute(review=review)
        messages.success(self.request, _("Your dispute has been withdrawn."))


class ReportReview(FeedbackView):
    throttle_scope = "reports"
    kept_fields = ("reason",)

    def act(self, review: MovieReview) -> None:
        form = ReportForm(self.request.POST)
        if not form.is_valid():
            messages.error(self.request, _("Please choose a reason for your report."))
            return
        user = self.request.user
        reporter = user if user.is_authenticated else None
        report_review(review=review, reason=form.cleaned_data["reason"], reporter=reporter)
        # The same message whether or not the report was new.
        messages.success(self.request, _("Thank you! Our curators will take a look."))
