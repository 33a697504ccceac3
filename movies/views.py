from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe
from django.views.generic import ListView, TemplateView

from movies.filters import MAX_QUERY_CHARS, MovieFilter
from movies.models import Movie, MovieQuerySet
from movies.posters.layout import poster_svg
from movies.posters.pictures import path_of
from movies.rankings import MAX_PLACES, RANKINGS
from movies.search.suggestions import suggest
from movies.verdict_rules import verdict_rules

POSTER_MAX_AGE_S = 24 * 60 * 60
KEPT_POSTER_MAX_AGE_S = 365 * 24 * 60 * 60  # its name changes with its content
SUGGESTIONS_MAX_AGE_S = 60


class MovieList(ListView):
    template_name = "movies/list.html"
    context_object_name = "movies"
    paginate_by = 24

    def get_queryset(self) -> MovieQuerySet:
        movies = Movie.objects.freshest_first().prefetch_related("genres")
        self.filter = MovieFilter(self.request.GET, queryset=movies, request=self.request)
        self.explain_errors()
        return self.filter.qs

    def explain_errors(self) -> None:
        """Warn about each invalid filter, which is ignored."""
        form = self.filter.form
        for name, (error, *_more) in form.errors.items():
            messages.warning(self.request, f"{form.fields[name].label}: {error}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.copy()
        query.pop("page", None)
        return super().get_context_data(
            filter=self.filter,
            found=self.filter.found,
            query=query.urlencode(),
            sort=self.filter.form.cleaned_data.get("sort", ""),
            **kwargs,
        )


class RankingPage(TemplateView):
    template_name = "movies/ranking.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ranking = RANKINGS.get(kwargs["name"])
        if ranking is None:
            raise Http404
        movies = ranking.movies[:MAX_PLACES]
        return super().get_context_data(ranking=ranking, rankings=RANKINGS, movies=movies, **kwargs)


class FreshnessPage(TemplateView):
    """How freshness and verdicts are worked out, for readers who know no statistics."""

    template_name = "movies/freshness.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        thresholds = {"hot": settings.VERDICT_HOT, "decided": settings.VERDICT_DECIDED}
        return super().get_context_data(rules=verdict_rules(), **thresholds, **kwargs)


@cache_control(private=True, max_age=SUGGESTIONS_MAX_AGE_S)
def suggestions(request: HttpRequest) -> HttpResponse:
    """Answer suggest.js with movies to show below a search field."""
    return JsonResponse({"movies": suggest(request.GET.get("q", "")[:MAX_QUERY_CHARS])})


@require_safe
@cache_control(public=True, max_age=POSTER_MAX_AGE_S)
@conditional_page
def poster(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the generated poster of a movie without one."""
    movie = get_object_or_404(Movie, slug=slug)
    svg = poster_svg(movie.title, movie.year, movie.genres.values_list("name", flat=True))
    return HttpResponse(svg, content_type="image/svg+xml")


@require_safe
def kept_poster(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    """Return a poster that fetch_posters keeps, or the drawn one if its file is gone."""
    try:
        response = FileResponse(path_of(name).open("rb"), content_type="image/webp")
    except OSError:
        return redirect("movies:poster", slug=slug)
    patch_cache_control(response, public=True, max_age=KEPT_POSTER_MAX_AGE_S, immutable=True)
    return response
