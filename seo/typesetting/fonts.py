"""Find a font for each character. Pillow itself draws a box for a character that a font lacks."""

import unicodedata
from functools import cache, lru_cache

from PIL import ImageFont

EMOJI = "NotoColorEmoji.ttf"
EMOJI_SIZE = 109  # the only size of its bitmaps
EMOJI_STYLE = "\ufe0f"
SCRIPTS = (
    *("Arabic", "Armenian", "Bengali", "Devanagari", "Ethiopic", "Georgian", "Gujarati"),
    *("Gurmukhi", "Hebrew", "Kannada", "Khmer", "Lao", "Malayalam", "Myanmar", "Oriya"),
    *("Sinhala", "Tamil", "Telugu", "Thai"),
)
TALL = tuple(f"NotoSans{script}-Bold.ttf" for script in SCRIPTS)  # marks above and below
# The first one that has a character draws it. The image installs all but the last two, which
# cover many scripts on laptops without Noto.
FONTS = (
    "DejaVuSerif-Bold.ttf",
    *TALL,
    "NotoSansCJK-Bold.ttc",
    EMOJI,
    "DejaVuSans-Bold.ttf",
    "DroidSansFallbackFull.ttf",
)
NO_CHARACTER = "\U0010ffff"
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@lru_cache(maxsize=4096)
def font_for(cluster: str) -> str:
    """Return the first font that has the whole cluster, or the first that there is."""
    fonts = available_fonts()
    wanted = (EMOJI, *fonts) if EMOJI_STYLE in cluster and EMOJI in fonts else fonts
    return next((font for font in wanted if has_glyphs(font, cluster)), fonts[0])


def has_glyphs(font: str, cluster: str) -> bool:
    # Joiners and variation selectors are not drawn.
    visible = [
        c for c in cluster if unicodedata.category(c) != "Cf" and not "\ufe00" <= c <= "\ufe0f"
    ]
    return all(has_glyph(font, c) for c in visible)


@lru_cache(maxsize=16384)
def has_glyph(font: str, character: str) -> bool:
    """Return whether the font draws something else than its box for missing characters."""
    return character.isspace() or drawn(font, character) != drawn(font, NO_CHARACTER)


@lru_cache(maxsize=1024)
def drawn(font: str, character: str) -> tuple[tuple[int, int], int]:
    mask = plain(font).getmask(character, mode="RGBA" if font == EMOJI else "L")
    return mask.size, hash(tuple(mask))


@cache
def available_fonts() -> tuple[str, ...]:
    """Return the fonts of this machine; "" is Pillow's own, if there is none."""
    return tuple(name for name in FONTS if is_installed(name)) or ("",)


def is_installed(name: str) -> bool:
    try:
        load(name, EMOJI_SIZE)
    except OSError:
        return False
    return True


@lru_cache(maxsize=256)
def load(name: str, size: int) -> Font:
    return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)


@cache
def plain(name: str) -> Font:
    """Return the font without shaping, in which each character is one glyph."""
    size = EMOJI_SIZE if name == EMOJI else 20
    if not name:
        return load(name, size)
    return ImageFont.truetype(name, size, layout_engine=ImageFont.Layout.BASIC)
