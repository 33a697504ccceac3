"""Set a text in the largest size at which its lines fit a box."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wcwidth import iter_graphemes

from seo.typesetting.lines import Line

ELLIPSIS = "…"
MAX_CHARS = 200  # more never fits


@dataclass(frozen=True, slots=True)
class Setting:
    lines: list[Line]
    size: int

    @property
    def width(self) -> float:
        return max(line.width(self.size) for line in self.lines)

    @property
    def height(self) -> float:
        return sum(line.height(self.size) for line in self.lines)


def fit(text: str, *, width: float, height: float, sizes: Sequence[int]) -> Setting:
    """Return lines that are not wider or higher than the box; sizes are in falling order.

    Words are broken only if the text does not fit otherwise, and at last it ends in an ellipsis.
    """
    text = text[:MAX_CHARS] + (ELLIPSIS if len(text) > MAX_CHARS else "")
    for may_break in (False, True):
        for size in sizes:
            lines = wrap(text, width, size, may_break=may_break)
            setting = Setting([Line(line) for line in lines or ()], size)
            if lines and setting.height <= height and setting.width <= width:
                return setting
    return shorten(setting, width, height)


def wrap(text: str, width: float, size: int, *, may_break: bool) -> list[str] | None:
    """Return the lines, or None if a word is too wide and may not be broken."""
    lines = [""]
    for part in parts_of(text):
        if Line((lines[-1] + part).strip()).width(size) <= width:
            lines[-1] += part
            continue
        if Line(part.strip()).width(size) > width:
            if not may_break:
                return None
            lines += broken(part.strip(), width, size)
        else:
            lines.append(part.lstrip())
    return [line.strip() for line in lines if line.strip()]


def parts_of(text: str) -> Iterator[str]:
    """Yield words, each with the space before it. Chinese and Japanese may be broken anywhere."""
    part = ""
    for cluster in iter_graphemes(text):
        may_break = cluster.isspace() or is_ideograph(cluster) or is_ideograph(part[-1:])
        if may_break and part.strip():
            yield part
            part = ""
        part += cluster
    if part:
        yield part


def is_ideograph(cluster: str) -> bool:
    # Letters only: punctuation stays with the character before it. Korean has spaces.
    return any(
        unicodedata.east_asian_width(c) in "WF"
        and unicodedata.category(c) == "Lo"
        and not "\uac00" <= c <= "\ud7a3"
        for c in cluster[:1]
    )


def broken(word: str, width: float, size: int) -> list[str]:
    lines = [""]
    for cluster in iter_graphemes(word):
        if lines[-1] and Line(lines[-1] + cluster).width(size) > width:
            lines.append("")
        lines[-1] += cluster
    return lines


def shorten(setting: Setting, width: float, height: float) -> Setting:
    """Drop the lines below the box, and end in an ellipsis."""
    lines, size = list(setting.lines), setting.size
    while len(lines) > 1 and Setting(lines, size).height > height:
        lines.pop()
    clusters = list(iter_graphemes(lines[-1].text))
    while clusters and Line("".join(clusters).rstrip() + ELLIPSIS).width(size) > width:
        clusters.pop()
    return Setting([*lines[:-1], Line("".join(clusters).rstrip() + ELLIPSIS)], size)
