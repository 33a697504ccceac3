from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import Conflict, not_found_if_deleted
from common.openapi import ErrorSerializer
from common.throttling import CountingThrottle
from reviews.api.serializers import StrictTextField
from reviews.forms import check_note
from reviews.models import MAX_NOTE_CHARS, MovieReview, ReviewReport
from reviews.moderation.reports import report_review
from reviews.permissions import IsAuthorOrReadOnly
from reviews.submission import NothingToDispute, dispute_review, withdraw_dispute


class DisputeSerializer(serializers.ModelSerializer):
    note = StrictTextField(
        source="dispute_note",
        required=False,
        allow_blank=True,
        max_length=MAX_NOTE_CHARS,
        help_text="What the model got wrong; only curators see it.",
    )

    class Meta:
        model = MovieReview
        fields = ["id", "label", "note", "disputed_at"]
        read_only_fields = ["id", "label", "disputed_at"]

    def validate_note(self, note: str) -> str:
        return check_note(note)


class ReportSerializer(serializers.ModelSerializer):
    class Meta:
        model = ReviewReport
        fields = ["reason"]


class ReviewDispute(generics.GenericAPIView):
    """Dispute the label of your own review; a curator will decide."""

    serializer_class = DisputeSerializer
    permission_classes = [IsAuthorOrReadOnly]
    throttle_classes = [CountingThrottle]
    throttle_scope = "reviews"
    queryset = MovieReview.objects.visible()

    @extend_schema(
        summary="Dispute a label", responses={200: DisputeSerializer, 409: ErrorSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        review = self.get_object()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        note = serializer.validated_data.get("dispute_note", "")
        try:
            with not_found_if_deleted():
                disputed = dispute_review(review=review, note=note)
        except NothingToDispute as error:
            message = _(
                "Nothing to dispute: the review is not scored yet, or a curator has set its label."
            )
            raise Conflict(message, code="nothing_to_dispute") from error
        return Response(self.get_serializer(disputed).data)

    @extend_schema(summary="Withdraw a dispute", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Withdraw the dispute."""
        review = self.get_object()
        with not_found_if_deleted():
            withdraw_dispute(review=review)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ReviewReports(generics.GenericAPIView):
    """Report a review to the curators, with or without an account."""

    serializer_class = ReportSerializer
    permission_classes = [AllowAny]
    throttle_classes = [CountingThrottle]
    throttle_scope = "reports"
    queryset = MovieReview.objects.visible()

    @extend_schema(summary="Report a review", responses={201: ReportSerializer})
    def post(self, request: Request, pk: int) -> Response:
        review = self.get_object()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        reporter = request.user if request.user.is_authenticated else None
        with not_found_if_deleted():
            report_review(review=review, reporter=reporter, **serializer.validated_data)
        return Response(serializer.data, status=status.HTTP_201_CREATED)
