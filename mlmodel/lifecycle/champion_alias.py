"""MLflow's picture of the promotions: the alias "champion", and tags on the promoted versions.

The release table decides which model serves. A promotion is marked there once it is recorded in
MLflow, too: after a kill, or where MLflow is not available, a later command records it.
"""

import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings

from common.locks import exclusive
from mlmodel.lifecycle import mlflow_registry as registry
from mlmodel.models import Promotion, Release

logger = logging.getLogger(__name__)

MAX_TAG_CHARS = 5000  # MLflow's


def announce() -> None:
    """Record new promotions in MLflow; log a warning if it is not available."""
    due = Promotion.objects.filter(is_announced=False)
    if not due.exists():
        return
    try:
        # A model that came with the code has no number in the registry.
        if Promotion.objects.filter(release__version__regex=r"^\d+$").exists():
            registry.connect()  # before the lock: a web image has no MLflow
            with exclusive(settings.VAR_DIR / "registry.lock"):
                announced = list(due.select_related("release").order_by("pk"))
                _record_in_mlflow(announced)
        else:
            announced = list(due)
    except registry.RegistryUnavailable as error:
        logger.warning("the champion alias was not moved; the next command tries again: %s", error)
    else:
        Promotion.objects.filter(pk__in=[row.pk for row in announced]).update(is_announced=True)


def _record_in_mlflow(promotions: Iterable[Promotion]) -> None:
    name, champion = settings.MLFLOW_MODEL_NAME, Release.objects.champion()
    with registry.open_client() as client:
        if not registry.has_model(client, name):
            return
        for promotion in promotions:
            version = promotion.release.version
            if registry.has_version(client, name, version):
                for key, value in _tags(promotion).items():
                    client.set_model_version_tag(name, version, key, value)
        if champion and registry.has_version(client, name, champion.version):
            client.set_registered_model_alias(name, registry.CHAMPION, champion.version)
            aliases = client.get_registered_model(name).aliases
            if str(aliases.get(registry.CHALLENGER)) == champion.version:
                client.delete_registered_model_alias(name, registry.CHALLENGER)
        else:
            client.delete_registered_model_alias(name, registry.CHAMPION)


def _tags(promotion: Promotion) -> dict[str, Any]:
    return {
        "promoted_by": promotion.by_name,
        "promoted_at": promotion.at.isoformat(timespec="seconds"),
        "promotion": promotion.kind,
        "reason": promotion.reason[:MAX_TAG_CHARS],
        "forced": str(promotion.forced).lower(),
    }
