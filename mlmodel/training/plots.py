"""The plots of a training run and of the model card."""

import io
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure  # not pyplot, which keeps every figure
from numpy.typing import NDArray
from sklearn.calibration import CalibrationDisplay
from sklearn.metrics import ConfusionMatrixDisplay, PrecisionRecallDisplay, RocCurveDisplay

MIN_REVIEWS = 20  # a bin of the model card's plot with fewer is mostly noise


def draw_all(labels: NDArray[np.bool_], p_positive: NDArray[np.float64]) -> dict[str, Figure]:
    """Draw every plot of a run by its file name; ROC and precision need both classes."""
    figures = {
        name: Figure(figsize=(5, 5), layout="constrained")
        for name in ("confusion_matrix.png", "calibration.png", "roc.png", "precision_recall.png")
    }
    axes = {name: figure.subplots() for name, figure in figures.items()}
    ConfusionMatrixDisplay.from_predictions(
        labels,
        p_positive >= 0.5,
        labels=[False, True],
        display_labels=["negative", "positive"],
        cmap="Blues",
        colorbar=False,
        ax=axes["confusion_matrix.png"],
    )
    if not labels.any() or labels.all():
        return {"confusion_matrix.png": figures["confusion_matrix.png"]}
    CalibrationDisplay.from_predictions(labels, p_positive, n_bins=10, ax=axes["calibration.png"])
    RocCurveDisplay.from_predictions(labels, p_positive, ax=axes["roc.png"])
    PrecisionRecallDisplay.from_predictions(labels, p_positive, ax=axes["precision_recall.png"])
    return figures


def calibration_svg(bins: Sequence[Mapping[str, float]]) -> str:
    """Draw the model card's calibration plot; the same figures give the same bytes.

    Parameters
    ----------
    bins : sequence
        As from ``metrics.reliability``; those with fewer than ``MIN_REVIEWS`` are left out.
    """
    # Without a fixed salt the ids in the SVG are random; fonttype "none" keeps text as text.
    with mpl.rc_context({"svg.hashsalt": "model card", "svg.fonttype": "none"}):
        figure = Figure(figsize=(5, 5), layout="constrained")
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], ":", color="grey")
        shown = [bin for bin in bins if bin["n"] >= MIN_REVIEWS]
        x, y = [bin["p_positive"] for bin in shown], [bin["positive"] for bin in shown]
        axes.plot(x, y, "o-", label="held-out reviews")
        axes.set(xlabel="predicted probability of positive", ylabel="share that is positive")
        axes.legend()
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
