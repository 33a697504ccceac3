"""Measure a model on whole short texts: the reference set, the demo and the short reviews.

Corpora contain few reviews of one sentence, and visitors write little else.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from mlmodel.lifecycle.lineage import file_md5
from mlmodel.models import Release
from mlmodel.sentiment.data.corpus import read_corpus, text_hash
from mlmodel.sentiment.data.short_reviews import read_short_reviews
from mlmodel.sentiment.evaluation.metrics import predict_arrays
from mlmodel.sentiment.evaluation.reference import (
    ReferenceSet,
    evaluate_reference,
    evaluate_short,
    load_reference,
)
from mlmodel.sentiment.io.files import atomic_write
from mlmodel.sentiment.models.scorer import Scorer


def measure(scorer: Scorer, trained_on: Iterable[str]) -> dict[str, Any]:
    """Return the figures as a training stores them: "reference", "demo" and "short_reviews".

    "demo" covers the demo reviews that are not among the texts trained on, if there are any;
    "short_reviews" the part of ``data/short_reviews.csv`` that no training uses.
    """
    return {
        "reference": measure_reference(scorer),
        **_measure_demo(scorer, trained_on),
        **_short_reviews(scorer),
    }


def measure_reference(scorer: Scorer) -> dict[str, Any]:
    reference = load_reference()
    return evaluate_reference(reference, predict_arrays(scorer, reference.texts)[0])


def _measure_demo(scorer: Scorer, trained_on: Iterable[str]) -> dict[str, Any]:
    path = settings.DATA_DIR / "demo_reviews.csv"
    if not path.exists():  # DATA_DIR may be another folder than the repository's
        return {}
    demo, seen = read_corpus(path), {text_hash(text) for text in trained_on}
    unseen = demo.take([i for i, text in enumerate(demo.texts) if text_hash(text) not in seen])
    if not len(unseen):
        return {}
    p_positive, _ = predict_arrays(scorer, unseen.texts)
    return {"demo": evaluate_short(unseen.texts, unseen.labels, p_positive)}


def measure_short_reviews(scorer: Scorer) -> dict[str, Any] | None:
    """Return the figures of the short reviews that no training uses; None without their file."""
    path = settings.DATA_DIR / "short_reviews.csv"
    if not path.exists():
        return None
    short = read_short_reviews(path, part="test")
    exam = ReferenceSet(short.texts, short.labels, kinds=short.devices)
    p_positive, _ = predict_arrays(scorer, exam.texts)
    return evaluate_reference(exam, p_positive)


def _short_reviews(scorer: Scorer) -> dict[str, Any]:
    figures = measure_short_reviews(scorer)
    return {} if figures is None else {"short_reviews": figures}


def add_to_release(release: Release, scorer: Scorer, dataset: Path) -> dict[str, Any]:
    """Store the figures with a release whose training did not measure them, and return them.

    Parameters
    ----------
    dataset : Path
        Unless this is the file that the release was trained on, "demo" is left out: the training
        may have seen the demo reviews.
    """
    figures: dict[str, Any] = {
        "reference": measure_reference(scorer),
        **_short_reviews(scorer),
    }
    if dataset.exists() and file_md5(dataset) == release.dataset_hash:
        figures |= _measure_demo(scorer, read_corpus(dataset).texts)
    release.metrics = _replace(release.metrics, figures)
    release.save(update_fields=["metrics"])
    return figures


def add_to_folder(folder: Path, figures: dict[str, Any]) -> None:
    """Store the figures in a model folder, which model cards and exports read.

    They are no part of its checksum. A folder that was saved without MLflow has no place for them.
    """
    path = folder / "MLmodel"
    if not path.exists():
        return
    mlmodel = yaml.safe_load(path.read_text(encoding="utf-8"))
    metadata = mlmodel.setdefault("metadata", {})
    metadata["metrics"] = _replace(metadata.get("metrics", {}), figures)
    with atomic_write(path) as stream:
        stream.write(yaml.safe_dump(mlmodel))


def _replace(metrics: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    # Earlier trainings measured sentences, with the labels of the reviews that they are from.
    return {name: value for name, value in metrics.items() if name != "sentences"} | figures
