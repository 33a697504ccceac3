"""Run the gate on a release of this site, and store the report."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone

from mlmodel import events
from mlmodel.lifecycle import mlflow_registry, releases
from mlmodel.lifecycle.lineage import file_md5
from mlmodel.lifecycle.model_store import model_store
from mlmodel.models import Release
from mlmodel.sentiment.data.corpus import SPLIT_SEED, grouped_split, read_corpus
from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.evaluation import gate
from mlmodel.sentiment.evaluation.cached_predictions import load_predictions
from mlmodel.sentiment.evaluation.holdout import EvaluationSet, ModelOutputs, run_model
from mlmodel.sentiment.io.loader import load_scorer

logger = logging.getLogger(__name__)
Progress = Callable[[str], None]
MAX_TAG_CHARS = 5_000  # the longest tag that MLflow stores


def newest_challenger() -> Release:
    """Return the newest trained release that is not champion."""
    trained = Release.objects.filter(is_champion=False, version__regex=r"^\d+$")
    release = trained.newest_first().first()
    if release is None:
        raise SentimentError("there is no challenger; `train` makes one")
    return release


def run(
    release: Release,
    *,
    dataset: Path,
    against: Release | None = None,
    floors: str = "",
    progress: Progress = lambda _: None,
) -> gate.Report:
    """Run the gate on a release, and store the report with it and in the registry.

    Parameters
    ----------
    dataset : Path
        Its held-out movies are the same in every training: no model has seen them, unless it
        was fitted again on everything. Then its cached predictions from before count.
    against : Release, optional
        Default: the champion or, for the champion, the one before it.
    floors : str, optional
        Default: those of the larger of the two releases' dataset versions.

    Raises
    ------
    SentimentError
        If the data or a model cannot be read.
    """
    against = against or _default_opponent(release)
    _, held_out = grouped_split(read_corpus(dataset), seed=SPLIT_SEED)
    holdout = EvaluationSet(held_out)
    progress(f"{len(held_out)} held-out reviews, {len(holdout.sentences.texts)} of their sentences")
    report = gate.run_gate(
        holdout,
        _run(release, holdout),
        _run(against, holdout) if against else None,
        floors=floors or _floors(release, against),
        against=against.version if against else "",
    )
    _keep(release, report, dataset)
    events.gate_finished(release, report)
    return report


def _default_opponent(release: Release) -> Release | None:
    champion = Release.objects.champion()
    return releases.previous_champion() if champion == release else champion


def _floors(release: Release, against: Release | None) -> str:
    # A small dataset version must not lower the floors of a large one.
    compared = [release, against] if against else [release]
    return gate.higher(*(gate.level_of(each.dataset_version) for each in compared))


def _run(release: Release, holdout: EvaluationSet) -> ModelOutputs:
    folder = model_store().find(release.checksum)
    scorer = load_scorer(folder, checksum=release.checksum, version=release.version)
    has_seen = release.params.get("refit", False)
    cached = load_predictions(folder) if has_seen else None
    return run_model(scorer, holdout, cached=cached, recorded=release.metrics)


def _keep(release: Release, report: gate.Report, dataset: Path) -> None:
    release.gate = report.as_dict() | {
        "at": timezone.now().isoformat(timespec="seconds"),
        "dataset_hash": file_md5(dataset),
    }
    release.save(update_fields=["gate"])
    if not release.version.isdecimal():
        return
    try:
        # Sites that fetch this version from the registry need the report.
        tags = {"gate": "passed" if report.passed else "refused"}
        report_json = json.dumps(release.gate)
        if len(report_json) <= MAX_TAG_CHARS:
            tags["gate_report"] = report_json
        else:
            logger.warning(
                "the gate's report is too long for the registry: it gets the result only"
            )
        mlflow_registry.tag_version(release.version, tags)
    except mlflow_registry.RegistryUnavailable as error:
        logger.warning("cannot store the gate's report in the registry: %s", error)
