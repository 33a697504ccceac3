from django.db import models
from django.utils import timezone


class ServingProcess(models.Model):
    """The state of a serving process as it last reported it: processes run on several machines."""

    name = models.CharField(max_length=120, unique=True)  # host:pid
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)
    model_version = models.CharField(max_length=60, blank=True)
    refused_version = models.CharField(max_length=60, blank=True)
    n_waiting = models.PositiveIntegerField(default=0)  # events for Logstash
    n_dropped = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
