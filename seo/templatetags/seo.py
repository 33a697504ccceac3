from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString

from movies.models import Movie
from seo.structured_data import as_script, movie_data

register = template.Library()


@register.simple_tag(takes_context=True)
def absolute(context: Context, path: str) -> str:
    """Return an absolute URL, or the path on an error page without a request."""
    request: HttpRequest | None = context.get("request")
    return request.build_absolute_uri(path) if request else path


@register.simple_tag(takes_context=True)
def canonical(context: Context) -> str:
    """Return the canonical URL, which keeps the page number of a list but not its filters."""
    request: HttpRequest = context["request"]
    page = request.GET.get("page", "")
    return request.build_absolute_uri(request.path + (f"?page={page}" if page.isdecimal() else ""))


@register.simple_tag(takes_context=True)
def share_image(context: Context, movie: Movie | None = None) -> str:
    if movie:
        return absolute(context, reverse("movies:share-image", args=[movie.slug]))
    return absolute(context, static("img/share.png"))


@register.simple_tag(takes_context=True)
def json_ld(context: Context, movie: Movie) -> SafeString:
    url = absolute(context, movie.get_absolute_url())
    data: dict[str, Any] = movie_data(movie, url=url, image=share_image(context, movie))
    return as_script(data)
