"""Draw a line of text of any script: each part in a font that has it, and in its direction."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from PIL import Image, ImageDraw, features
from wcwidth import iter_graphemes

from seo.typesetting.fonts import EMOJI, EMOJI_SIZE, TALL, font_for, has_glyphs, load

LEADING, TALL_LEADING = 1.15, 1.45


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a line with one font and one direction."""

    text: str
    font: str
    is_rtl: bool

    def width(self, size: int) -> float:
        if self.font == EMOJI:
            return self._length(EMOJI_SIZE) * size / EMOJI_SIZE
        return self._length(size)

    def _length(self, size: int) -> float:
        return load(self.font, size).getlength(self.text, **direction(self.is_rtl))

    def draw(self, image: Image.Image, x: float, baseline: float, size: int, ink: str) -> None:
        if self.font == EMOJI:
            return self._draw_emoji(image, x, baseline, size)
        ImageDraw.Draw(image).text(
            (x, baseline),
            self.text,
            fill=ink,
            font=load(self.font, size),
            anchor="ls",
            **direction(self.is_rtl),
        )
        return None

    def _draw_emoji(self, image: Image.Image, x: float, baseline: float, size: int) -> None:
        """Draw in the size of the bitmaps, and shrink that."""
        font = load(EMOJI, EMOJI_SIZE)
        room = (round(self._length(EMOJI_SIZE)) + 2, round(EMOJI_SIZE * 1.2))
        drawn = Image.new("RGBA", room)
        ImageDraw.Draw(drawn).text(
            (0, EMOJI_SIZE * 0.95), self.text, font=font, embedded_color=True, anchor="ls"
        )
        scale = size / EMOJI_SIZE
        drawn = drawn.resize((max(round(room[0] * scale), 1), max(round(room[1] * scale), 1)))
        image.paste(drawn, (round(x), round(baseline - size * 0.95)), drawn)


class Line:
    """Text on one line, in the order in which it is drawn from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_rtl = is_rtl(text)
        self.runs = in_visual_order(list(runs_of(text, self.is_rtl)), self.is_rtl)

    def width(self, size: int) -> float:
        return sum(run.width(size) for run in self.runs)

    def height(self, size: int) -> float:
        is_tall = any(run.font in TALL for run in self.runs)
        return size * (TALL_LEADING if is_tall else LEADING)

    def draw(self, image: Image.Image, x: float, baseline: float, size: int, ink: str) -> None:
        for run in self.runs:
            run.draw(image, x, baseline, size, ink)
            x += run.width(size)


def runs_of(text: str, is_rtl: bool) -> Iterator[Run]:
    """Yield the runs in reading order."""
    clusters = list(iter_graphemes(text))
    sides = resolved_directions(clusters, is_rtl)
    fonts: list[str] = []
    for cluster in clusters:
        # Spaces and signs stay in the font of the word before them.
        before = fonts[-1] if fonts else ""
        fonts.append(before if before and keeps_font(cluster, before) else font_for(cluster))
    for (font, side), group in groupby(zip(clusters, fonts, sides, strict=True), lambda c: c[1:]):
        yield Run("".join(cluster for cluster, _, _ in group), font, side)


def in_visual_order(runs: list[Run], is_rtl: bool) -> list[Run]:
    """Reverse the neighbouring right-to-left runs, or in a right-to-left line everything else.

    This is the Unicode bidirectional algorithm without embeddings, which titles do not have.
    """
    ordered: list[Run] = []
    for side, group in groupby(reversed(runs) if is_rtl else runs, lambda run: run.is_rtl):
        part = list(group)
        ordered += part[::-1] if side != is_rtl else part
    return ordered


def is_rtl(text: str) -> bool:
    """Return whether the first letter with a direction is read from right to left."""
    return next((side for c in text if (side := strong_side(c)) is not None), False)


def strong_side(text: str) -> bool | None:
    """Return True for right to left, False for left to right, None for signs and spaces."""
    kind = unicodedata.bidirectional(text[0])
    return {"R": True, "AL": True, "L": False, "EN": False, "AN": False}.get(kind)


def resolved_directions(clusters: Sequence[str], is_rtl: bool) -> list[bool]:
    """Return for each cluster whether it is read from right to left.

    A sign between two letters of one direction has theirs; others have that of the line.
    """
    sides = [strong_side(cluster) for cluster in clusters]
    before, after = _filled(sides, is_rtl), _filled(sides[::-1], is_rtl)[::-1]
    return [b if b == a else is_rtl for b, a in zip(before, after, strict=True)]


def _filled(sides: Sequence[bool | None], first: bool) -> list[bool]:
    filled, last = [], first
    for side in sides:
        last = last if side is None else side
        filled.append(last)
    return filled


def keeps_font(cluster: str, font: str) -> bool:
    if cluster.isspace():
        return font != EMOJI
    return not cluster[0].isalnum() and font != EMOJI and has_glyphs(font, cluster)


def direction(is_rtl: bool) -> dict[str, Any]:
    # Without Raqm and FriBiDi, Pillow knows only left to right.
    return {"direction": "rtl" if is_rtl else "ltr"} if features.check("raqm") else {}
