"""Labelled reviews: reading, checking, and splitting by movie."""

import csv
import gzip
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.errors import CorpusError

REQUIRED = ("review", "sentiment")
OPTIONAL = ("rating", "imdb_id")
MIN_ROWS = 20  # ten reviews of each kind; below that nothing can be held out
HELD_OUT_SHARE = 0.1
# All trainings share one split, so that the same movies are held out from champion and challenger.
SPLIT_SEED = 0
_MARKUP = re.compile(r"<[a-z/][^<>]*>")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file, unchecked; ``number`` counts the header as row 1."""

    number: int
    review: str
    sentiment: str
    rating: str = ""
    imdb_id: str = ""
    is_ragged: bool = False  # more or fewer fields than the header

    def fault(self) -> str:
        """Return why the row cannot be used, or an empty string."""
        if self.is_ragged:
            return "does not have as many fields as the header"
        if self.sentiment not in ("positive", "negative"):
            return f"sentiment is {self.sentiment!r}, not positive or negative"
        if not text_key(self.review):
            return "the review is empty"
        return ""


@dataclass(frozen=True, slots=True)
class Corpus:
    """n labelled reviews.

    Parameters
    ----------
    texts : list of str, length n
    labels : bool array, shape (n,)
        True for a positive review.
    movies : list of str, length n
        Each review's movie; "" where it is unknown.
    ratings : list of (int or None), length n
        The author's rating, 1 to 10; None where it is unknown.
    """

    texts: list[str]
    labels: NDArray[np.bool_]
    movies: list[str]
    ratings: list[int | None]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, indices: Sequence[int] | NDArray[np.int_]) -> "Corpus":
        """Return the reviews at these positions, in this order."""
        return Corpus(
            texts=[self.texts[i] for i in indices],
            labels=self.labels[np.asarray(indices, dtype=int)],
            movies=[self.movies[i] for i in indices],
            ratings=[self.ratings[i] for i in indices],
        )


def text_key(text: str) -> str:
    """Return the text without markup, capitals and spacing, equal for copies of a review.

    It decides which reviews a dataset version contains, and their order. It must not change with
    ``text.fold``, or the same source would give another file.
    """
    lowered = text.lower().replace("’", "'")
    return " ".join(_MARKUP.sub(" ", lowered).split())


def text_hash(text: str) -> str:
    """Return 12 hex digits that name a text in files that must not contain it.

    Copies of a text (see ``text_key``) have the same name.
    """
    return hashlib.blake2b(text_key(text).encode("utf-8", "replace"), digest_size=6).hexdigest()


def order_of(seed: int, key: str) -> float:
    """Return a number that depends only on the seed and the key.

    Parameters
    ----------
    seed : int
    key : str

    Returns
    -------
    float
        Evenly distributed in [0, 1).
    """
    digest = hashlib.blake2b(f"{seed}:{key}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a CSV file, unchecked.

    Parameters
    ----------
    path : Path
        Plain or ``.gz``.

    Raises
    ------
    CorpusError
        If there is no such file, it is not CSV in UTF-8, or a column is missing.
    """
    try:
        with _open(path) as stream:
            yield from _rows(csv.reader(stream), path)
    except FileNotFoundError as error:
        raise CorpusError(f"there is no file {path}") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path} is not text in UTF-8") from error
    except (OSError, EOFError, csv.Error) as error:
        raise CorpusError(f"{path} cannot be read: {error}") from error


def _open(path: Path) -> IO[str]:
    # utf-8-sig: spreadsheets put a byte order mark before the first column's name.
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _rows(reader: Iterator[list[str]], path: Path) -> Iterator[Row]:
    header = [name.strip().lower() for name in next(reader, [])]
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        columns = ", ".join(header) or "none"
        raise CorpusError(f"{path} has no column {' and no '.join(missing)} (found: {columns})")
    for number, fields in enumerate(reader, start=2):
        if not fields:  # a blank line, as at the end of many files
            continue
        values = dict(zip(header, fields, strict=False))
        yield Row(
            number=number,
            review=values.get("review", ""),
            sentiment=values.get("sentiment", "").strip().lower(),
            rating=values.get("rating", "").strip(),
            imdb_id=values.get("imdb_id", "").strip(),
            is_ragged=len(fields) != len(header),
        )


def read_corpus(path: Path | str) -> Corpus:
    """Read labelled reviews.

    Parameters
    ----------
    path : path
        CSV, plain or ``.gz``, with columns review, sentiment (positive or
        negative) and, where known, rating (1-10) and imdb_id.

    Returns
    -------
    Corpus
        In the file's order, duplicates included.

    Raises
    ------
    CorpusError
        If the file is missing, damaged or without rows, or a row is unusable.

    Examples
    --------
    >>> from mlmodel.sentiment import read_corpus
    >>> corpus = read_corpus("data/demo_reviews.csv")
    >>> corpus.texts[0], bool(corpus.labels[0]), corpus.movies[0]
    ('Almost a century old and the skyline still gives me goosebumps.', True, 'tt0017136')
    """
    rows = read_usable_rows(Path(path))
    if not rows:
        raise CorpusError(f"{path} has no rows below its header")
    return to_corpus(rows)


def read_usable_rows(path: Path) -> list[Row]:
    """Read the rows of a CSV file, and raise ``CorpusError`` about the first unusable one."""
    rows = list(read_rows(path))
    for row in rows:
        if fault := row.fault():
            raise CorpusError(f"{path}, row {row.number}: {fault}")
    return rows


def to_corpus(rows: Sequence[Row]) -> Corpus:
    """Return checked rows as a corpus, in their order."""
    return Corpus(
        texts=[row.review for row in rows],
        labels=np.array([row.sentiment == "positive" for row in rows], dtype=bool),
        movies=[row.imdb_id for row in rows],
        ratings=[int(row.rating) if row.rating.isdecimal() else None for row in rows],
    )


def read_unlabelled(path: Path, *, besides: Corpus) -> list[str]:
    """Read reviews without their labels.

    Parameters
    ----------
    path : Path
        CSV as ``read_corpus`` takes it; labels may be empty and are ignored.
    besides : Corpus
        Reviews of its movies and copies of its texts are left out: some are held out, and
        must not be trained on.

    Returns
    -------
    list of str

    Raises
    ------
    CorpusError
        If the file is missing, damaged or has no column review, or nothing is left.
    """
    movies, seen = set(besides.movies) - {""}, {text_key(text) for text in besides.texts}
    texts = []
    for row in read_rows(path):
        key = text_key(row.review)
        if key and key not in seen and row.imdb_id not in movies:
            seen.add(key)
            texts.append(row.review)
    if not texts:
        raise CorpusError(f"{path} has no review that the labelled data does not have")
    return texts


def check(corpus: Corpus) -> None:
    """Check that a model can be trained on the corpus and evaluated on a part of it.

    Raises
    ------
    CorpusError
        If it has fewer than ``MIN_ROWS`` rows, only one class, or a review twice.
    """
    if len(corpus) < MIN_ROWS:
        raise CorpusError(f"the data has {len(corpus)} rows; training needs at least {MIN_ROWS}")
    n_positive = int(corpus.labels.sum())
    if n_positive in (0, len(corpus)):
        only = "positive" if n_positive else "negative"
        raise CorpusError(f"all {len(corpus)} reviews are {only}; training needs both kinds")
    first_row: dict[str, int] = {}
    for number, text in enumerate(corpus.texts, start=2):
        earlier = first_row.setdefault(text_key(text), number)
        if earlier != number:
            raise CorpusError(
                f"row {number} repeats the review of row {earlier}; "
                "a copy could be trained on and evaluated on at once"
            )


def grouped_split(
    corpus: Corpus, *, seed: int, share: float = HELD_OUT_SHARE
) -> tuple[Corpus, Corpus]:
    """Split a corpus by movie into a training part and a held-out part.

    A movie's part depends only on the seed and its id. What is held out stays held out in the
    next, larger dataset version, so that an earlier champion was not trained on the reviews with
    which its challenger is evaluated.

    Parameters
    ----------
    corpus : Corpus
        A review without a movie is a movie of its own.
    seed : int
    share : float, optional
        Expected share of held-out movies, 0.0-1.0.

    Returns
    -------
    train, held_out : Corpus
        No movie and no text is in both parts; both classes are in both.

    Raises
    ------
    CorpusError
        If the movies are too few for both classes on both sides.
    """
    keys = [text_key(text) for text in corpus.texts]
    groups = [movie or key for movie, key in zip(corpus.movies, keys, strict=True)]
    orders = {group: order_of(seed, group) for group in set(groups)}
    order = np.array([orders[group] for group in groups])
    limit = max(share, *(order[corpus.labels == label].min() for label in (True, False)))
    held_out = np.flatnonzero(order <= limit)
    held_out_keys = {keys[i] for i in held_out}
    train = [i for i in np.flatnonzero(order > limit).tolist() if keys[i] not in held_out_keys]
    parts = corpus.take(train), corpus.take(held_out)
    if len(set(parts[0].labels.tolist())) < 2:
        raise CorpusError(
            f"{len(orders)} movies are too few to hold some out and train on reviews of both kinds"
        )
    return parts
