import re

import pytest
from django.core.exceptions import ValidationError

from common.text import clean_text, printable, single_line


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\x00b", "U+0000"),
        ("\x1b", "U+001B"),
        ("\x7f", "U+007F"),
        ("\x8d", "U+008D"),  # undefined in Windows-1252
        ("\ud800", "U+D800"),
    ],
)
def test_other_control_characters_are_rejected_by_name(text, code):
    with pytest.raises(ValidationError, match=re.escape(code)):
        clean_text(text)


def test_error_shows_where_the_control_character_is():
    with pytest.raises(ValidationError, match="“even words before it▯and after”"):
        clean_text("At least seven words before it\x07and after")


@pytest.mark.parametrize(
    "text", ["", "A\tB\r\nC", "Amélie «七人»", "🥔", "👩\u200d🚀", "ไม่\u200bดี"]
)
def test_text_without_control_characters_is_unchanged(text):
    assert clean_text(text) == text


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("It\x92s bad\x85 really", "It’s bad… really"),
        ("one \x96 two\x97three", "one – two—three"),
        ("\x8ei\x9eek \x84said\x93", "Žižek „said“"),
        ("5\x80", "5€"),
        ("one\x0btwo\x0cthree", "one\ntwo\nthree"),
        ("\ufeffwon\xadderful", "wonderful"),
    ],
)
def test_leftovers_of_other_programs_are_repaired(text, repaired):
    assert clean_text(text) == repaired
    assert clean_text(repaired) == repaired


def test_single_line_repairs_a_text_and_drops_forbidden_characters():
    assert single_line(" So\x00la\ud800ris\n II\x85 ") == "Solaris II…"


def test_printable_text_has_no_character_that_xml_forbids():
    assert printable("a\x00b\uffffc\nd") == "a b c d"


def test_printable_text_keeps_emoji_together():
    assert printable("👩\u200d🚀 \u202e!") == "👩\u200d🚀 !"
