"""Draw a typographic poster for a movie without one: the title set like a wood-type broadside.

Colours and motif are chosen by the genre and by a hash of title and year, so that a movie keeps
its poster and two movies seldom have the same one.
"""

import hashlib
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

from django.utils.text import slugify

from common.text import printable
from movies.posters import motifs
from movies.posters.motifs import Colours, Motif

WIDTH, HEIGHT, MARGIN = 600, 900, 44
MEASURE = WIDTH - 2 * MARGIN
MAX_TITLE_HEIGHT, MAX_SIZE = 390, 215
MAX_IMPRINT = 20  # letters that fit beside the year

SERIF = (
    "Superclarendon,'Bookman Old Style','URW Bookman','Roboto Slab',Rockwell,"
    "Georgia,'DejaVu Serif',serif"
)
SANS = "Impact,Haettenschweiler,'Arial Narrow','Liberation Sans Narrow','DejaVu Sans',sans-serif"
IMPRINT = "'Gill Sans','Trebuchet MS','DejaVu Sans',sans-serif"

PALETTES = {
    "paprika": Colours("#f6e7cb", "#2a1510", "#d1481b", "#e8a33d"),
    "midnight": Colours("#14182b", "#f4ead6", "#ee8434", "#3c5a99"),
    "moss": Colours("#1f2a1c", "#f1ead2", "#d8a23a", "#5f7f4a"),
    "blood": Colours("#160a0c", "#f5e6dc", "#c2182b", "#5b1f2e"),
    "teal": Colours("#0f3438", "#f7ecd4", "#f0a93b", "#2f8087"),
    "rose": Colours("#fae3dc", "#40101f", "#d9415d", "#f2a48f"),
    "desert": Colours("#f3d9a4", "#3a1d0e", "#c4511f", "#7d8f69"),
    "plum": Colours("#2a1633", "#f6e7ee", "#e3a13b", "#8a4f9e"),
    "sky": Colours("#dfecec", "#12313a", "#ee6c3a", "#3f93a6"),
    "butter": Colours("#ffd966", "#33190b", "#d9411e", "#2f7f86"),
    "ash": Colours("#dcd5c8", "#1e1b19", "#a63a22", "#8b8577"),
    "brick": Colours("#8c2f1b", "#fbebd0", "#f2b04a", "#5c1c10"),
}

# The most characteristic genres come first: a horror comedy looks like horror.
LOOKS: dict[str, tuple[tuple[Motif, ...], str, tuple[str, ...]]] = {
    "horror": ((motifs.eye,), SERIF, ("blood", "ash", "moss")),
    "western": ((motifs.sundown, motifs.mountains), SERIF, ("desert", "brick", "paprika")),
    "science-fiction": ((motifs.orbits, motifs.beam), SANS, ("midnight", "teal", "plum", "sky")),
    "music": ((motifs.record,), SERIF, ("butter", "plum", "rose")),
    "musical": ((motifs.record, motifs.tiles), SERIF, ("butter", "rose", "sky")),
    "sport": ((motifs.lanes,), SANS, ("sky", "brick", "butter")),
    "sports": ((motifs.lanes,), SANS, ("sky", "brick", "butter")),
    "documentary": ((motifs.aperture,), SANS, ("ash", "sky", "teal")),
    "fantasy": ((motifs.moonlight, motifs.mountains), SERIF, ("plum", "midnight", "moss")),
    "war": ((motifs.sundown, motifs.rays), SANS, ("moss", "ash", "brick")),
    "animation": ((motifs.tiles, motifs.waves), SERIF, ("butter", "sky", "rose", "teal")),
    "mystery": ((motifs.tunnel, motifs.blinds), SERIF, ("midnight", "plum", "teal")),
    "film-noir": ((motifs.blinds, motifs.skyline), SERIF, ("ash", "midnight", "brick")),
    "crime": ((motifs.blinds, motifs.skyline), SERIF, ("brick", "ash", "midnight")),
    "thriller": ((motifs.tunnel, motifs.skyline), SANS, ("teal", "blood", "ash")),
    "adventure": ((motifs.mountains, motifs.waves), SERIF, ("teal", "desert", "sky")),
    "action": ((motifs.rays,), SANS, ("brick", "butter", "midnight")),
    "history": ((motifs.arches,), SERIF, ("desert", "moss", "ash")),
    "biography": ((motifs.arches, motifs.halves), SERIF, ("paprika", "teal", "desert")),
    "romance": ((motifs.embrace,), SERIF, ("rose", "paprika", "plum")),
    "family": ((motifs.tiles, motifs.waves), SERIF, ("sky", "butter", "paprika")),
    "comedy": ((motifs.tiles, motifs.rays), SERIF, ("butter", "paprika", "rose", "sky")),
    "drama": (
        (motifs.halves, motifs.waves, motifs.arches),
        SERIF,
        ("paprika", "teal", "ash", "moss", "rose", "midnight"),
    ),
}


def poster_svg(title: str, year: int, genres: Iterable[str] = ()) -> str:
    """Return a poster of 600 x 900 as an SVG document; genres are names or slugs."""
    names = sorted((name for name in map(slugify, genres) if name), key=_genre_rank)
    seed = hashlib.sha256(f"{title}|{year}".encode("utf-8", "replace")).digest()
    # Sometimes the second genre decides, or all science fiction would show planets.
    look = next((name for name in names[seed[30] % 3 // 2 :] if name in LOOKS), "drama")
    drawings, font, palettes = LOOKS[look]
    colours = PALETTES[palettes[seed[0] % len(palettes)]]
    draw = drawings[seed[31] % len(drawings)]
    lines = broadside(printable(title) or "?")
    title_height = sum(size for _, size in lines)
    art_height = HEIGHT - title_height - 150
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{colours.ground}"/>'
        f'<svg width="{WIDTH}" height="{art_height:.0f}" viewBox="0 0 600 600" '
        f'preserveAspectRatio="xMidYMid {"slice" if art_height > 420 else "meet"}">'
        f"{draw(colours, seed)}</svg>"
        f"{_set_title(lines, art_height + 34, colours.ink, font)}"
        f"{_imprint(year, names, colours)}</svg>"
    )


def line_width(line: str) -> float:
    """Return the approximate width of a line in bold capitals, in units of its size."""
    return sum(_letter_width(letter) for letter in line)


def broadside(title: str) -> list[tuple[str, float]]:
    """Return lines, each with the size at which it fills the width: the tallest that fit."""
    longest_word = max(len(word) for word in title.split())
    settings = []
    for columns in range(min(longest_word, 20), min(len(title), 64) + 1):
        lines = textwrap.wrap(title.upper(), columns)
        sized = [(line, min(MAX_SIZE, MEASURE / line_width(line))) for line in lines]
        settings.append((sum(size for _, size in sized), sized))
    fitting = [setting for setting in settings if setting[0] <= MAX_TITLE_HEIGHT]
    return max(fitting)[1] if fitting else min(settings)[1]


def _letter_width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if letter in "IJ1!|.,:;'’ -()":
        return 0.42
    return 0.98 if letter in "MW—…" else 0.76


def _genre_rank(genre: str) -> int:
    return list(LOOKS).index(genre) if genre in LOOKS else len(LOOKS)


def _set_title(lines: Sequence[tuple[str, float]], top: float, ink: str, font: str) -> str:
    drawn, y = [], top
    for line, size in lines:
        # textLength gives the line the planned width in every font.
        length = min(MEASURE, size * line_width(line))
        drawn.append(
            f'<text x="{MARGIN}" y="{y + size * 0.78:.0f}" font-size="{size:.0f}" '
            f'textLength="{length:.0f}" lengthAdjust="spacingAndGlyphs">{escape(line)}</text>'
        )
        y += size
    return f'<g font-family="{font}" font-weight="700" fill="{ink}">{"".join(drawn)}</g>'


def _imprint(year: int, genres: Sequence[str], colours: Colours) -> str:
    kinds = " · ".join(name.replace("-", " ").upper() for name in genres[:2])
    if len(kinds) > MAX_IMPRINT:
        kinds = kinds.split(" · ")[0][:MAX_IMPRINT]
    return (
        f'<rect x="{MARGIN}" y="824" width="{MEASURE}" height="5" fill="{colours.warm}"/>'
        f'<g font-family="{IMPRINT}" font-size="25" '
        f'font-weight="700" letter-spacing="3" fill="{colours.ink}">'
        f'<text x="{MARGIN}" y="866">{int(year)}</text>'
        f'<text x="{WIDTH - MARGIN}" y="866" text-anchor="end">{escape(kinds)}</text></g>'
    )
