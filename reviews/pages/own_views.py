"""Pages on which authors see, edit and withdraw their reviews."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import ListView, TemplateView

from common.errors import not_found_if_deleted
from common.throttling import CountingThrottle
from reviews.forms import ReviewForm
from reviews.models import MovieReview
from reviews.pages.views import ReviewFormView
from reviews.permissions import written_by, wrote
from reviews.submission import edit_review, withdraw_review


@method_decorator(never_cache, name="dispatch")
class MyReviews(ListView):
    template_name = "reviews/mine.html"
    context_object_name = "reviews"
    paginate_by = 20

    def get_queryset(self) -> QuerySet[MovieReview]:
        mine = written_by(self.request).newest_first()
        return mine.select_related("movie", "author", "release")


class OwnReview:
    """A review of the visitor's own, hidden or not."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        reviews = MovieReview.objects.select_related("movie", "author", "release")
        self.review = get_object_or_404(reviews, pk=kwargs["pk"])
        if not wrote(request, self.review):
            # To others, a hidden review does not exist.
            raise Http404 if self.review.is_hidden else PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def get_context_data(self, **kwargs) -> dict:
        context = {"review": self.review, "movie": self.review.movie}
        return super().get_context_data(**kwargs, **context)  # type: ignore[misc]


class EditReview(OwnReview, ReviewFormView):
    template_name = "reviews/edit.html"

    def get_initial(self) -> dict:
        return {"text": self.review.text, "has_spoilers": self.review.has_spoilers}

    def get_form_kwargs(self) -> dict:
        return super().get_form_kwargs() | {"is_guest": False}

    def form_valid(self, form: ReviewForm) -> HttpResponse:
        if not CountingThrottle().admits(self.request, "reviews"):
            return self.refuse(form, _("Too many requests. Please try again later."), status=429)
        changes = {name: form.cleaned_data[name] for name in ("text", "has_spoilers")}
        with not_found_if_deleted():
            review = edit_review(review=self.review, **changes)
        messages.success(self.request, _("Your review has been updated and scored again."))
        return redirect(review)


class WithdrawReview(OwnReview, TemplateView):
    """Ask for confirmation, then delete the review."""

    template_name = "reviews/withdraw.html"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        withdraw_review(review=self.review)
        messages.success(request, _("Your review has been withdrawn."))
        return redirect("reviews:mine")
