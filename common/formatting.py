"""Numbers as people read them."""

from django.utils.formats import number_format


def percent(share: float | None, decimals: int = 0) -> str:
    """Format 0.87 as "87%" and None as a dash."""
    if share is None or share == "":
        return "–"
    if decimals:
        return f"{number_format(round(100 * share, decimals), decimals)}%"
    return f"{whole_percent(share)}%"


def whole_percent(share: float) -> int:
    """Round to whole percent; only exactly 1 is 100, and only exactly 0 is 0."""
    rounded = round(100 * share)
    return min(max(rounded, 1), 99) if 0 < share < 1 else rounded
