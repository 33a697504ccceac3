from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mlmodel.unreadable import UnreadableReason
from reviews.forms import check_review_text
from reviews.guest_names import MAX_GUEST_NAME_CHARS, check_guest_name
from reviews.models import LabelSource, MovieReview
from reviews.moderation.block_list import check_block_list


class StrictTextField(serializers.CharField):
    """Reject numbers: DRF would accept 12345 as the review "12345"."""

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field(
    {
        "type": "string",
        "minLength": 1,
        "maxLength": settings.REVIEW_MAX_CHARS,
    }
)
class ReviewTextField(StrictTextField):
    """Declare the length limits in the schema only: ``check_review_text`` counts after trimming."""

    def __init__(self, **kwargs) -> None:
        super().__init__(trim_whitespace=False, **kwargs)


class LabelSourceField(serializers.ChoiceField):
    def __init__(self, **kwargs) -> None:
        help_text = "Whose label counts: the model's, the author's or a curator's."
        super().__init__(LabelSource.choices, read_only=True, help_text=help_text, **kwargs)


class ReviewSerializer(serializers.ModelSerializer):
    text = ReviewTextField()
    guest_name = StrictTextField(
        required=False,
        allow_blank=True,
        write_only=True,
        trim_whitespace=False,
        help_text=f"Only for guests; up to {MAX_GUEST_NAME_CHARS} characters, and not a name that "
        "looks like an account's.",
    )
    author = serializers.CharField(source="author_name", read_only=True)
    label_source = LabelSourceField()
    author_has_account = serializers.BooleanField(
        source="has_account",
        read_only=True,
        help_text="Whether `author` is the name of an account; guests write any other name.",
    )
    confidence = serializers.FloatField(read_only=True, allow_null=True)
    reason = serializers.SerializerMethodField(
        help_text="Why the model gave no label; null if it gave one, or if that was not recorded."
    )
    language = serializers.SerializerMethodField(
        help_text="The ISO 639 code of the text's language if the reason is `another_language`."
    )
    model_version = serializers.CharField(
        source="release.version",
        read_only=True,
        allow_null=True,
        help_text="The release that scored the review; null while it is unread.",
    )

    class Meta:
        model = MovieReview
        fields = [
            "id",
            "movie",
            "author",
            "author_has_account",
            "guest_name",
            "text",
            "has_spoilers",
            "label",
            "label_source",
            "human_label",
            "p_positive",
            "confidence",
            "reason",
            "language",
            "model_version",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["movie", "label", "human_label"]

    @extend_schema_field(serializers.ChoiceField(choices=UnreadableReason.choices, allow_null=True))
    def get_reason(self, review: MovieReview) -> str | None:
        return review.unreadable_reason or None

    def get_language(self, review: MovieReview) -> str | None:
        return review.language or None

    def validate_text(self, text: str) -> str:
        return check_block_list(check_review_text(text))

    def validate_guest_name(self, name: str) -> str:
        return check_guest_name(name)


class ReviewEditSerializer(ReviewSerializer):
    """The fields that an author can edit."""

    class Meta(ReviewSerializer.Meta):
        fields = [name for name in ReviewSerializer.Meta.fields if name != "guest_name"]
