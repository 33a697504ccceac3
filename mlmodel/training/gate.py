"""Run the gate on a release of this site, and store the report."""

import logging
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone

from mlmodel import events
from mlmodel.lifecycle import mlflow_registry
from mlmodel.lifecycle.gold import gold_reviews
from mlmodel.lifecycle.lineage import file_md5
from mlmodel.lifecycle.model_store import model_store
from mlmodel.lifecycle.opponent import opponent_of
from mlmodel.models import Release
from mlmodel.sentiment.data.corpus import SPLIT_SEED, grouped_split, read_corpus
from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.evaluation import gate
from mlmodel.sentiment.evaluation.cached_predictions import load_predictions
from mlmodel.sentiment.evaluation.criteria import PROFILES
from mlmodel.sentiment.evaluation.exam import exam_lines, load_exam, sit_exam
from mlmodel.sentiment.evaluation.holdout import EvaluationSet, ModelOutputs, run_model
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.models.scorer import Scorer
from mlmodel.training.label_examination import examine_corpus

logger = logging.getLogger(__name__)
Progress = Callable[[str], None]


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
    profile: str = "release",
    progress: Progress = lambda _: None,
) -> gate.Report:
    """Run the gate on a release, and store the report with it and in the registry.

    Parameters
    ----------
    dataset : Path
        Its held-out movies are the same in every training: no model has seen them, unless it
        was fitted again on everything. Then its cached predictions from before count.
    against : Release, optional
        Default: what serves now or, for the release that serves, what would serve without it.
    profile : str, optional
        A key of ``PROFILES``.

    Raises
    ------
    SentimentError
        If the data or a model cannot be read.
    """
    against = against or opponent_of(release)
    corpus = read_corpus(dataset)
    _, held_out = grouped_split(corpus, seed=SPLIT_SEED)
    holdout, exam = EvaluationSet(held_out), load_exam(gold_reviews())
    scorer, opponent = _scorer(release), _scorer(against) if against else None
    progress(f"reference exam: {len(exam.reference)} reviews and the behaviour suite")
    bounds = PROFILES[profile]
    outputs = sit_exam(scorer, exam), sit_exam(opponent, exam) if opponent else None
    progress(f"{len(held_out)} held-out reviews")
    report = gate.run_gate(
        exam_lines(exam, *outputs, bounds),
        examine_corpus(corpus, bounds, against, progress=progress).lines,
        holdout,
        _run(release, scorer, holdout, fill=False),
        _run(against, opponent, holdout, fill=True) if against and opponent else None,
        profile=profile,
        against=against.version if against else "",
    )
    _keep(release, report, dataset)
    events.gate_finished(release, report)
    return report


def _scorer(release: Release) -> Scorer:
    folder = model_store().find(release.checksum)
    return load_scorer(folder, checksum=release.checksum, version=release.version)


def _run(release: Release, scorer: Scorer, holdout: EvaluationSet, *, fill: bool) -> ModelOutputs:
    has_seen = release.params.get("refit", False)
    cached = load_predictions(model_store().find(release.checksum)) if has_seen else None
    return run_model(scorer, holdout, cached=cached, fill=fill)


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
        mlflow_registry.store_gate_report(release.version, release.gate)
    except mlflow_registry.RegistryUnavailable as error:
        logger.warning("cannot store the gate's report in the registry: %s", error)
