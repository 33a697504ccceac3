"""What the pages show about a model."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from weakref import WeakKeyDictionary

import numpy as np
from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.formatting import percent
from mlmodel.lifecycle.releases import read_lineage
from mlmodel.models import Release
from mlmodel.pages.charts import Chart, share_chart
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.evaluation.criteria import COUNTS, LATENCY
from mlmodel.sentiment.evaluation.metrics import SLICES
from mlmodel.sentiment.features.text import MARKS
from mlmodel.sentiment.models.explanation import Contribution
from mlmodel.sentiment.models.scorer import CompiledScorer, Scorer
from mlmodel.serving.champion import Served

N_STRONGEST = 15
FIGURES = ("challenger", "champion", "floor")  # of a line of the gate
NO_WORDS = re.compile(rf"[{MARKS}0-9]")
MIN_SLICE = 30  # from fewer reviews an accuracy is mostly chance
SLICE_NAMES = {
    "under 15": gettext_lazy("under 15 words"),
    "15 to 29": gettext_lazy("15 to 29 words"),
    "30 to 79": gettext_lazy("30 to 79 words"),
    "80 to 299": gettext_lazy("80 to 299 words"),
    "300 and more": gettext_lazy("300 words or more"),
}
CRITERIA = {
    "reference accuracy": gettext_lazy("Reference reviews"),
    "reference comparison": gettext_lazy("Reference reviews, compared"),
    "short text": gettext_lazy("Texts under 30 words"),
    "very short text": gettext_lazy("Texts under 15 words"),
    "behaviour": gettext_lazy("Behaviour tests"),
    "weakest behaviour group": gettext_lazy("Weakest group of behaviour tests"),
    "reference calibration error": gettext_lazy("Reference reviews: calibration error"),
    "reference freshness error": gettext_lazy("Reference reviews: freshness error"),
    "reference latency, ms": gettext_lazy("Reference reviews: latency in ms"),
    "gold accuracy": gettext_lazy("This site's gold reviews"),
    "gold comparison": gettext_lazy("This site's gold reviews, compared"),
    "accuracy": gettext_lazy("Accuracy"),
    "calibration error": gettext_lazy("Calibration error"),
    "freshness error": gettext_lazy("Freshness error"),
    "latency, ms": gettext_lazy("Latency in ms"),
    "paired comparison": gettext_lazy("Paired comparison"),
    "label agreement": gettext_lazy("Labels: agreement with the model that served"),
    "class balance": gettext_lazy("Labels: share of the rarer one"),
    "dataset size": gettext_lazy("Reviews in the dataset"),
    "near-duplicates": gettext_lazy("Near-duplicates in the dataset"),
    "leaked reference reviews": gettext_lazy("Reference reviews in the dataset"),
    "leaked held-out reviews": gettext_lazy("Reviews held out before, in the dataset"),
}
RESULTS = {
    "passed": gettext_lazy("passed"),
    "refused": gettext_lazy("rejected"),
    "measured": gettext_lazy("no bound"),
    "skipped": gettext_lazy("skipped"),  # in reports of earlier versions
}
Weighed = list[tuple[str, float]]
Row = tuple[str | Promise, str, str]


def served_release(served: Served) -> Release:
    """Return the release that serves, or an unsaved one if the database cannot be reached."""
    return served.release or _unsaved_release(served.scorer.version)


@lru_cache(maxsize=1)
def _unsaved_release(version: str) -> Release:
    try:
        return Release(version=version, **read_lineage(settings.PRETRAINED_MODEL))
    except ModelUnavailable:
        return Release(version=version)


def metric_rows(release: Release) -> list[Row]:
    """Return (name, value, explanation) of the figures that the training measured."""
    figures = release.metrics
    rows: list[Row] = [
        (_("Accuracy"), _percent(figures.get("accuracy")), _("share of correct labels")),
        (
            _("AUC"),
            _decimal(figures.get("auc")),
            _("chance that a positive review scores higher than a negative one"),
        ),
        (
            _("Brier score"),
            _decimal(figures.get("brier")),
            _("mean squared error of the probabilities; 0 is perfect, 0.25 is a coin flip"),
        ),
        (
            _("Calibration error"),
            _decimal(figures.get("ece")),
            _("average gap between the stated confidence and how often it is right"),
        ),
    ]
    freshness = figures.get("freshness_mae") or {}
    if freshness.get("films"):
        rows.append(
            (
                _("Freshness error"),
                _percent(freshness["estimate"]),
                _("average distance of a movie's freshness from the truth; %(count)s by counting")
                % {"count": _percent(freshness["count"])},
            )
        )
    rows += _recall_rows(figures.get("confusion") or {})
    return [row for row in rows if row[1]]


def _recall_rows(confusion: dict[str, int]) -> list[Row]:
    rows: list[Row] = []
    for name, right, wrong in (
        (_("Positive reviews found"), "true_positive", "false_negative"),
        (_("Negative reviews found"), "true_negative", "false_positive"),
    ):
        n_found, n = confusion.get(right, 0), confusion.get(right, 0) + confusion.get(wrong, 0)
        if n:
            meaning = _("%(found)s of %(n)s") % {"found": intcomma(n_found), "n": intcomma(n)}
            rows.append((name, _percent(n_found / n), meaning))
    return rows


def slice_rows(release: Release) -> list[Row]:
    """Return (length, accuracy, number of reviews), the shortest reviews first."""
    # Out-of-fold predictions cover all training reviews, many more than were held out.
    figures = release.metrics.get("out_of_fold") or release.metrics
    slices = figures.get("slices") or {}
    return [
        (
            SLICE_NAMES[name],
            _percent(slices[name].get("accuracy")),
            _("on %(n)s reviews") % {"n": intcomma(slices[name]["n"])},
        )
        for name in SLICES
        if slices.get(name, {}).get("n", 0) >= MIN_SLICE
    ]


def gate_rows(release: Release) -> list[dict[str, str | Promise]]:
    """Return the gate's results, one row for each criterion; none if it has not run."""
    return [
        {
            "name": CRITERIA.get(line["name"], line["name"]),
            "verdict": line["verdict"],
            "result": RESULTS.get(line["verdict"], line["verdict"]),
            # A passed line's figures are in the other columns.
            "why": "" if line["verdict"] == "passed" else line["why"],
            **{
                key: _figure(line["name"], line[key]) for key in ("challenger", "champion", "floor")
            },
        }
        for line in release.gate.get("lines", [])
    ]


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    if name in COUNTS:
        return intcomma(round(value))
    return number_format(value, 2) if name.endswith(LATENCY) else percent(value, 1)


def accuracy_chart(releases: Sequence[Release], serving: Release | None = None) -> Chart | None:
    """Return the chart of the accuracy of releases, which are given newest first.

    Without a champion, the release that serves is marked.
    """
    values = [(r.version, r.metrics["accuracy"]) for r in releases if "accuracy" in r.metrics]
    champion = next((r for r in releases if r.is_champion), serving)
    return share_chart(values[::-1], marked=champion.version if champion else "")


def _percent(share: float | None) -> str:
    return "" if share is None else percent(share, 1)


def _decimal(value: float | None) -> str:
    return "" if value is None else number_format(round(value, 3), 3)


# Weak, so that a replaced model does not stay in memory.
_strongest: WeakKeyDictionary[CompiledScorer, tuple[Weighed, Weighed]] = WeakKeyDictionary()


def strongest(scorer: Scorer) -> tuple[Weighed, Weighed]:
    """Return the most positive and the most negative n-grams, the strongest first.

    Empty for a model whose n-grams have no weights.
    """
    if not isinstance(scorer, CompiledScorer):
        return [], []
    if scorer not in _strongest:
        _strongest[scorer] = _weigh(scorer)
    return _strongest[scorer]


def _weigh(scorer: CompiledScorer) -> tuple[Weighed, Weighed]:
    model = scorer.model
    order = np.argsort(model.weights)

    def weighed(places: np.ndarray) -> Weighed:
        parts = (
            Contribution(model.ngram(int(model.keys[i])), float(model.weights[i])) for i in places
        )
        # Punctuation and digits ("7 10") have high weights, but are no words.
        in_words = (part for part in parts if not NO_WORDS.search(part.ngram))
        return [(part.phrase, part.weight) for part in islice(in_words, N_STRONGEST)]

    positive = [item for item in weighed(order[::-1]) if item[1] > 0]
    return positive, [item for item in weighed(order) if item[1] < 0]
