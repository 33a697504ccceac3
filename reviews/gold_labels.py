"""The labels that people have set on this site, for the gate's exam."""

from collections.abc import Iterator

from mlmodel.lifecycle.gold import Labelled
from reviews.models import Label, MovieReview


def settled_labels() -> Iterator[Labelled]:
    settled = MovieReview.objects.for_training().order_by("pk")
    for text, label in settled.values_list("text", "human_label").iterator():
        yield text, label == Label.POSITIVE
