"""The model card: what a model is, how good, where it fails, and how to make it again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlmodel.lifecycle.releases import read_facts
from mlmodel.sentiment.evaluation import behaviour
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.io.model_folder import find_data, folder_checksum
from mlmodel.sentiment.models.scorer import CompiledScorer, Scorer
from mlmodel.training import calibration_plot
from mlmodel.training.model_card_text import PLOT, CardFacts, reliability_series, render

CARD = "model-card.md"


def facts_of(folder: Path) -> CardFacts:
    """The facts of a model folder; its scorer takes the behaviour suite.

    Raises
    ------
    ModelUnavailable
        If the folder holds no whole model.
    """
    return gather(folder, read_facts(folder), load_scorer(folder))


def gather(folder: Path, facts: Mapping[str, Any], scorer: Scorer) -> CardFacts:
    return CardFacts(
        facts=facts,
        checksum=folder_checksum(folder),
        size_bytes=sum(file.stat().st_size for file in find_data(folder).iterdir()),
        n_ngrams=len(scorer.model.keys) if isinstance(scorer, CompiledScorer) else None,
        behaviour=behaviour.run(scorer, behaviour.load_cases()),
    )


def documents(card: CardFacts) -> dict[str, str]:
    """The card and, where its figures are known, its plot, by their paths beside each other."""
    files = {CARD: render(card)}
    if series := reliability_series(card):
        files[PLOT] = calibration_plot.draw(series)
    return files


def write(card: CardFacts, output: Path) -> None:
    """Write the card, and beside it its plot."""
    files = documents(card)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(files[CARD], encoding="utf-8")
    plot = output.parent / PLOT
    if PLOT in files:
        plot.parent.mkdir(exist_ok=True)
        plot.write_text(files[PLOT], encoding="utf-8")
    else:
        plot.unlink(missing_ok=True)  # it would be another model's
