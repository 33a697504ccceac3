"""Badges, share images and the files that crawlers request."""

from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from common.formatting import percent
from movies.models import Movie
from seo.badge import badge_svg
from seo.images import share_png

BADGE_MAX_AGE_S = 60 * 60
IMAGE_MAX_AGE_S = 24 * 60 * 60
HIDDEN_PATHS = ("/admin/", "/accounts/", "/api/v1/", "/i18n/", "/movies/*/review/")
SECURITY_TXT_DAYS = 180


@require_safe
@cache_control(public=True, max_age=BADGE_MAX_AGE_S)
@conditional_page
def badge(request: HttpRequest, slug: str) -> HttpResponse:
    movie = get_object_or_404(Movie, slug=slug)
    return HttpResponse(badge_svg(movie), content_type="image/svg+xml")


@require_safe
@cache_control(public=True, max_age=IMAGE_MAX_AGE_S)
@conditional_page
def share_image(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the share image, drawn once per change of the movie and not per request."""
    movie = get_object_or_404(Movie, slug=slug)
    shares = (movie.freshness, movie.freshness_low, movie.freshness_high)
    freshness = "-".join(percent(share) for share in shares)
    updated, language = int(movie.updated_at.timestamp()), translation.get_language()
    key = f"share:{movie.pk}:{updated}:{movie.verdict}:{freshness}:{language}"
    png = cache.get_or_set(key, lambda: share_png(movie), IMAGE_MAX_AGE_S)
    return HttpResponse(png, content_type="image/png")


@require_safe
def robots_txt(request: HttpRequest) -> HttpResponse:
    hidden = "".join(f"Disallow: {path}\n" for path in HIDDEN_PATHS)
    sitemap = request.build_absolute_uri(reverse("sitemap"))
    return plain(f"User-agent: *\n{hidden}\nSitemap: {sitemap}\n")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return where to report vulnerabilities (RFC 9116)."""
    host = request.get_host().partition(":")[0]
    contact = settings.SECURITY_CONTACT or f"mailto:security@{host}"
    expires = timezone.now().replace(hour=0, minute=0, second=0) + timedelta(days=SECURITY_TXT_DAYS)
    languages = ", ".join(code for code, _name in settings.LANGUAGES)
    return plain(
        f"Contact: {contact}\n"
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}\n"
        f"Preferred-Languages: {languages}\n"
        f"Canonical: {request.build_absolute_uri()}\n"
    )


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Redirect clients that request the default address of the icon."""
    return HttpResponse(status=302, headers={"Location": static("img/favicon.svg")})


def plain(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
