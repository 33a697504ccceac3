"""Titles of all scripts on share images; tests/deploy/slow_image.py has the image's fonts."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from common.text import printable
from movies.models import Movie
from seo.images import HEIGHT, MARGIN, TITLE_HEIGHT, WIDTH, set_title, share_png
from seo.typesetting.fonts import EMOJI, FONTS, TALL, font_for, has_glyph, is_installed
from seo.typesetting.lines import Line, Run, in_visual_order
from seo.typesetting.wrapping import fit, wrap
from tests.test_docs import ROOT

SERIF, SANS = "DejaVuSerif-Bold.ttf", "DejaVuSans-Bold.ttf"
TITLES = (
    *("霸王别姬", "七人の侍", "기생충", "ลุงบุญมีระลึกชาติ", "جدایی نادر از سیمین"),
    *("ואלס עם באשיר", "दिलवाले दुल्हनिया", "The 🎬 Emoji Movie 👩\u200d🚀", "Гамлет", "Ζορμπάς"),
)
BOX = {"width": 500, "height": 200, "sizes": (80, 60, 40)}


@pytest.mark.parametrize("title", [*TITLES, "W" * 400, "many words " * 30, "﷽" * 9, "\u0301" * 90])
def test_title_of_any_script_and_length_fits(title):
    setting = set_title(title)
    assert setting.width <= WIDTH - 2 * MARGIN
    assert setting.height <= TITLE_HEIGHT


@settings(max_examples=30)
@given(st.text(min_size=1, max_size=60))
def test_any_text_fits(text):
    setting = fit(printable(text) or "?", **BOX)
    assert (setting.width <= 500, setting.height <= 200) == (True, True)


@pytest.mark.parametrize("title", [*TITLES, "W" * 400, "Z" + "\u0301\u0316" * 90])
@pytest.mark.parametrize("verdict", ["certified_hot", "mixed", "none"])
def test_nothing_is_drawn_beyond_the_margins(title, verdict):
    movie = Movie(title=title, slug="x", year=1999, freshness=0.5, verdict=verdict)
    image = Image.open(io.BytesIO(share_png(movie))).convert("RGB")
    edges = [(0, 0, MARGIN - 10, HEIGHT), (WIDTH - MARGIN + 10, 0, WIDTH, HEIGHT)]
    assert [len(image.crop(edge).getcolors(9999)) for edge in edges] == [1, 1]


def test_words_are_not_broken_if_a_smaller_size_fits():
    setting = fit("Extraordinarily long", width=400, height=400, sizes=(80, 60, 40))
    assert [line.text for line in setting.lines] == ["Extraordinarily", "long"]


def test_chinese_and_japanese_are_broken_between_characters():
    lines = wrap("千と千尋の神隠し" * 2, 300, 80, may_break=False)
    assert len(lines or []) > 1


def test_text_that_does_not_fit_ends_in_an_ellipsis():
    assert fit("W" * 400, **BOX).lines[-1].text.endswith("W…")


def test_emoji_of_several_characters_are_not_broken():
    assert wrap("👩\u200d🚀" * 3, 1, 40, may_break=True) == ["👩\u200d🚀"] * 3


def test_character_that_a_font_lacks_is_recognised():
    assert has_glyph(SERIF, "A")
    assert not has_glyph(SERIF, "七")


def test_each_part_of_a_line_has_a_font_that_contains_it():
    line = Line("Waltz ואלס")
    assert [(run.text, run.is_rtl) for run in line.runs] == [("Waltz ", False), ("ואלס", True)]
    assert all(has_glyph(run.font, letter) for run in line.runs for letter in run.text)


@pytest.mark.skipif(not features.check("raqm"), reason="needs libfribidi0")
def test_arabic_letters_are_joined():
    joined = Run("سيمين", SANS, is_rtl=True).width(80)
    assert joined < sum(Run(letter, SANS, is_rtl=True).width(80) for letter in "سيمين")


@pytest.mark.parametrize(
    ("order", "is_rtl", "shown"),
    [
        ("aBCd", False, "aCBd"),
        ("ABcdE", True, "EcdBA"),
        ("ab", False, "ab"),
        ("AB", True, "BA"),
    ],
)
def test_parts_are_drawn_in_the_order_of_their_directions(order, is_rtl, shown):
    runs = [Run(letter, SERIF, letter.isupper()) for letter in order]
    assert "".join(run.text for run in in_visual_order(runs, is_rtl)) == shown


def test_digits_are_read_from_left_to_right_in_hebrew():
    assert [run.text for run in Line("ואלס 2008").runs if not run.is_rtl] == ["2008"]


def test_emoji_style_selects_the_emoji_font():
    fonts = {font_for("❤\ufe0f"), font_for("🎬")}
    assert fonts == {EMOJI} or not is_installed(EMOJI)


def test_image_contains_every_font():
    dockerfile = (ROOT / "Dockerfile").read_text()
    scripts = [name.removeprefix("NotoSans").removesuffix("-Bold.ttf") for name in TALL]
    others = [name for name in FONTS if name not in TALL and not name.startswith("Droid")]
    assert [name for name in [*scripts, *others] if name not in dockerfile] == []
