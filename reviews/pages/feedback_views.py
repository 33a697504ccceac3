"""Buttons on a review's page with which authors dispute and visitors report it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import View

from common.errors import not_found_if_deleted, respond
from common.throttling import CountingThrottle
from reviews.forms import DisputeForm, ReportForm
from reviews.models import MovieReview
from reviews.moderation.reports import report_review
from reviews.permissions import wrote
from reviews.submission import NothingToDispute, dispute_review, withdraw_dispute


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


class DisputeReview(AuthorView):
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
                "Nothing to dispute: the review is not scored yet, or a curator has set its label."
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
