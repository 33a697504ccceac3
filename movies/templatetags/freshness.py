"""Freshness, formatted for a page."""

from django import template
from django.conf import settings

from common import formatting
from movies import order_keys

register = template.Library()
register.filter("percent", formatting.percent)
register.filter("order_key", order_keys.order_key)


@register.filter
def along(share: float | None) -> str:
    """Format a share as an SVG coordinate, the same in every language: 0.75 -> "75.0%"."""
    return f"{100 * min(max(share or 0.0, 0.0), 1.0):.1f}%"


@register.filter
def reviews_missing(n_counted: int) -> int:
    """Return how many counted reviews a movie still needs for a verdict."""
    return max(settings.VERDICT_MIN_REVIEWS - n_counted, 0)


@register.simple_tag
def hot_from() -> float:
    return settings.VERDICT_HOT
