"""URLs of the API, under /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from mlmodel.api import ModelView, PredictView
from movies.api import MovieViewSet
from reviews.api.feedback import ReviewDispute, ReviewOwnLabel, ReviewReports
from reviews.api.views import MovieReviews, ReviewDetail

router = SimpleRouter()
router.register("movies", MovieViewSet, basename="movie")

urlpatterns = [
    path("predict/", PredictView.as_view(), name="predict"),  # first: most requests are for it
    *router.urls,
    path("movies/<int:movie_id>/reviews/", MovieReviews.as_view(), name="movie-reviews"),
    path("reviews/<int:pk>/", ReviewDetail.as_view(), name="review-detail"),
    path("reviews/<int:pk>/author-label/", ReviewOwnLabel.as_view(), name="review-author-label"),
    path("reviews/<int:pk>/dispute/", ReviewDispute.as_view(), name="review-dispute"),
    path("reviews/<int:pk>/report/", ReviewReports.as_view(), name="review-report"),
    path("model/", ModelView.as_view(), name="model"),
]
