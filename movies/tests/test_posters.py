import re
from xml.etree import ElementTree

import pytest

from movies.posters.layout import LOOKS, MAX_TITLE_HEIGHT, PALETTES, broadside, poster_svg


def words_on(poster: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(poster).iter() if text.text]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_posters_of_two_movies_of_a_genre_differ():
    assert poster_svg("Alien", 1979, ["Horror"]) != poster_svg("Jaws!", 1979, ["Horror"])


def test_poster_shows_every_word_of_a_long_title():
    title = "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb"
    shown = " ".join(words_on(poster_svg(title, 1964, ["Comedy"])))
    assert title.upper() in shown


@pytest.mark.parametrize("title", ["M", "Up", "X " * 200, "W" * 400, "七人の侍", "Amélie"])
def test_poster_title_of_any_length_fits(title):
    assert sum(size for _, size in broadside(title)) <= MAX_TITLE_HEIGHT


@pytest.mark.parametrize(
    "title", ['<script>alert("1")</script>', "a\x00b\x1b", "&", "\u202e", "\ud800", ""]
)
def test_title_with_markup_cannot_break_the_poster(title):
    poster = poster_svg(title, 2000, ['"><b>'])
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(poster).iter()}
    assert not tags & {"script", "b"}


@pytest.mark.parametrize("genre", [*LOOKS, "never heard of"])
def test_poster_of_every_genre_has_no_style_attributes(genre):
    poster = poster_svg("A Movie", 2000, [genre])
    ElementTree.fromstring(poster)
    assert not re.search(r"style=|<style|href=", poster)


def test_poster_does_not_depend_on_the_order_of_the_genres():
    one, other = ["Comedy", "Horror", "Drama"], ["Drama", "Horror", "Comedy"]
    assert poster_svg("A Movie", 2000, one) == poster_svg("A Movie", 2000, other)


@pytest.mark.parametrize("name", PALETTES)
def test_poster_titles_are_readable_on_every_palette(name):
    assert contrast(PALETTES[name].ground, PALETTES[name].ink) >= 4.5
