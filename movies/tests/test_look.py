"""What every page promises its readers, whoever writes the next template."""

import re
from itertools import product

import pytest
from django.conf import settings

from movies.tests.test_posters import luminance

STATIC, TEMPLATES = settings.BASE_DIR / "static", settings.BASE_DIR / "templates"
TOKENS = dict(
    re.findall(
        r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", (STATIC / "css/tokens.css").read_text()
    )
)
WORDS = ("ink", "ink-soft", "hot", "certified", "rotten", "link", "wrong")


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("word", "ground"), [*product(WORDS, ("paper", "card", "sunk")), ("button-ink", "button")]
)
def test_words_stand_out_in_both_themes(word, ground, theme):
    assert contrast(TOKENS[word].split(", ")[theme], TOKENS[ground].split(", ")[theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_fields_have_an_edge_that_can_be_seen(theme):
    assert contrast(TOKENS["edge"].split(", ")[theme], TOKENS["sunk"].split(", ")[theme]) >= 3


def test_no_template_holds_a_style_or_a_script_of_its_own():
    inline = re.compile(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son\w+=")
    found = [page.name for page in TEMPLATES.rglob("*.html") if inline.search(page.read_text())]
    assert found == []


def test_styles_and_scripts_stay_small():
    files = [*STATIC.rglob("*.css"), *STATIC.rglob("*.js")]
    # All of them together, so every page is within its 60 kB.
    assert sum(file.stat().st_size for file in files) <= 60_000
