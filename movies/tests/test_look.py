"""The contrast of the colours, and rules for templates and static files."""

import re
from itertools import product

import pytest
from django.conf import settings

from movies.tests.test_posters import contrast

STATIC, TEMPLATES = settings.BASE_DIR / "static", settings.BASE_DIR / "templates"
TOKENS = dict(
    re.findall(
        r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", (STATIC / "css/tokens.css").read_text()
    )
)
WORDS = ("ink", "ink-soft", "hot", "certified", "mixed", "rotten", "link", "wrong")


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("word", "ground"), [*product(WORDS, ("paper", "card", "sunk")), ("button-ink", "button")]
)
def test_text_has_enough_contrast_in_both_themes(word, ground, theme):
    assert contrast(TOKENS[word].split(", ")[theme], TOKENS[ground].split(", ")[theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_edges_of_fields_have_enough_contrast(theme):
    assert contrast(TOKENS["edge"].split(", ")[theme], TOKENS["sunk"].split(", ")[theme]) >= 3


def test_templates_have_no_inline_styles_or_scripts():
    inline = re.compile(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son\w+=")
    names = [page.name for page in TEMPLATES.rglob("*.html") if inline.search(page.read_text())]
    assert names == []


def test_fonts_come_with_their_licence_and_none_is_missing():
    used = set(re.findall(r"fonts/([\w-]+\.\w+)", (STATIC / "css/fonts.css").read_text()))
    there = {path.name for path in (STATIC / "fonts").iterdir()}
    assert used == there
    assert "SIL OPEN FONT LICENSE" in (STATIC / "fonts/OFL.txt").read_text()
