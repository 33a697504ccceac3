from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import Conflict, not_found_if_deleted
from common.openapi import ErrorSerializer
from common.throttling import CountingThrottle
from reviews.api.serializers import LabelSourceField, StrictTextField
from reviews.forms import check_note
from reviews.models import HUMAN_LABELS, MAX_NOTE_CHARS, MovieReview, ReviewReport
from reviews.moderation.block_list import check_block_list
from reviews.moderation.reports import report_review
from reviews.permissions import IsAuthorOrReadOnly
from reviews.submission import (
    LabelIsFinal,
    NothingToDispute,
    TextChanged,
    dispute_review,
    settle_own_label,
    withdraw_dispute,
)


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


class OwnLabelSerializer(serializers.ModelSerializer):
    author_label = serializers.ChoiceField(
        HUMAN_LABELS, help_text="`positive` if you liked the movie, else `negative`."
    )
    label_source = LabelSourceField()

    class Meta:
        model = MovieReview
        fields = ["id", "label", "label_source", "author_label"]
        read_only_fields = ["id", "label"]

    def validate(self, attrs: dict) -> dict:
        assert isinstance(self.instance, MovieReview)  # noqa: S101  # the view passes it
        # A term may have been blocked since: such a text must not begin to count.
        check_block_list(self.instance.text)
        return attrs


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
                "Nothing to dispute: the review is not scored yet, or a person has set its label."
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


class ReviewOwnLabel(generics.GenericAPIView):
    """Say whether you liked the movie: that becomes the label of your own review."""

    serializer_class = OwnLabelSerializer
    permission_classes = [IsAuthorOrReadOnly]
    throttle_classes = [CountingThrottle]
    throttle_scope = "reviews"
    queryset = MovieReview.objects.visible()

    @extend_schema(
        summary="Set the label of your review",
        responses={200: OwnLabelSerializer, 409: ErrorSerializer},
    )
    def put(self, request: Request, pk: int) -> Response:
        review = self.get_object()
        serializer = self.get_serializer(review, data=request.data)
        serializer.is_valid(raise_exception=True)
        changed = self.settle(review, serializer.validated_data["author_label"])
        return Response(self.get_serializer(changed).data)

    @extend_schema(
        summary="Take back the label of your review", responses={204: None, 409: ErrorSerializer}
    )
    def delete(self, request: Request, pk: int) -> Response:
        """The model's label counts again."""
        self.settle(self.get_object(), "")
        return Response(status=status.HTTP_204_NO_CONTENT)

    def settle(self, review: MovieReview, author_label: str) -> MovieReview:
        try:
            with not_found_if_deleted():
                return settle_own_label(review=review, author_label=author_label)
        except LabelIsFinal as error:
            message = _(
                "This label stays: a curator has set it, or the text is too short to count."
            )
            raise Conflict(message, code="label_is_final") from error
        except TextChanged as error:
            message = _("You have edited this review in the meantime. Please answer again.")
            raise Conflict(message, code="text_changed") from error


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
