from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mlmodel.models import Promotion, Release
from mlmodel.pages.forms import check_text
from mlmodel.unreadable import UnreadableReason

MAX_TEXTS = 1_000


@extend_schema_field(
    {"type": "string", "minLength": 1, "maxLength": settings.REVIEW_MAX_CHARS, "pattern": r"\S"}
)
class ReadableText(serializers.Field):
    """Reject numbers: DRF's own field would accept 5 as the text "5"."""

    default_error_messages = {"invalid": _("Must be a string.")}

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return check_text(data)


class PredictInput(serializers.Serializer):
    """Exactly one of ``text`` and ``texts``."""

    text = ReadableText(required=False)
    texts = serializers.ListField(
        child=ReadableText(), required=False, min_length=1, max_length=MAX_TEXTS
    )

    def validate(self, attrs: dict) -> dict:
        if len(attrs) != 1:
            raise serializers.ValidationError(_("Send exactly one of text and texts."))
        return attrs


class PredictionSerializer(serializers.Serializer):
    label = serializers.ChoiceField(["positive", "negative", "unreadable"])  # type: ignore[assignment]
    p_positive = serializers.FloatField(
        min_value=0, max_value=1, help_text="The calibrated probability of a positive label."
    )
    confidence = serializers.FloatField(
        min_value=0.5, max_value=1, help_text="The probability of the predicted label."
    )
    readable = serializers.BooleanField(help_text="False if the label is `unreadable`.")
    reason = serializers.ChoiceField(
        UnreadableReason.choices,
        allow_null=True,
        help_text="Why the text is unreadable; null if it is readable.",
    )
    language = serializers.CharField(
        allow_null=True,
        help_text="The ISO 639 code of the text's language if the reason is `another_language`.",
    )
    model_version = serializers.CharField()


class PredictionsSerializer(serializers.Serializer):
    predictions = PredictionSerializer(many=True)


class PromotionSerializer(serializers.ModelSerializer):
    by = serializers.CharField(source="by_name")
    previous = serializers.CharField(source="previous.version", default=None, allow_null=True)

    class Meta:
        model = Promotion
        fields = ["kind", "at", "by", "reason", "forced", "previous", "image_tag"]


class ReleaseSerializer(serializers.ModelSerializer):
    """A release with its lineage: commit, dataset, run, version, image and promotion."""

    serving_image_tag = serializers.SerializerMethodField()
    promotion = PromotionSerializer(source="last_promotion", allow_null=True)

    def get_serving_image_tag(self, release: Release) -> str:
        return settings.IMAGE_TAG

    class Meta:
        model = Release
        fields = [
            "version",
            "algorithm",
            "params",
            "metrics",
            "git_commit",
            "git_dirty",
            "dataset_version",
            "dataset_hash",
            "n_reviews",
            "run_id",
            "checksum",
            "image_tag",
            "serving_image_tag",
            "created_at",
            "gate",
            "is_champion",
            "promoted_at",
            "promotion",
        ]
