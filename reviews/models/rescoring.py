from django.db import models

from mlmodel.models import Release
from movies.models import Movie


class RescoreRun(models.Model):
    """One pass of a release over the stored reviews, with its progress."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="rescore_runs")
    last_pk = models.BigIntegerField(default=0)  # every review up to this key is done
    until_pk = models.BigIntegerField()  # later reviews were scored by a newer model
    n_read = models.PositiveIntegerField(default=0)
    n_settled = models.PositiveIntegerField(default=0)
    n_left_alone = models.PositiveIntegerField(default=0)
    n_failed = models.PositiveIntegerField(default=0)
    changes = models.JSONField(default=dict)  # "negative to positive" -> how many reviews
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"rescoring with {self.release}"


class VerdictBefore(models.Model):
    """A movie's verdict before a rescoring changed it for the first time."""

    run = models.ForeignKey(RescoreRun, on_delete=models.CASCADE, related_name="verdicts_before")
    movie = models.ForeignKey(Movie, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "movie"], name="verdict_before_once_per_movie"),
        ]

    def __str__(self) -> str:
        return f"{self.movie_id} was {self.verdict}"
