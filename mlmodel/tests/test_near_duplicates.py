import pytest

from mlmodel.sentiment.data.near_duplicates import near_duplicates

LONG = " ".join(f"word{i}" for i in range(60))
HALF = " ".join(f"word{i}" if i < 30 else f"other{i}" for i in range(60))


def test_a_review_with_one_more_word_is_a_near_duplicate():
    (pair,) = near_duplicates(["Something else entirely, about a boat.", LONG, LONG + " indeed"])
    assert pair[:2] == (1, 2)
    assert 0.95 < pair[2] < 1


@pytest.mark.parametrize(
    ("texts", "pairs"),
    [
        ([LONG, f"<br />{LONG.upper()}!"], [(0, 1, 1.0)]),
        ([LONG, HALF], []),
        (["", "Great film", "...", "great film!", "Great"], [(1, 3, 1.0)]),
        ([], []),
    ],
    ids=["markup and capitals", "half of the words", "short and empty reviews", "no reviews"],
)
def test_copies_are_near_duplicates(texts, pairs):
    assert near_duplicates(texts) == pairs


def test_every_near_duplicate_among_many_is_found():
    texts = [" ".join(f"w{n}x{i}" for i in range(50)) for n in range(200)]
    copies = [text.replace("x7", "") for text in texts]
    assert [pair[:2] for pair in near_duplicates(texts + copies)] == [
        (i, i + 200) for i in range(200)
    ]
