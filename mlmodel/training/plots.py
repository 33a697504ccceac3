"""The pictures of a run: ROC, precision and recall, confusion matrix, calibration."""

import numpy as np
from matplotlib.figure import Figure  # not pyplot: it keeps state and wants a display
from numpy.typing import NDArray

from mlmodel.sentiment.evaluation.metrics import confusion, reliability

Labels = NDArray[np.bool_]
Probabilities = NDArray[np.float64]
CALIBRATION_BINS = 10


def draw_all(labels: Labels, p_positive: Probabilities) -> dict[str, Figure]:
    """Every picture by its file name; the curves need reviews of both kinds."""
    pictures = {
        "confusion_matrix.png": confusion_matrix(labels, p_positive),
        "calibration.png": calibration(labels, p_positive),
    }
    if labels.any() and not labels.all():
        pictures["roc.png"] = roc(labels, p_positive)
        pictures["precision_recall.png"] = precision_recall(labels, p_positive)
    return pictures


def _axes(title: str, x: str, y: str):
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.set(title=title, xlabel=x, ylabel=y)
    return figure, axes


def roc(labels: Labels, p_positive: Probabilities) -> Figure:
    from sklearn.metrics import roc_curve

    figure, axes = _axes("ROC", "negative read as positive", "positive read as positive")
    false_rate, true_rate, _ = roc_curve(labels, p_positive)
    axes.plot(false_rate, true_rate)
    axes.plot([0, 1], [0, 1], ":", color="grey")
    return figure


def precision_recall(labels: Labels, p_positive: Probabilities) -> Figure:
    from sklearn.metrics import precision_recall_curve

    figure, axes = _axes("Precision and recall", "recall", "precision")
    precision, recall, _ = precision_recall_curve(labels, p_positive)
    axes.plot(recall, precision)
    return figure


def confusion_matrix(labels: Labels, p_positive: Probabilities) -> Figure:
    cells = confusion(labels, p_positive)
    counts = np.array(
        [
            [cells["true_negative"], cells["false_positive"]],
            [cells["false_negative"], cells["true_positive"]],
        ]
    )
    figure, axes = _axes("Confusion matrix", "read as", "is")
    axes.imshow(counts, cmap="Blues")
    axes.set_xticks([0, 1], ["negative", "positive"])
    axes.set_yticks([0, 1], ["negative", "positive"])
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if count > counts.max() / 2 else "black"
        axes.text(column, row, f"{count:,}", ha="center", va="center", color=colour)
    return figure


def calibration(labels: Labels, p_positive: Probabilities) -> Figure:
    figure, axes = _axes("Calibration", "probability of positive", "share that is positive")
    found = reliability(labels, p_positive, bins=CALIBRATION_BINS)
    axes.plot([bin["p_positive"] for bin in found], [bin["positive"] for bin in found], "o-")
    axes.plot([0, 1], [0, 1], ":", color="grey")
    return figure
