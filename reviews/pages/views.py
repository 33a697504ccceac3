import math

from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import DetailView, FormView, ListView, TemplateView

from common.errors import not_found_if_deleted
from common.throttling import CountingThrottle
from mlmodel.pages.fragments import FRAGMENT, wants_fragment
from movies.models import HOT_VERDICTS, Movie, Verdict
from movies.search.similar import similar_movies
from reviews.forms import DisputeForm, ReportForm, ReviewForm
from reviews.freshness_history import moments
from reviews.models import MovieReview
from reviews.pages.charts import confidence_chart, history_chart
from reviews.pages.drafts import DRAFT, draft_about, keep_draft
from reviews.pages.listing import parse_query
from reviews.pages.quotes import most_confident_quotes
from reviews.permissions import (
    may_review,
    own_review,
    remember_guest,
    seen_by,
    written_as_guest,
    wrote,
)
from reviews.scoring import explain
from reviews.submission import AlreadyReviewed, submit_review

N_ON_HOME = 6


class HomePage(TemplateView):
    template_name = "home.html"

    def get_context_data(self, **kwargs) -> dict:
        reviews = MovieReview.objects.visible().newest_first()
        # From the counters of the movies, instead of counting millions of reviews.
        totals = Movie.objects.aggregate(n_movies=Count("pk"), n_reviews=Sum("n_reviews"))
        return super().get_context_data(
            **kwargs,
            hottest=Movie.objects.filter(verdict__in=HOT_VERDICTS).freshest_first()[:N_ON_HOME],
            rottenest=Movie.objects.filter(verdict=Verdict.ROTTEN).most_rotten_first()[:N_ON_HOME],
            newest_reviews=reviews.select_related("movie", "author", "release")[:N_ON_HOME],
            n_movies=totals["n_movies"],
            n_reviews=totals["n_reviews"] or 0,
        )


class MoviePage(ListView):
    """A movie with a page of its reviews."""

    template_name = "movies/detail.html"
    context_object_name = "reviews"
    paginate_by = 20

    def get_queryset(self) -> QuerySet[MovieReview]:
        movies = Movie.objects.prefetch_related("genres")
        self.movie = get_object_or_404(movies, slug=self.kwargs["slug"])
        self.listing = parse_query(self.movie, self.request.GET)
        return self.listing.reviews.select_related("author", "release")

    def get_paginator(self, *args, **kwargs) -> Paginator:
        paginator = super().get_paginator(*args, **kwargs)
        paginator.count = self.listing.n  # denormalised, so that no query counts them
        return paginator

    def get_context_data(self, **kwargs) -> dict:
        user = self.request.user
        form = ReviewForm(is_guest=not user.is_authenticated, user=user)
        return super().get_context_data(
            **kwargs,
            movie=self.movie,
            form=form,
            may_review=may_review(user),
            own_review=own_review(self.request, self.movie),
            listing=self.listing,
            query=self.listing.query,
            similar=similar_movies(self.movie),
            n_held=self.count_held_back(),
            **self.behind_the_number(),
        )

    def count_held_back(self) -> int:
        if self.movie.n_counted == self.movie.n_reviews:
            return 0  # nearly always, and without a query
        return self.movie.reviews.held_back().count()

    def behind_the_number(self) -> dict:
        if not self.movie.n_counted:
            return {}
        return {
            "history": history_chart(moments(self.movie)),
            "confidences": confidence_chart(self.movie.p_histogram),
            "quotes": most_confident_quotes(self.movie),
        }


class ReviewFormView(FormView):
    """A form for a review that keeps the text when it is refused."""

    form_class = ReviewForm

    def form_invalid(self, form: ReviewForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def refuse(self, form: ReviewForm, message: str, *, status: int) -> HttpResponse:
        form.add_error(None, message)
        return self.render_to_response(self.get_context_data(form=form), status=status)


class ReviewCreate(ReviewFormView):
    template_name = "reviews/create.html"

    def setup(self, request: HttpRequest, *args, **kwargs) -> None:
        super().setup(request, *args, **kwargs)
        self.movie = get_object_or_404(Movie, slug=kwargs["slug"])
        self.may_review = may_review(request.user)

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not self.may_review:
            return redirect_to_login(request.get_full_path())
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if "preview" in request.POST:
            return self.preview()
        throttle = CountingThrottle()
        if throttle.admits(request, "reviews"):
            return super().post(request, *args, **kwargs)
        # Show the form again with its text: a limit must not cost anyone a review.
        wait_s = math.ceil(throttle.wait() or 1)
        response = self.refuse(
            self.get_form(),
            ngettext(
                "Too many reviews in a short time. Please try again in %(n)d second.",
                "Too many reviews in a short time. Please try again in %(n)d seconds.",
                wait_s,
            )
            % {"n": wait_s},
            status=429,
        )
        response["Retry-After"] = str(wait_s)
        return response

    def preview(self) -> HttpResponse:
        """Show how the model scores the text, without storing it."""
        form = self.get_form()
        if not form.is_valid():
            return self.form_invalid(form)
        if not CountingThrottle().admits(self.request, "predict"):
            return self.refuse(form, _("Too many requests. Please try again later."), status=429)
        explanation = explain(MovieReview(text=form.cleaned_data["text"]))
        if explanation is None:
            message = _(
                "No model is loaded right now. You can still publish; it will be scored later."
            )
            return self.refuse(form, message, status=503)
        context = {"prediction": explanation.prediction, "explanation": explanation}
        if wants_fragment(self.request):
            return render(self.request, FRAGMENT, context | {"in_short": True})
        return self.render_to_response(self.get_context_data(form=form, **context))

    def get_initial(self) -> dict:
        return draft_about(self.request.session, movie=self.movie.pk)

    def get_form_kwargs(self) -> dict:
        user = self.request.user
        is_guest = self.may_review and not user.is_authenticated
        return super().get_form_kwargs() | {"is_guest": is_guest, "user": user}

    def get_context_data(self, **kwargs) -> dict:
        context = {"movie": self.movie, "may_review": self.may_review}
        context["own_review"] = own_review(self.request, self.movie)
        return super().get_context_data(**kwargs, **context)

    def form_valid(self, form: ReviewForm) -> HttpResponse:
        user = self.request.user
        if not self.may_review:
            return self.keep_draft(form)
        if not form.was_written_by(user):
            return self.show_again(form, status=409)
        try:
            with not_found_if_deleted():
                review = submit_review(
                    movie=self.movie,
                    text=form.cleaned_data["text"],
                    author=user if user.is_authenticated else None,
                    guest_name=form.cleaned_data.get("guest_name", ""),
                    has_spoilers=form.cleaned_data["has_spoilers"],
                    written=written_as_guest(self.request.session),
                )
        except AlreadyReviewed:
            form.stored = self.movie.reviews.get(author=user.pk)
            return self.refuse(form, _("You have already reviewed this movie."), status=409)
        self.request.session.pop(DRAFT, None)
        if review.author is None:
            remember_guest(self.request.session, review)
        return redirect(f"{review.get_absolute_url()}?new=1")

    def keep_draft(self, form: ReviewForm) -> HttpResponse:
        """Keep the text in the session and ask the visitor to sign in."""
        draft = keep_draft(self.request.session, form, movie=self.movie.pk)
        return self.render_to_response(self.get_context_data(form=form, draft=draft), status=403)

    def show_again(self, form: ReviewForm, *, status: int) -> HttpResponse:
        """Store nothing, and offer to send the text as who the visitor is now."""
        user = self.request.user
        is_signed_out = not user.is_authenticated and not form.was_written_by(user)
        if not self.may_review:
            return self.keep_draft(form)
        if is_signed_out:
            keep_draft(self.request.session, form, movie=self.movie.pk)
        why = "stale" if form.was_written_by(user) else "signed-in"
        why = "signed-out" if is_signed_out else why
        form.show_to(user)
        context = self.get_context_data(form=form, shown_again=why)
        return self.render_to_response(context, status=status)

    def csrf_failed(self) -> HttpResponse:
        return self.show_again(self.get_form(), status=403)


class ReviewPage(DetailView):
    template_name = "reviews/detail.html"
    context_object_name = "review"

    def get_queryset(self) -> QuerySet[MovieReview]:
        return seen_by(self.request).select_related("movie", "author", "release")

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(
            **kwargs,
            movie=self.object.movie,
            explanation=explain(self.object),
            just_submitted=self.request.GET.get("new") == "1",
            is_mine=wrote(self.request, self.object),
            dispute_form=DisputeForm(),
            report_form=ReportForm(),
        )
