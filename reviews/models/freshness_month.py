from django.db import models

from movies.models import Movie


class FreshnessMonth(models.Model):
    """The counted reviews of a movie that were written in one month, as a histogram."""

    movie = models.ForeignKey(Movie, on_delete=models.CASCADE, related_name="freshness_months")
    month = models.DateField()  # its first day
    # One number for each probability bin, then the human positive and human negative labels.
    counts = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["movie", "month"], name="freshness_once_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.movie_id} in {self.month:%Y-%m}"
