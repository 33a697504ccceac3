"""Numbers as people read them."""


def percent(share: float | None) -> str:
    """Format 0.87 as "87%" and None as a dash."""
    return "–" if share is None or share == "" else f"{whole_percent(share)}%"


def whole_percent(share: float) -> int:
    """Round to whole percent; only exactly 1 is 100, and only exactly 0 is 0."""
    rounded = round(100 * share)
    return min(max(rounded, 1), 99) if 0 < share < 1 else rounded
