import pytest

from common.formatting import percent


@pytest.mark.parametrize(
    ("share", "text"), [(0.87, "87%"), (0.0, "0%"), (1.0, "100%"), (None, "–"), ("", "–")]
)
def test_share_is_formatted_as_percent(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(("share", "text"), [(0.999, "99%"), (0.001, "1%")])
def test_share_between_none_and_all_is_rounded_to_neither(share, text):
    assert percent(share) == text
