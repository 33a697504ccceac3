import pytest

from common.formatting import percent


@pytest.mark.parametrize(
    ("share", "text"),
    [
        *((0.87, "87%"), (0.0, "0%"), (1.0, "100%"), (None, "–"), ("", "–")),
        *((0.999, "99%"), (0.001, "1%")),  # only all is 100 %, and only none is 0 %
    ],
)
def test_share_is_formatted_as_percent(share, text):
    assert percent(share) == text
