"""Pages on which authors see, edit and withdraw their reviews."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import ListView, TemplateView

from common.errors import not_found_if_deleted
from common.throttling import CountingThrottle
from reviews.forms import ReviewForm
from reviews.models import MovieReview
from reviews.pages.drafts import DRAFT, draft_about, keep_draft
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
    is_stale = False  # whether the form came without a valid CSRF token

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except (Http404, PermissionDenied):
            if request.method != "POST" or request.user.is_authenticated:
                raise
            return self.signed_out()

    def signed_out(self) -> HttpResponse:
        """Keep the text of an author who is no longer signed in."""
        draft = keep_draft(
            self.request.session,
            ReviewForm(self.request.POST, is_guest=False),
            review=self.kwargs["pk"],
        )
        context = {"draft": draft, "next": self.request.path}
        return render(self.request, "reviews/signed_out.html", context, status=403)

    def csrf_failed(self) -> HttpResponseBase:
        self.is_stale = True
        return self.dispatch(self.request, *self.args, **self.kwargs)

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not self.is_stale:
            return super().post(request, *args, **kwargs)
        form = self.get_form()
        form.show_to(request.user)
        context = self.get_context_data(form=form, shown_again="stale")
        return self.render_to_response(context, status=403)

    def get_initial(self) -> dict:
        stored = {"text": self.review.text, "has_spoilers": self.review.has_spoilers}
        return stored | draft_about(self.request.session, review=self.review.pk)

    def get_form_kwargs(self) -> dict:
        return super().get_form_kwargs() | {"is_guest": False, "user": self.request.user}

    def form_valid(self, form: ReviewForm) -> HttpResponse:
        if not CountingThrottle().admits(self.request, "reviews"):
            return self.refuse(form, _("Too many requests. Please try again later."), status=429)
        changes = {name: form.cleaned_data[name] for name in ("text", "has_spoilers")}
        with not_found_if_deleted():
            review = edit_review(review=self.review, **changes)
        self.request.session.pop(DRAFT, None)
        messages.success(self.request, _("Your review has been updated and scored again."))
        return redirect(review)


class WithdrawReview(OwnReview, TemplateView):
    """Ask for confirmation, then delete the review."""

    template_name = "reviews/withdraw.html"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        withdraw_review(review=self.review)
        messages.success(request, _("Your review has been withdrawn."))
        return redirect("reviews:mine")
