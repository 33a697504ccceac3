from rest_framework import serializers

from movies.models import Movie, Verdict


class ScoreSerializer(serializers.ModelSerializer):
    """A movie's freshness: the estimated share of its reviews that are positive, 0 to 1.

    Below the minimum number of reviews it is null, and the verdict is "none". The verdict "mixed"
    (Half-Baked) means that the reviews do not decide between "rotten" and "hot".
    """

    movie = serializers.IntegerField(source="pk", read_only=True)
    freshness = serializers.FloatField(min_value=0, max_value=1, allow_null=True, read_only=True)
    low = serializers.FloatField(source="freshness_low", allow_null=True, read_only=True)
    high = serializers.FloatField(source="freshness_high", allow_null=True, read_only=True)
    positive = serializers.IntegerField(source="n_positive", read_only=True)
    counted = serializers.IntegerField(source="n_counted", read_only=True)
    verdict = serializers.ChoiceField(choices=Verdict.choices, read_only=True)

    class Meta:
        model = Movie
        fields = ("movie", "freshness", "low", "high", "positive", "counted", "verdict")


class MovieSerializer(ScoreSerializer):
    movie = None  # type: ignore[assignment]  # it is "id" here
    directors = serializers.ListField(child=serializers.CharField(), read_only=True)
    cast = serializers.ListField(child=serializers.CharField(), read_only=True)
    genres: serializers.Field = serializers.SlugRelatedField("slug", many=True, read_only=True)
    page = serializers.CharField(source="get_absolute_url", read_only=True)
    poster = serializers.CharField(
        read_only=True,
        help_text="Address of the picture that pages show: `poster_url`, or a poster of our own.",
    )

    class Meta:
        model = Movie
        fields = (
            "id",
            "title",
            "year",
            "slug",
            "page",
            "directors",
            "cast",
            "genres",
            "runtime_min",
            "synopsis",
            "poster_url",
            "poster",
            "imdb_id",
            "n_reviews",
            "freshness",
            "low",
            "high",
            "positive",
            "counted",
            "verdict",
        )
        read_only_fields = fields
