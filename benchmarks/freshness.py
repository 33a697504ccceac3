"""Compare methods that estimate movies' freshness: python -m benchmarks.freshness out_of_fold.csv

Movies are split in two halves. The classifier's error rates and the spread of the shares are
estimated on the first; a method, and the probability from which a verdict is decided, are chosen
by their figures there, and tested on the second.
"""

import argparse
import csv
import gzip
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from mlmodel.sentiment.models import quantification
from mlmodel.sentiment.models.quantification import (
    N_BINS,
    Share,
    adjusted_count,
    estimate_rates,
    estimate_share,
    histogram_of,
    probabilistic_adjusted_count,
    probability_of_share,
    wilson_interval,
)

# The site's own thresholds, from rottenpotatoes/settings.py.
HOT, CERTIFIED, DECIDED = 0.60, 0.75, 0.75
PROBABILITIES = (0.5, 0.6, 0.7, DECIDED, 0.8, 0.85, 0.9, 0.95)
SIZES = {"5 to 9": (5, 9), "10 and more": (10, 10**9)}
VERDICT_SIZES = {"5 to 9": (5, 9), "10 to 19": (10, 19), "20 and more": (20, 10**9)}
VERDICT_SIZES |= {"10 and more": (10, 10**9)}
RESAMPLES = 200
PRIOR_CELLS = 20
# Expectation maximisation approaches 0 and 1 without reaching them, where four movies in ten are:
# an interval from 1e-12 must cover a share of 0. Half the step of the site's profile.
TOLERANCE = 0.0005

Method = Callable[[list[int]], Share]


@dataclass(frozen=True, slots=True)
class MovieSample:
    labels: np.ndarray  # bool, shape (n,)
    histogram: list[int]
    is_in_second_half: bool

    @property
    def true_share(self) -> float:
        return float(self.labels.mean())


def read_predictions(path: Path) -> tuple[np.ndarray, np.ndarray, Sequence[str]]:
    """Return the labels, out-of-fold probabilities and movies of n reviews, each of length n.

    Files of older trainings call the movie ``film``.
    """
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            movies = arrays["movies" if "movies" in arrays else "films"]
            return arrays["y"].astype(bool), arrays["p"], movies.tolist()
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    labels = np.array([row["label"] == "positive" for row in rows])
    movies = [row["movie"] if "movie" in row else row["film"] for row in rows]
    return labels, np.array([float(row["p_positive"]) for row in rows]), movies


def is_in_second_half(movie: str) -> bool:
    return hashlib.sha256(movie.encode()).digest()[0] % 2 == 1


def group(labels: np.ndarray, p: np.ndarray, movies: Sequence[str]) -> list[MovieSample]:
    order = np.argsort(movies, kind="stable")
    names, starts = np.unique(np.asarray(movies)[order], return_index=True)
    return [
        MovieSample(labels[rows], histogram_of(p[rows]), is_in_second_half(str(name)))
        for name, rows in zip(names, np.split(order, starts[1:]), strict=True)
        if name
    ]


def plain_count(histogram: list[int]) -> Share:
    n = sum(histogram)
    share = sum(histogram[N_BINS // 2 :]) / n
    return Share(share, *wilson_interval(share, n))


def mean_probability(histogram: list[int]) -> Share:
    n = sum(histogram)
    share = float(np.dot(histogram, quantification.BIN_MEANS)) / n
    return Share(share, *wilson_interval(share, n))


def with_wilson(histogram: list[int], *, gap: float) -> Share:
    """Return the site's estimate; a prediction is worth gap ** 2 certain labels."""
    share = estimate_share(histogram).estimate
    return Share(share, *wilson_interval(share, sum(histogram) * gap**2))


def with_bootstrap(histogram: list[int]) -> Share:
    """Return the site's estimate with an interval from bootstrap samples."""
    n = sum(histogram)
    draws = np.random.default_rng(0).multinomial(n, np.array(histogram) / n, RESAMPLES)
    low, high = np.quantile(maximise_likelihood(draws, quantification.RATIOS), [0.05, 0.95])
    return Share(estimate_share(histogram).estimate, float(low), float(high))


def maximise_likelihood(histograms: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """Return the shares of many movies by expectation maximisation, shape (n,)."""
    share = np.full(len(histograms), 0.5)
    for _ in range(200):
        odds = share[:, None] * ratios
        share = (histograms * odds / (odds + 1 - share[:, None])).sum(1) / histograms.sum(1)
    return share


def from_middles(histogram: list[int]) -> Share:
    """Use the site's method with the middle of each bin as its probability."""
    middle = (np.arange(N_BINS) + 0.5) / N_BINS
    ratios = middle / (1 - middle)
    grid = np.linspace(0, 1, 1001)
    likelihood = np.log(grid[:, None] * ratios + 1 - grid[:, None]) @ histogram
    within = grid[likelihood >= likelihood.max() - quantification.Z_90**2 / 2]
    share = float(maximise_likelihood(np.array([histogram]), ratios)[0])
    return Share(share, min(share, float(within[0])), max(share, float(within[-1])))


def with_prior(histogram: list[int], *, prior: np.ndarray) -> Share:
    """Return the posterior median, with the distribution of shares of the first half as prior."""
    share = np.linspace(0, 1, len(prior))
    likelihood = np.log(share[:, None] * quantification.RATIOS + 1 - share[:, None]) @ histogram
    posterior = np.exp(likelihood - likelihood.max()) * prior
    reached = np.cumsum(posterior / posterior.sum())
    low, median, high = (float(share[np.argmax(reached >= q)]) for q in (0.05, 0.5, 0.95))
    return Share(median, low, high)


def learn_prior(movies: Sequence[MovieSample]) -> np.ndarray:
    """Return the weights of true shares of 0, 1/n ... 1, with one movie added to each."""
    shares = [movie.true_share for movie in movies if len(movie.labels) >= 10]
    cells = np.round(np.array(shares) * PRIOR_CELLS).astype(int)
    weights = np.bincount(cells, minlength=PRIOR_CELLS + 1) + 1.0
    return weights / weights.sum()


def make_methods(
    movies: Sequence[MovieSample], labels: np.ndarray, p: np.ndarray
) -> dict[str, Method]:
    rates = estimate_rates(labels, p)
    if rates is None:
        raise SystemExit("the first half of the movies has reviews of one class only")
    gap = rates.true_positive_rate - rates.false_positive_rate
    return {
        "plain count": plain_count,
        "mean probability": mean_probability,
        "adjusted count": partial(adjusted_count, rates=rates),
        "probabilistic adjusted count": partial(probabilistic_adjusted_count, rates=rates),
        "EM, middles of the bins": from_middles,
        "EM (the site's), profile interval": estimate_share,
        "EM, scaled Wilson interval": partial(with_wilson, gap=gap),
        "EM, bootstrap interval": with_bootstrap,
        "prior of the first half": partial(with_prior, prior=learn_prior(movies)),
    }


def badge(share: Share) -> str:
    if share.estimate < HOT:
        return "rotten"
    return "certified" if share.estimate >= CERTIFIED and share.low >= HOT else "hot"


def true_badge(movie: MovieSample) -> str:
    n_positive = int(movie.labels.sum())
    return badge(estimate_share([], n_positive, len(movie.labels) - n_positive))


def covers(share: Share, truth: float) -> bool:
    return share.low - TOLERANCE <= truth <= share.high + TOLERANCE


def measure(method: Method, movies: Sequence[MovieSample]) -> dict[str, float]:
    shares = [method(movie.histogram) for movie in movies]
    truths = [movie.true_share for movie in movies]
    pairs = list(zip(shares, truths, strict=True))
    return {
        "mae": float(np.mean([abs(share.estimate - truth) for share, truth in pairs])),
        "coverage": float(np.mean([covers(share, truth) for share, truth in pairs])),
        "width": float(np.mean([share.high - share.low for share in shares])),
        "badge": float(
            np.mean(
                [
                    badge(share) == true_badge(movie)
                    for share, movie in zip(shares, movies, strict=True)
                ]
            )
        ),
    }


def measure_verdicts(movies: Sequence[MovieSample], p_decided: float) -> dict[str, float]:
    """Measure the verdict that is Half-Baked if neither side of ``HOT`` has this probability.

    ``agree`` is the share of the decided movies on their true side of ``HOT``, ``same`` the share
    that also are Certified Hot by their predictions and by their labels, or by neither.
    """
    decided = agree = same = 0
    for movie in movies:
        share, p_hot = estimate_share(movie.histogram), probability_of_share(HOT, movie.histogram)
        by_estimate, by_labels = badge(share), true_badge(movie)
        if by_estimate != "certified":
            if max(p_hot, 1 - p_hot) < p_decided:
                continue
            by_estimate = "hot" if p_hot >= p_decided else "rotten"
        decided += 1
        agree += (by_estimate == "rotten") == (by_labels == "rotten")
        same += by_estimate == by_labels
    return {
        "undecided": 1 - decided / len(movies),
        "agree": agree / max(decided, 1),
        "same": same / max(decided, 1),
    }


def print_verdicts(movies: Sequence[MovieSample], title: str) -> dict[str, dict[str, float]]:
    print(f"\n{title}\n{'decided from':36}{'undecided':>10}{'agree':>8}{'same':>8}")
    figures = {f"{p:.0%}": measure_verdicts(movies, p) for p in PROBABILITIES}
    for name, row in figures.items():
        note = " (the site's)" if name == f"{DECIDED:.0%}" else ""
        print(f"{name + note:36}{row['undecided']:10.1%}{row['agree']:8.1%}{row['same']:8.1%}")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "predictions", type=Path, help=".csv, .csv.gz or .npz of out-of-fold predictions"
    )
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    labels, p, names = read_predictions(options.predictions)
    movies = group(labels, p, names)
    first = np.array([bool(name) and not is_in_second_half(name) for name in names])
    methods = make_methods([m for m in movies if not m.is_in_second_half], labels[first], p[first])
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for half in (False, True):
        of_half = [movie for movie in movies if movie.is_in_second_half == half]
        for size, (fewest, most) in SIZES.items():
            chosen = [movie for movie in of_half if fewest <= len(movie.labels) <= most]
            title = f"{'second' if half else 'first'} half, {size} reviews: {len(chosen)} movies"
            print(f"\n{title}\n{'':36}{'MAE':>7}{'cover':>8}{'width':>8}{'badge':>8}")
            figures[title] = {name: measure(method, chosen) for name, method in methods.items()}
            for name, row in figures[title].items():
                print(
                    f"{name:36}{row['mae']:7.4f}{row['coverage']:8.1%}"
                    f"{row['width']:8.3f}{row['badge']:8.1%}"
                )
    halves = {
        "first half": [movie for movie in movies if not movie.is_in_second_half],
        "second half": [movie for movie in movies if movie.is_in_second_half],
        "both halves": movies,
    }
    for name, of_half in halves.items():
        for size, (fewest, most) in VERDICT_SIZES.items():
            chosen = [movie for movie in of_half if fewest <= len(movie.labels) <= most]
            title = f"verdicts, {name}, {size} reviews: {len(chosen)} movies"
            if chosen:
                figures[title] = print_verdicts(chosen, title)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
