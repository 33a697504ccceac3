"""Explanations, formatted for a page."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mlmodel.confidence import band_name
from mlmodel.sentiment.models.explanation import Span
from mlmodel.unreadable import name_of_language

register = template.Library()
register.filter(name_of_language)

# One phrase for each of explanation.STRENGTHS.
EFFECTS: dict[str, tuple[str | Promise, ...]] = {
    "positive": (
        _("slightly positive"),
        _("positive"),
        _("strongly positive"),
        _("decisively positive"),
    ),
    "negative": (
        _("slightly negative"),
        _("negative"),
        _("strongly negative"),
        _("decisively negative"),
    ),
}


@register.filter
def certainty(confidence: float | None) -> str:
    return band_name(confidence) if confidence else ""


@register.filter
def effect(span: Span) -> str:
    """Describe how strongly a phrase speaks for or against a movie; "" if it is neutral."""
    return str(EFFECTS[span.side][span.strength - 1]) if span.side else ""


@register.filter
def signed(weight: float) -> str:
    """Format a weight with its sign, the same in every language: +0.62, −1.30."""
    return f"{weight:+.2f}".replace("-", "−")
