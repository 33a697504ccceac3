from django.contrib import admin
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from common import errors
from movies.views import FreshnessPage, MovieList, RankingPage, kept_poster, poster, suggestions
from observability.metrics import MetricsView
from reviews.moderation.dashboard import dashboard_page
from reviews.pages.views import HomePage, MoviePage
from seo.urls import movie_urls as seo_urls
from status import health
from status.views import status_page

admin.site.site_header = admin.site.site_title = "Rotten Potatoes"
admin.site.index_title = gettext_lazy("The curators’ room")
admin.site.enable_nav_sidebar = False  # the header links what curators need; tables need the room

# Combined here: a movie's page shows its reviews, and the app movies does not know the app reviews.
movie_urls = [
    path("movies/", MovieList.as_view(), name="list"),
    path("movies/suggest/", suggestions, name="suggest"),
    path("movies/<slug:slug>/", MoviePage.as_view(), name="detail"),
    path("movies/<slug:slug>/poster.svg", poster, name="poster"),
    re_path(
        r"^movies/(?P<slug>[-\w]+)/poster-(?P<name>[0-9a-f]{32})\.webp$",
        kept_poster,
        name="kept-poster",
    ),
    path("freshness/", FreshnessPage.as_view(), name="freshness"),
    path("charts/<slug:name>/", RankingPage.as_view(), name="ranking"),
]

urlpatterns = [
    # First: Django tries the patterns in turn, and the API has the most requests.
    path("api/v1/", include("rottenpotatoes.api")),
    path("", HomePage.as_view(), name="home"),
    path("", include((movie_urls + seo_urls, "movies"))),
    path("", include("seo.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("reviews.urls")),
    path("", include("mlmodel.urls")),
    path("accounts/", include("accounts.urls")),
    # Replaces the admin's own form, which has no limit on wrong passwords.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/status/", admin.site.admin_view(status_page), name="admin-status"),
    # Replaces the admin's own first page.
    path("admin/", admin.site.admin_view(dashboard_page)),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("startupz", health.startupz, name="startupz"),
    path("metrics", MetricsView.as_view(), name="metrics"),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path(
        "api/docs/",
        # Split: the script has a URL of its own, so that the page needs no inline script.
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="api_docs.html"),
        name="api-docs",
    ),
    path("api/<path:rest>", errors.api_fallback),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.not_found
handler500 = errors.server_error
