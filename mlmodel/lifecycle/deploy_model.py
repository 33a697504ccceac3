"""Which model is champion after a build has come, has come back, or was undone."""

from dataclasses import dataclass

from django.conf import settings

from mlmodel.lifecycle import releases
from mlmodel.models import Promotion, Release

# Who promoted, where no person did: no account has a space in its name.
DEPLOY, ROLLBACK, UNDO = "the deploy", "the rollback", "the undo"


@dataclass(frozen=True)
class Brought:
    """What a build came with, what reads reviews now, and why."""

    shipped: Release
    champion: Release
    told: str


def bring() -> Brought:
    """Make the build's model the champion, unless it was replaced before: it stays replaced.

    A deploy that was undone is no judgement of its model, which may come again.
    """
    shipped, champion = releases.adopt(settings.PRETRAINED_MODEL), Release.objects.champion()
    if champion and champion != shipped and _replaced_by(shipped) not in ("", UNDO):
        return _kept(shipped, champion)
    return _promote(shipped, champion, by_name=DEPLOY, reason=f"came with {_build()}")


def bring_again(left: str) -> Brought:
    """Come back from the build ``left`` on purpose; a model that a person replaced stays so."""
    _take_back(left, by_name=ROLLBACK)
    shipped, champion = releases.adopt(settings.PRETRAINED_MODEL), Release.objects.champion()
    if champion and _replaced_by(shipped) not in ("", DEPLOY, ROLLBACK, UNDO):
        return _kept(shipped, champion)
    return _promote(shipped, champion, by_name=ROLLBACK, reason=f"came back with {_build()}")


def undo(failed: str) -> Brought:
    """Leave the champion as it was before the build ``failed`` came."""
    _take_back(failed, by_name=UNDO)
    return bring()


def _take_back(build: str, *, by_name: str) -> None:
    """Undo what the build's deploy promoted, if nobody has chosen another model since."""
    last = Promotion.objects.newest_first().first()
    if last and last.previous and (last.by_name, last.image_tag) == (DEPLOY, build):
        releases.rollback(by_name=by_name, reason=f"{build} was left")


def _replaced_by(release: Release) -> str:
    """Who made another one champion instead of this; empty where nobody did, or not last."""
    last = Promotion.objects.filter(previous=release).newest_first().first()
    return last.by_name or "somebody" if last and not release.is_champion else ""


def _kept(shipped: Release, champion: Release) -> Brought:
    told = (
        f"{champion} stays champion: {shipped}, which came with {_build()}, was replaced by "
        f"{_replaced_by(shipped)} (`manage.py promote {shipped.version}` brings it back)."
    )
    return Brought(shipped, champion, told)


def _promote(shipped: Release, champion: Release | None, *, by_name: str, reason: str) -> Brought:
    if champion == shipped:
        return Brought(shipped, shipped, f"{shipped} is the champion already.")
    # The way back stands open, whatever the gate says.
    releases.promote(shipped.version, by_name=by_name, reason=reason, force=by_name == ROLLBACK)
    return Brought(shipped, shipped, f"{shipped} is the champion now.")


def _build() -> str:
    return settings.IMAGE_TAG or "the code"
