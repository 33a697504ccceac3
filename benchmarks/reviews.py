"""Texts of equal length, cut out of the demo reviews."""

from pathlib import Path

from mlmodel.sentiment.data.corpus import read_corpus

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "data" / "demo_reviews.csv"
MODEL = ROOT / "mlmodel" / "pretrained"
N_WORDS = 230  # the average of the IMDb reviews


def reviews(n: int, *, n_words: int = N_WORDS) -> list[str]:
    """Return ``n`` different texts of ``n_words`` words."""
    words = " ".join(read_corpus(DEMO).texts).split()
    starts = (i * (len(words) - n_words) // n for i in range(n))
    return [" ".join(words[start : start + n_words]) for start in starts]
