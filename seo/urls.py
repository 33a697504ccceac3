from django.contrib.sitemaps import views as sitemap_views
from django.urls import path

from seo import views
from seo.feeds import MovieReviewsFeed, ReviewsFeed
from seo.sitemaps import SITEMAPS

# Part of the URL namespace of a movie's page.
movie_urls = [
    path("movies/<slug:slug>/badge.svg", views.badge, name="badge"),
    path("movies/<slug:slug>/share.png", views.share_image, name="share-image"),
    path("movies/<slug:slug>/reviews.rss", MovieReviewsFeed(), name="feed"),
]
urlpatterns = [
    path("reviews.rss", ReviewsFeed(), name="reviews-feed"),
    path("sitemap.xml", sitemap_views.index, {"sitemaps": SITEMAPS}, name="sitemap"),
    path(
        "sitemap-<section>.xml",
        sitemap_views.sitemap,
        {"sitemaps": SITEMAPS},
        name="django.contrib.sitemaps.views.sitemap",
    ),
    path("robots.txt", views.robots_txt, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("favicon.ico", views.favicon, name="favicon"),
]
