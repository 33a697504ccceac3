"""Decide which model is champion after a build was deployed, rolled back to or reverted."""

from dataclasses import dataclass

from django.conf import settings

from mlmodel.lifecycle import promotions, releases
from mlmodel.lifecycle.promotion_check import objections
from mlmodel.models import Promotion, Release

# Stored as the author of a promotion that no person made: no account name contains a space.
DEPLOY, ROLLBACK, REVERT = "the deploy", "the rollback", "the undo"


@dataclass(frozen=True)
class DeployOutcome:
    """Checksums of the build's model and of the champion, and a sentence for the log."""

    shipped: str
    champion: str
    message: str


def adopt_on_deploy() -> DeployOutcome:
    """Make the build's model the champion, unless it has been replaced before.

    A reverted deploy does not count as a replacement: its model may be promoted again.
    """
    shipped, champion = releases.adopt(settings.PRETRAINED_MODEL), Release.objects.champion()
    if champion and champion != shipped and _replaced_by(shipped) not in ("", REVERT):
        return _keep(shipped, champion)
    return _promote(shipped, champion, by_name=DEPLOY, reason=f"came with {_build()}")


def adopt_on_rollback(replaced: str) -> DeployOutcome:
    """Make this build's model the champion again after rolling back from ``replaced``.

    A model that a person replaced stays replaced.
    """
    _undo_deploy_of(replaced, by_name=ROLLBACK)
    shipped, champion = releases.adopt(settings.PRETRAINED_MODEL), Release.objects.champion()
    if champion and _replaced_by(shipped) not in ("", DEPLOY, ROLLBACK, REVERT):
        return _keep(shipped, champion)
    return _promote(shipped, champion, by_name=ROLLBACK, reason=f"came back with {_build()}")


def revert(failed: str) -> DeployOutcome:
    """Restore the champion as it was before the build ``failed`` was deployed."""
    _undo_deploy_of(failed, by_name=REVERT)
    return adopt_on_deploy()


def _undo_deploy_of(build: str, *, by_name: str) -> None:
    """Roll back the promotion made by the build's deploy, unless a model was chosen since."""
    last = Promotion.objects.newest_first().first()
    if last and last.previous and (last.by_name, last.image_tag) == (DEPLOY, build):
        promotions.rollback(by_name=by_name, reason=f"{build} was rolled back")


def _replaced_by(release: Release) -> str:
    """Return who last replaced the release as champion; "" if no one did, or if it serves."""
    last = Promotion.objects.filter(previous=release).newest_first().first()
    return last.by_name or "somebody" if last and not release.is_champion else ""


def _keep(shipped: Release, champion: Release) -> DeployOutcome:
    message = (
        f"{champion} stays champion: {shipped}, which came with {_build()}, was replaced by "
        f"{_replaced_by(shipped)} (`manage.py promote {shipped.version}` restores it)."
    )
    return DeployOutcome(shipped.checksum, champion.checksum, message)


def _promote(
    shipped: Release, champion: Release | None, *, by_name: str, reason: str
) -> DeployOutcome:
    if champion == shipped:
        message = f"{shipped} is the champion already."
        return DeployOutcome(shipped.checksum, shipped.checksum, message)
    # Rollbacks bypass the gate. Without a champion, a site has no other model than its build's.
    if champion and by_name != ROLLBACK and (problems := objections(shipped)):
        message = (
            f"{champion} stays champion: {shipped}, which came with {_build()}, must not "
            f"replace it ({'; '.join(problems)})."
        )
        return DeployOutcome(shipped.checksum, champion.checksum, message)
    promotions.record_live(shipped.version, by_name=by_name, reason=reason)
    return DeployOutcome(shipped.checksum, shipped.checksum, f"{shipped} is the champion now.")


def _build() -> str:
    return settings.IMAGE_TAG or "the code"
