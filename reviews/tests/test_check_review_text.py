import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from reviews.forms import check_review_text
from reviews.guest_names import clean_guest_name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("\u200b\u200b\u200b\u200b", "empty"),
        ("x" * 10_001, "too_long"),
        ("good\x00film", "control_characters"),
        ("good\x1b[31mfilm", "control_characters"),
        ("good film\x1f", "control_characters"),
        ("good\x8dfilm", "control_characters"),
        ("good \ud83d film", "control_characters"),
    ],
)
def test_invalid_text_is_rejected(text, code):
    with pytest.raises(ValidationError) as refusal:
        check_review_text(text)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "text", ["Wow", "👎", ".", "x" * 10_000, "👍👍👍", "Très\tbien\n\nVraiment.", "<b>"]
)
def test_valid_text_is_unchanged(text):
    assert check_review_text(text) == text


def test_length_is_counted_without_surrounding_space():
    assert check_review_text("  " + "x" * 10_000 + "\r\n") == "x" * 10_000


def test_newlines_of_browsers_become_unix_newlines():
    assert check_review_text("one\r\ntwo\rthree") == "one\ntwo\nthree"


def test_windows_1252_is_repaired_before_the_text_is_trimmed():
    assert check_review_text(" Good\x85\x85 ") == "Good……"


@given(st.text())
def test_accepted_text_is_accepted_again_and_can_be_stored(text):
    try:
        checked = check_review_text(text)
    except ValidationError:
        return
    assert check_review_text(checked) == checked
    checked.encode("utf-8")


def test_guest_name_is_one_line_without_control_characters():
    assert clean_guest_name("  Ana  Maria ") == "Ana Maria"
    assert clean_guest_name("O\x92Brien") == "O’Brien"
    with pytest.raises(ValidationError):
        clean_guest_name("Ana\nMaria\x07")
