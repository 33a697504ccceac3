"""Draw the image that other sites show beside a link to a movie: 1200 x 630 pixels."""

import hashlib
import io
import textwrap
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from common.text import printable
from movies.models import Movie, Verdict
from movies.posters.layout import PALETTES
from seo.badge import NAME, verdict_text

WIDTH, HEIGHT, MARGIN = 1200, 630, 80
SIZES = (112, 96, 80, 64, 52)
MAX_LINES = 3
FONTS = ("DejaVuSerif-Bold.ttf", "DejaVuSans-Bold.ttf", "LiberationSerif-Bold.ttf")
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def share_png(movie: Movie) -> bytes:
    names = sorted(PALETTES)
    colours = PALETTES[names[hashlib.sha256(movie.slug.encode()).digest()[0] % len(names)]]
    image = Image.new("RGB", (WIDTH, HEIGHT), colours.ground)
    draw = ImageDraw.Draw(image)
    _draw_title(draw, movie, colours.ink)
    _draw_freshness(draw, movie, colours.ink, colours.warm)
    buffer = io.BytesIO()
    image.quantize(32).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def set_title(title: str) -> tuple[list[str], int]:
    """Return lines and the largest size at which they fit; a longer title ends in an ellipsis."""
    for size in SIZES:
        lines = textwrap.wrap(title, round((WIDTH - 2 * MARGIN) / (0.72 * size)))
        if len(lines) <= MAX_LINES:
            return lines, size
    return [*lines[: MAX_LINES - 1], lines[MAX_LINES - 1] + "…"], size


def _draw_title(draw: ImageDraw.ImageDraw, movie: Movie, ink: str) -> None:
    lines, size = set_title(printable(movie.title) or "?")
    y = MARGIN
    for line in lines:
        draw.text((MARGIN, y), line, fill=ink, font=font_of(size))
        y += round(size * 1.15)
    draw.text((MARGIN, y + 8), str(movie.year), fill=ink, font=font_of(44))


def _draw_freshness(draw: ImageDraw.ImageDraw, movie: Movie, ink: str, accent: str) -> None:
    top = HEIGHT - 150
    draw.rectangle((MARGIN, top, WIDTH - MARGIN, top + 12), outline=ink, width=2)
    if movie.freshness is not None and movie.verdict != Verdict.NONE:
        start, end = 0.0, movie.freshness
        if movie.verdict == Verdict.MIXED:  # not decided: the range only
            start, end = movie.freshness_low or 0.0, movie.freshness_high or 1.0
        left, right = (MARGIN + (WIDTH - 2 * MARGIN) * share for share in (start, end))
        draw.rectangle((left, top, right, top + 12), fill=accent)
    draw.text((MARGIN, top + 34), verdict_text(movie), fill=ink, font=font_of(44))
    name_width = draw.textlength(NAME, font=font_of(36))
    draw.text((WIDTH - MARGIN - name_width, top + 38), NAME, fill=ink, font=font_of(36))


@cache
def font_of(size: int) -> Font:
    """Return a font of this machine, or Pillow's own if there is none."""
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
