"""Undo a curator's decisions in the queue, the newest first.

A decision is remembered as the values it changed, in the curator's session.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from reviews import events
from reviews.models import MovieReview
from reviews.submission import CHANGEABLE, recounted

FIELDS = {
    field.name: field
    for field in MovieReview._meta.concrete_fields
    if field.name in CHANGEABLE and field.name != "updated_at"
}
State = dict[str, Any]


class ChangedSince(Exception):
    """The review is no longer as the decision left it."""


def read_state(pk: int) -> State:
    """Return what a decision can change, as values for JSON."""
    review = MovieReview.objects.get(pk=pk)
    reports = review.reports.filter(closed_at=None).values_list("pk", flat=True)
    return {
        "seen": review.fingerprint,
        "reports": list(reports),
        "fields": {name: _value(review, name) for name in FIELDS},
    }


def difference(before: State, after: State) -> State:
    """Return what ``undo`` needs to restore the state before."""
    old, new = before["fields"], after["fields"]
    return {
        "seen": after["seen"],
        "reports": [pk for pk in before["reports"] if pk not in after["reports"]],
        "changes": {name: [old[name], new[name]] for name in old if old[name] != new[name]},
    }


def undo(*, pk: int, decided: State, by: User) -> MovieReview:
    """Restore what a decision changed.

    Raises
    ------
    ChangedSince
        If the author or another curator has changed the review since.
    """
    with recounted(pk) as review:
        is_same = all(_value(review, name) == new for name, (_, new) in decided["changes"].items())
        if review.fingerprint != decided["seen"] or not is_same:
            raise ChangedSince
        label = str(review.label)
        for name, (old, _new) in decided["changes"].items():
            setattr(review, FIELDS[name].attname, FIELDS[name].to_python(old))
        review.reports.filter(pk__in=decided["reports"]).update(closed_at=None)
    if str(review.label) != label:
        events.corrected(review, label, by)
    return review


def _value(review: MovieReview, name: str) -> Any:
    value = getattr(review, FIELDS[name].attname)
    return value.isoformat() if isinstance(value, datetime) else value
