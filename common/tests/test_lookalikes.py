import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.lookalikes import look_keys, same_in_any_case, without_controls


def look_alike(name: str, other: str) -> bool:
    return bool(set(look_keys(name)) & set(look_keys(other)))


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("ana", "ANA"),
        ("ana", "аnа"),  # Cyrillic а
        ("ana", "АNА"),
        ("ana", "αnα"),  # Greek
        ("ana", "ａｎａ"),  # fullwidth
        ("ana", "𝓪𝓷𝓪"),  # mathematical
        ("ana", "áná"),
        ("ana", "a\u200bn\u00ada"),
        ("ana", "\u202eana\u202c"),
        ("ana", "ana\u3164"),  # a Hangul letter that is blank
        ("paypal", "PaypaI"),
        ("iris", "Iris"),
        ("bob", "b0b"),
        ("marina", "rnarina"),
        ("вова", "ВОВА"),
        ("вова", "ВOВА"),  # Latin O
        ("straße", "STRASSE"),
        ("ᾳ", "ΑΙ"),
    ],
)
def test_names_look_alike(name, other):
    assert look_alike(name, other)


@pytest.mark.parametrize("other", ["anna", "ana2", "an a", "ena", "vick"])
def test_different_names_do_not_look_alike(other):
    assert not look_alike("ana", other)
    assert not look_alike("nick", other)


@given(st.text(st.characters(categories=["L", "Nd", "P", "S", "Zs"])))
def test_a_name_looks_like_itself_in_any_case(name):
    assert look_alike(name, name.casefold())


@given(st.text(st.characters(categories=["L", "Nd", "P", "S", "Zs"])))
def test_spellings_in_any_case_have_one_key(text):
    assert same_in_any_case(text) == same_in_any_case(text.casefold())


def test_controls_are_removed_from_names():
    assert without_controls("a\u202en\u2066a\u3164\u200b") == "ana"
    assert without_controls("\u200d \u3164") == ""


@pytest.mark.parametrize("name", ["👩\u200d🚀", "❤\ufe0f Ana", "می\u200cخواهم"])
def test_joiners_that_a_name_needs_are_kept(name):
    assert without_controls(name) == name
