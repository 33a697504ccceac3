"""A small corpus, made by rule, on which every algorithm learns something."""

from itertools import product

import numpy as np

from mlmodel.sentiment.data.corpus import Corpus

_OPENINGS = ["The acting is", "I found the plot", "My sister called it", "Frankly, the ending was"]
_GOOD = ["wonderful", "superb and moving", "not boring at all", "a great surprise", "brilliant"]
_BAD = ["awful", "dull and silly", "not funny at all", "a great waste", "terrible"]
_CLOSINGS = ["and the music too.", "from start to end!", "for two hours.", "as they say?"]


def small_corpus() -> Corpus:
    """160 short reviews of 16 movies, half of them positive."""
    texts, labels, movies = [], [], []
    for i, (opening, closing) in enumerate(product(_OPENINGS, _CLOSINGS)):
        for words, label in [(word, True) for word in _GOOD] + [(word, False) for word in _BAD]:
            texts.append(f"{opening} {words} {closing} Seen in room {i}.")
            labels.append(label)
            movies.append(f"tt{i:07d}")
    return Corpus(texts, np.array(labels), movies, [None] * len(texts))
