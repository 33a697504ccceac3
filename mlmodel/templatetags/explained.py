"""How the weight of words is said on a page."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mlmodel.sentiment.models.explanation import Span

register = template.Library()

# From a little to decisively, as explanation.STRENGTHS has it.
SAID: dict[str, tuple[str | Promise, ...]] = {
    "positive": (_("a little for it"), _("for it"), _("strongly for it"), _("decisively for it")),
    "negative": (
        _("a little against it"),
        _("against it"),
        _("strongly against it"),
        _("decisively against it"),
    ),
}


@register.filter
def said(span: Span) -> str:
    """What a phrase said of the film, in words; nothing of a neutral one."""
    return str(SAID[span.side][span.strength - 1]) if span.side else ""


@register.filter
def signed(weight: float) -> str:
    """A weight with its sign, the same in every language: +0.62, −1.30."""
    return f"{weight:+.2f}".replace("-", "−")
