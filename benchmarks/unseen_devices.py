"""Measure models on short reviews whose writer and rhetorical device no training contains.

    python -m benchmarks.unseen_devices [--dataset data/train.csv]

The part ``test`` of ``data/short_reviews.csv`` shares no writer with the training, but its devices
("irony", "double negation") occur there. Here they are left out, a few devices at a time.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.algorithms import SHORT, TRAIN
from benchmarks.reviews import DEMO
from benchmarks.tables import Table, show
from mlmodel.sentiment.data.corpus import read_corpus
from mlmodel.sentiment.data.short_reviews import WEIGHT, ShortReviews, read_short_reviews
from mlmodel.sentiment.models.algorithms import DEFAULT, get_algorithm

N_BLOCKS = 4


def without(short: ShortReviews, devices: set[str]) -> ShortReviews:
    kept = [i for i, device in enumerate(short.devices) if device not in devices]
    return replace(
        short,
        texts=[short.texts[i] for i in kept],
        labels=short.labels[kept],
        writers=[short.writers[i] for i in kept],
        devices=[short.devices[i] for i in kept],
    )


def is_right(corpus, learned: ShortReviews, exam: ShortReviews) -> np.ndarray:
    """Return whether a model labels each of n exam texts right, shape (n,)."""
    algorithm = get_algorithm(DEFAULT)
    with_short, weights = learned.added_to(corpus, weight=WEIGHT)
    pipeline = algorithm.fit(
        with_short.texts, with_short.labels, seed=0, weights=weights, **algorithm.defaults
    )
    return (pipeline.decision_function(exam.texts) > 0) == exam.labels


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.unseen_devices")
    parser.add_argument("--dataset", type=Path, default=TRAIN if TRAIN.exists() else DEMO)
    corpus = read_corpus(parser.parse_args().dataset)
    learned, exam = (read_short_reviews(SHORT, part=part) for part in ("train", "test"))
    devices = sorted(set(exam.devices))
    writers_only = is_right(corpus, learned, exam)
    neither = np.zeros(len(exam), bool)
    for number in range(N_BLOCKS):
        block = set(devices[number::N_BLOCKS])
        chosen = np.array([device in block for device in exam.devices])
        neither[chosen] = is_right(corpus, without(learned, block), exam)[chosen]
    of = np.array(exam.devices)
    rows = [
        [
            device,
            int(places.sum()),
            f"{writers_only[places].mean():.1%}",
            f"{neither[places].mean():.1%}",
        ]
        for device, places in [("all", np.ones(len(exam), bool)), *((d, of == d) for d in devices)]
    ]
    note = (
        f"Trained on {len(corpus):,} reviews and {len(learned):,} short ones, without unlabelled."
    )
    columns = ["device", "texts", "other writers", "other writers and devices"]
    show([Table("Right labels of short reviews", columns, rows, note)])


if __name__ == "__main__":
    main()
