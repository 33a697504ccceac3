from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics

from common.errors import Conflict, not_found_if_deleted
from common.openapi import ErrorSerializer
from common.throttling import CountingThrottle
from movies.models import Movie
from reviews.api.serializers import ReviewEditSerializer, ReviewSerializer
from reviews.models import MovieReview
from reviews.permissions import IsAuthorOrReadOnly, MayReview
from reviews.submission import AlreadyReviewed, edit_review, submit_review, withdraw_review


@extend_schema_view(
    get=extend_schema(summary="List the reviews of a movie", description="Newest first."),
    post=extend_schema(
        summary="Post a review",
        description="It is scored at once. An account can review each movie once.",
        responses={201: ReviewSerializer, 409: ErrorSerializer},
    ),
)
class MovieReviews(generics.ListCreateAPIView):
    serializer_class = ReviewSerializer
    permission_classes = [MayReview]
    throttle_classes = [CountingThrottle]
    throttle_scope = "reviews"
    filterset_fields = ["label"]

    def get_queryset(self) -> QuerySet[MovieReview]:
        reviews = MovieReview.objects.visible().select_related("author", "release").newest_first()
        if getattr(self, "swagger_fake_view", False):
            return reviews.none()
        return reviews.filter(movie=self.get_movie())

    def get_movie(self) -> Movie:
        return get_object_or_404(Movie, pk=self.kwargs["movie_id"])

    def create(self, request, *args, **kwargs):
        self.movie = self.get_movie()  # an unknown movie is a 404 even if the review is invalid
        return super().create(request, *args, **kwargs)

    def perform_create(self, serializer) -> None:
        user = self.request.user
        try:
            with not_found_if_deleted():
                serializer.instance = submit_review(
                    movie=self.movie,
                    author=user if user.is_authenticated else None,
                    **serializer.validated_data,
                )
        except AlreadyReviewed as error:
            message = _("You have already reviewed this movie. Edit your existing review instead.")
            raise Conflict(message, code="already_reviewed") from error


@extend_schema_view(
    get=extend_schema(summary="Get a review"),
    patch=extend_schema(
        summary="Edit your review",
        description="A changed text is scored again, and a label set by a person is removed.",
    ),
    delete=extend_schema(summary="Withdraw your review"),
)
class ReviewDetail(generics.RetrieveUpdateDestroyAPIView):
    http_method_names = ["get", "patch", "delete", "head", "options"]
    permission_classes = [IsAuthorOrReadOnly]
    throttle_classes = [CountingThrottle]
    throttle_scope = "reviews"
    queryset = MovieReview.objects.visible().select_related("movie", "author", "release")

    def get_serializer_class(self):
        return ReviewEditSerializer if self.request.method == "PATCH" else ReviewSerializer

    def perform_update(self, serializer) -> None:
        changes = serializer.validated_data
        if not changes:
            return
        with not_found_if_deleted():
            serializer.instance = edit_review(
                review=serializer.instance,
                text=changes.get("text"),
                has_spoilers=changes.get("has_spoilers"),
            )

    def perform_destroy(self, instance: MovieReview) -> None:
        withdraw_review(review=instance)
