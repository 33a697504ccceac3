import pytest
from django.core.exceptions import ValidationError

from common.text import check_characters, printable, single_line


@pytest.mark.parametrize("text", ["a\x00b", "\x1b", "\x7f", "\x85", "\ud800"])
def test_control_characters_are_rejected(text):
    with pytest.raises(ValidationError, match="Control characters are not allowed"):
        check_characters(text)


@pytest.mark.parametrize("text", ["", "A\tB\r\nC", "Amélie «七人»", "🥔"])
def test_tabs_and_line_ends_are_accepted(text):
    check_characters(text)


def test_single_line_drops_forbidden_characters():
    assert single_line(" So\x00la\ud800ris\n II ") == "Solaris II"


def test_printable_text_has_no_character_that_xml_forbids():
    assert printable("a\x00b\uffffc\nd") == "a b c d"
