"""Change the champion: promote a release, roll back, record what a deploy put live."""

from django.conf import settings

from mlmodel import events
from mlmodel.lifecycle.champion_alias import announce
from mlmodel.lifecycle.promotion_check import objections
from mlmodel.lifecycle.releases import adopt, find
from mlmodel.models import Promotion, Release
from mlmodel.sentiment.errors import ModelUnavailable, SentimentError


class GateRejected(SentimentError):
    """The release must not be promoted; it can be by force, with a reason."""


def promote(
    version: str, *, by=None, by_name: str = "", reason: str = "", force: bool = False
) -> Release:
    """Make a release the champion, and move MLflow's alias to it.

    A release that was champion before is recorded as pinned.

    Raises
    ------
    GateRejected
        If the gate has rejected it or not checked it, or it is worse than what serves now; not
        if it is forced.
    SentimentError
        If there is no such release, its model folder is gone, or force has no reason.
    """
    if force and not reason.strip():
        raise SentimentError("force needs a reason, which is recorded and shown")
    release = find(version)
    problems = objections(release)
    if problems and not force:
        raise GateRejected("; ".join(problems))
    return _switch(release, by=by, by_name=by_name, reason=reason, forced=bool(problems))


def record_live(version: str, *, by_name: str, reason: str) -> Release:
    """Make the release the champion that a deploy has put live, without checks."""
    return _switch(find(version), by_name=by_name, reason=reason)


def _switch(
    release: Release, *, by=None, by_name: str = "", reason: str = "", forced: bool = False
) -> Release:
    if not Promotion.objects.exists():
        _record_pretrained_champion(release)
    before = Release.objects.champion()
    was_champion = Promotion.objects.filter(release=release).exists()
    release.promote(
        by=by,
        by_name=by_name,
        kind=Promotion.Kind.PIN if was_champion else Promotion.Kind.PROMOTE,
        reason=reason,
        forced=forced,
    )
    events.promoted(release, before, by=by, forced=forced)
    announce()
    return release


def _record_pretrained_champion(first: Release) -> None:
    """Record that the pretrained model served before the first promotion, for rollbacks."""
    try:
        pretrained = adopt(settings.PRETRAINED_MODEL)
    except ModelUnavailable:
        return
    if pretrained != first:
        pretrained.promote(by_name="the site", reason="served before the first promotion")


def previous_champion() -> Release | None:
    """Return the release that a rollback would make champion."""
    champions = Promotion.objects.champions()
    return Release.objects.get(pk=champions[-2]) if len(champions) > 1 else None


def rollback(*, by=None, by_name: str = "", reason: str = "") -> Release:
    """Revert the last promotion; two rollbacks go two champions back.

    Rollbacks bypass the gate.
    """
    previous = previous_champion()
    if previous is None:
        raise SentimentError("there is no earlier champion to go back to")
    release, before = find(previous.version), Release.objects.champion()
    release.promote(by=by, by_name=by_name, kind=Promotion.Kind.ROLLBACK, reason=reason)
    events.rolled_back(release, before, by=by)
    announce()
    return release
