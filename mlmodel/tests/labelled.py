"""Small files of labelled reviews for the tests."""

import csv
from collections.abc import Iterable
from pathlib import Path

PRAISE = [
    "wonderful",
    "moving",
    "clever",
    "charming",
    "superb",
    "gripping",
    "tender",
    "brilliant",
    "warm",
    "perfect",
]
BLAME = [
    "awful",
    "boring",
    "clumsy",
    "tedious",
    "dull",
    "lazy",
    "pointless",
    "wooden",
    "weak",
    "painful",
]


def labelled_rows(n: int, *, n_movies: int = 0) -> list[dict[str, str]]:
    """``n`` different reviews, positive and negative in turn, spread over the movies."""
    rows = []
    for i in range(n):
        words = (BLAME if i % 2 else PRAISE)[i % 7 :]
        text = f"Evening {i}: a {words[0]} movie, {words[1]} scenes and a {words[-1]} end."
        movie = f"tt{(i // 2) % n_movies:07d}" if n_movies else ""
        rows.append(
            {"review": text, "sentiment": ("positive", "negative")[i % 2], "imdb_id": movie}
        )
    return rows


def write_csv(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
