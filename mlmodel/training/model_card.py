"""Write the model card: what a model is, its metrics, its limits and how to reproduce it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlmodel.lifecycle.releases import read_lineage
from mlmodel.sentiment.evaluation import behaviour
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.io.model_folder import find_data, folder_checksum
from mlmodel.sentiment.models.scorer import CompiledScorer, Scorer
from mlmodel.training import plots
from mlmodel.training.model_card_text import PLOT, CardData, render

CARD = "model-card.md"


def read_model(folder: Path) -> CardData:
    """Read what the card says about the model in a folder, and run the behaviour suite on it.

    Raises
    ------
    ModelUnavailable
        If the folder contains no complete model.
    """
    return collect(folder, read_lineage(folder), load_scorer(folder))


def collect(folder: Path, record: Mapping[str, Any], scorer: Scorer) -> CardData:
    return CardData(
        record=record,
        checksum=folder_checksum(folder),
        size_bytes=sum(file.stat().st_size for file in find_data(folder).iterdir()),
        n_ngrams=len(scorer.model.keys) if isinstance(scorer, CompiledScorer) else None,
        behaviour=behaviour.run(scorer, behaviour.load_cases()),
    )


def documents(card: CardData) -> dict[str, str]:
    """Return the card and, if the model has the figures for it, its plot, by relative path."""
    files = {CARD: render(card)}
    if bins := card.metrics.get("reliability"):
        files[PLOT] = plots.calibration_svg(bins)
    return files


def write(card: CardData, output: Path) -> None:
    """Write the card and its plot."""
    files = documents(card)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(files[CARD], encoding="utf-8")
    plot = output.parent / PLOT
    if PLOT in files:
        plot.parent.mkdir(exist_ok=True)
        plot.write_text(files[PLOT], encoding="utf-8")
    else:
        plot.unlink(missing_ok=True)  # it shows another model
