"""What the model page shows about short texts."""

from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.formatting import percent

LENGTHS = {
    "under 6": gettext_lazy("under 6 words"),
    "6 to 14": gettext_lazy("6 to 14 words"),
    "15 to 29": gettext_lazy("15 to 29 words"),
    "30 to 79": gettext_lazy("30 to 79 words"),
    "80 and more": gettext_lazy("80 words and more"),
}
# Releases of earlier versions have these.
SHORT = {
    "under 15": gettext_lazy("under 15 words"),
    "under 30": gettext_lazy("under 30 words"),
}
# What makes a review of the reference set hard to label.
KINDS = {
    "plain": gettext_lazy("Plain praise or criticism"),
    "few words": gettext_lazy("A word or two"),
    "slang": gettext_lazy("Slang"),
    "rating": gettext_lazy("Rating"),
    "recommendation": gettext_lazy("Recommendation"),
    "details": gettext_lazy("Details"),
    "mixed": gettext_lazy("Praise and criticism"),
    "plot and opinion": gettext_lazy("Plot and opinion"),
    "other people": gettext_lazy("Other people's opinions"),
    "expectation": gettext_lazy("Expectations"),
    "comparison": gettext_lazy("Comparison"),
    "contrast": gettext_lazy("Contrast"),
    "negation": gettext_lazy("Negation"),
    "double negation": gettext_lazy("Double negation"),
    "question": gettext_lazy("Question"),
    "understatement": gettext_lazy("Understatement"),
    "wry": gettext_lazy("Dry humour"),
    "irony": gettext_lazy("Irony"),
    "very long": gettext_lazy("Very long"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of review in the reference set; ``width`` is that of its bar, in percent."""

    name: str | Promise
    n: int
    accuracy: str
    width: float


def length_rows(figures: dict[str, Any]) -> list[tuple[str | Promise, str, str]]:
    """Return (length, accuracy, number of reviews and calibration error), the shortest first."""
    if not figures:
        return []
    names, by_length = SHORT, figures["short"]
    if "lengths" in figures:
        names, by_length = LENGTHS, figures["lengths"]
    parts: list[tuple[str | Promise, dict[str, Any]]] = [
        (name, by_length[length]) for length, name in names.items() if length in by_length
    ]
    parts.append((_("all lengths"), figures))
    rows = [
        (
            name,
            percent(part["accuracy"], 1),
            _("%(n)s reviews, calibration error %(ece)s")
            % {"n": intcomma(part["n"]), "ece": number_format(round(part["ece"], 3), 3)},
        )
        for name, part in parts
    ]
    very_sure = figures.get("very_sure", {})
    if very_sure.get("n"):
        n_reviews = _("%(n)s reviews under 30 words") % {"n": intcomma(very_sure["n"])}
        rows.append((_("labelled “very sure”"), percent(very_sure["accuracy"], 1), n_reviews))
    return rows


def kinds_of(figures: dict[str, Any]) -> list[Kind]:
    """Return the kinds of the reference set, the ones with the highest accuracy first."""
    kinds = sorted(figures.get("kinds", {}).items(), key=lambda item: -item[1]["accuracy"])
    return [
        Kind(
            name=KINDS.get(kind, kind),
            n=part["n"],
            accuracy=percent(part["accuracy"]),
            width=round(100 * part["accuracy"], 1),
        )
        for kind, part in kinds
    ]
