"""Draw the image that other sites show beside a link to a movie: 1200 x 630 pixels."""

import hashlib
import io

from PIL import Image, ImageDraw

from common.text import printable
from movies.models import Movie, Verdict
from movies.posters.layout import PALETTES
from seo.badge import NAME, verdict_text
from seo.typesetting.lines import Line
from seo.typesetting.wrapping import Setting, fit

WIDTH, HEIGHT, MARGIN = 1200, 630, 80
SIZES = (112, 96, 80, 64, 52)
TITLE_HEIGHT = 310  # leaves room for the year above the bar
BASELINE = 0.76  # of a line's height
NAME_SIZE, GAP = 36, 40
N_COLOURS = 64  # enough for emoji


def share_png(movie: Movie) -> bytes:
    names = sorted(PALETTES)
    colours = PALETTES[names[hashlib.sha256(movie.slug.encode()).digest()[0] % len(names)]]
    image = Image.new("RGB", (WIDTH, HEIGHT), colours.ground)
    _draw_title(image, movie, colours.ink)
    _draw_freshness(image, movie, colours.ink, colours.warm)
    buffer = io.BytesIO()
    image.quantize(N_COLOURS).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def set_title(title: str) -> Setting:
    return fit(printable(title) or "?", width=WIDTH - 2 * MARGIN, height=TITLE_HEIGHT, sizes=SIZES)


def _draw_title(image: Image.Image, movie: Movie, ink: str) -> None:
    setting = set_title(movie.title)
    is_rtl = setting.lines[0].is_rtl
    # A picture of its own cuts off what no measure predicts, such as towers of accents.
    ground = image.getpixel((0, 0))
    area = Image.new("RGB", (WIDTH, MARGIN + TITLE_HEIGHT), ground)
    y = float(MARGIN)
    for line in setting.lines:
        height = line.height(setting.size)
        _draw_line(area, line, y + height * BASELINE, setting.size, ink, is_rtl=is_rtl)
        y += height
    image.paste(area, (0, 0))
    _draw_line(image, Line(str(movie.year)), y + 52, 44, ink, is_rtl=is_rtl)


def _draw_line(
    image: Image.Image, line: Line, baseline: float, size: int, ink: str, *, is_rtl: bool
) -> None:
    x = WIDTH - MARGIN - line.width(size) if is_rtl else MARGIN
    line.draw(image, x, baseline, size, ink)


def _draw_freshness(image: Image.Image, movie: Movie, ink: str, accent: str) -> None:
    draw, top = ImageDraw.Draw(image), HEIGHT - 150
    draw.rectangle((MARGIN, top, WIDTH - MARGIN, top + 12), outline=ink, width=2)
    if movie.freshness is not None and movie.verdict != Verdict.NONE:
        start, end = 0.0, movie.freshness
        if movie.verdict == Verdict.MIXED:  # not decided: the range only
            start, end = movie.freshness_low or 0.0, movie.freshness_high or 1.0
        left, right = (MARGIN + (WIDTH - 2 * MARGIN) * share for share in (start, end))
        draw.rectangle((left, top, right, top + 12), fill=accent)
    name = Line(NAME)
    name_x = WIDTH - MARGIN - name.width(NAME_SIZE)
    name.draw(image, name_x, top + 76, NAME_SIZE, ink)
    room = name_x - MARGIN - GAP
    verdict = fit(verdict_text(movie), width=room, height=60, sizes=(44, 38, 32, 26))
    verdict.lines[0].draw(image, MARGIN, top + 76, verdict.size, ink)
