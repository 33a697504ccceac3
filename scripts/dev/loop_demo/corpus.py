"""Write a corpus of made-up reviews: python -m scripts.dev.loop_demo.corpus FILE --reviews 11000

The reviews follow a small grammar, so that training takes seconds and needs no download. Their
labels can be learnt, but not perfectly: reviews praise a detail of a bad movie, and negate.
"""

import argparse
import csv
import math
import random
import re
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

MOVIES = 600
SHARE_WITH_PLOT, SHARE_WITH_VERDICT = 0.25, 0.3  # of the reviews
SHARE_NEGATED = 0.35  # of the opinions; single words do not reveal these
SHARE_MIXED = 0.25  # of the opinions after the first; they contradict the review's label

GRAMMAR = tomllib.loads(Path(__file__).with_name("grammar.toml").read_text(encoding="utf-8"))
SIDES = {True: "positive", False: "negative"}
A_BEFORE_VOWEL = re.compile(r"\ba(?= [aeiou])")


def reviews(
    n: int, *, seed: int = 0, vocabulary: float = 1.0, besides: Collection[str] = ()
) -> Iterator[tuple[str, bool, str]]:
    """Yield different texts, whether each is positive, and the movie's id.

    The same arguments give the same reviews. ``vocabulary`` is the share of the grammar's words
    and phrases that they use; ``besides`` are texts that exist already.
    """
    chance = random.Random(seed)
    author = Author(chance, vocabulary)
    share_positive = [chance.betavariate(1.2, 1.2) for _ in range(MOVIES)]
    written = set(besides)
    while len(written) < n + len(besides):
        movie = chance.randrange(MOVIES)
        is_positive = chance.random() < share_positive[movie]
        text = author.write_review(is_positive)
        if text not in written:
            written.add(text)
            yield text, is_positive, f"tt{9_000_000 + movie}"


class Author:
    """Writes sentences by the grammar."""

    def __init__(self, chance: random.Random, vocabulary: float) -> None:
        self.chance = chance
        self.vocabulary = vocabulary

    def write_review(self, is_positive: bool) -> str:
        chance = self.chance.random
        sentences = [self._plot()] if chance() < SHARE_WITH_PLOT else []
        for i in range(self.chance.randint(2, 3)):
            is_mixed = i > 0 and chance() < SHARE_MIXED
            sentences.append(self._opinion(is_positive is not is_mixed))
        if chance() < SHARE_WITH_VERDICT:
            sentences.append(self._verdict(is_positive))
        return " ".join(sentences)

    def _plot(self) -> str:
        hero, deed, place = (self._any(name) for name in ("heroes", "deeds", "places"))
        return f"It is about {hero} {deed} {place}."

    def _opinion(self, is_positive: bool) -> str:
        is_negated = self.chance.random() < SHARE_NEGATED
        side = SIDES[is_positive is not is_negated]
        word = self._any("words", side)
        sentence = self._any("negated" if is_negated else "opinions").format(
            word=word,
            Word=word.capitalize(),
            word2=self._any("words", side),
            part=self._any("parts"),
            part2=self._any("parts"),
        )
        return A_BEFORE_VOWEL.sub("an", sentence)

    def _verdict(self, is_positive: bool) -> str:
        side = SIDES[is_positive]
        verdict = self._any("verdicts", side)
        return verdict.format(liked=self._any("liked", side), part=self._any("parts"))

    def _any(self, name: str, side: str | None = None) -> str:
        choices = (GRAMMAR[side] if side else GRAMMAR)[name]
        return self.chance.choice(choices[: math.ceil(self.vocabulary * len(choices))])


def write(path: Path, n: int, *, swap_labels: bool = False, **options: Any) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["review", "sentiment", "imdb_id"])
        writer.writerows(_rows(n, swap_labels, **options))


def append(path: Path, n: int, **options: Any) -> None:
    """Add reviews to a file that has other ones."""
    with path.open(encoding="utf-8", newline="") as stream:
        besides = {row["review"] for row in csv.DictReader(stream)}
    with path.open("a", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(_rows(n, besides=besides, **options))


def _rows(n: int, swap_labels: bool, **options: Any) -> Iterator[tuple[str, str, str]]:
    for text, is_positive, movie in reviews(n, **options):
        yield text, SIDES[is_positive is not swap_labels], movie


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--reviews", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vocabulary", type=float, default=1.0, metavar="SHARE")
    parser.add_argument("--swap-labels", action="store_true", help="every label is wrong")
    parser.add_argument("--append", action="store_true", help="keep the reviews of the file")
    options = vars(parser.parse_args())
    path, n = options.pop("path"), options.pop("reviews")
    (append if options.pop("append") else write)(path, n, **options)
    print(f"{n:,} made-up reviews in {path}")
