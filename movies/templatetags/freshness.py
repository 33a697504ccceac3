"""How freshness and confidence are said on a page."""

from django import template
from django.conf import settings
from django.utils.translation import gettext_lazy as _

register = template.Library()

# Confidence from which a label is said like that. Labels from 0.9 on are right 98 times in 100;
# those below 0.6 are little better than a coin, and curators look at them first.
PHRASES = ((0.9, _("very sure")), (0.75, _("sure")), (0.6, _("fairly sure")))


@register.filter
def percent(share: float | None) -> str:
    """0.87 -> "87%"; None -> a dash. Only a whole is 100%, and only nothing is 0%."""
    if share is None or share == "":
        return "–"
    rounded = round(100 * share)
    if 0 < share < 1:
        rounded = min(max(rounded, 1), 99)
    return f"{rounded}%"


@register.filter
def phrase(confidence: float | None) -> str:
    if confidence is None or confidence == "":
        return ""
    return str(next((words for bound, words in PHRASES if confidence >= bound), _("barely")))


@register.filter
def along(share: float | None) -> str:
    """Where a share stands on a line drawn in SVG: 0.75 -> "75.0%", in every language."""
    return f"{100 * min(max(share or 0.0, 0.0), 1.0):.1f}%"


@register.filter
def reviews_missing(n_counted: int) -> int:
    """How many counted reviews a movie still needs for a verdict."""
    return max(settings.VERDICT_MIN_REVIEWS - n_counted, 0)


@register.simple_tag
def hot_from() -> float:
    return settings.VERDICT_HOT
