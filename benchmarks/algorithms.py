"""Compare all algorithms: accuracy on every kind of text, speed, size and time of a training."""

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.measuring import in_fresh_process
from benchmarks.reviews import DEMO, ROOT
from benchmarks.tables import Table
from mlmodel.sentiment.data.corpus import SPLIT_SEED, grouped_split, read_corpus
from mlmodel.sentiment.data.short_reviews import WEIGHT, read_short_reviews
from mlmodel.sentiment.evaluation import behaviour
from mlmodel.sentiment.evaluation.holdout import latency_ms
from mlmodel.sentiment.evaluation.metrics import accuracy, predict_arrays
from mlmodel.sentiment.evaluation.reference import evaluate_short, load_reference
from mlmodel.sentiment.models.algorithms import ALGORITHMS
from mlmodel.sentiment.training.fit import train

TRAIN = ROOT / "data" / "train.csv"
SHORT = ROOT / "data" / "short_reviews.csv"
N_REVIEWS = 25_000
LENGTHS = ("under 6", "6 to 14", "15 to 29", "30 to 79")  # those of evaluate_short


@dataclass(frozen=True)
class Result:
    """Shares of right labels, 0.0-1.0; None where no such texts are left out of the training."""

    held_out: float | None
    short_reviews: float
    reference: float
    demo: float | None
    behaviour: float
    lengths: dict[str, float]
    calibration_error: float
    latency_ms: float
    megabytes: float
    minutes: float


def measure(*, is_quick: bool = False, n_reviews: int = N_REVIEWS) -> list[Table]:
    names = ["logistic", "nb-logistic"] if is_quick else list(ALGORITHMS)
    corpus = TRAIN if TRAIN.exists() and not is_quick else DEMO
    results = {
        name: Result(
            **in_fresh_process(
                "benchmarks.algorithms", name, str(corpus), str(120 if is_quick else n_reviews)
            )
        )
        for name in names
    }
    return [_accuracy(results, corpus), _lengths(results), _cost(results)]


def _accuracy(results: dict[str, Result], corpus: Path) -> Table:
    return Table(
        f"Right labels, trained on {corpus.name} and the short reviews",
        ["algorithm", "held-out movies", "short reviews", "reference", "demo", "behaviour"],
        [
            [
                name,
                _percent(result.held_out),
                _percent(result.short_reviews),
                _percent(result.reference),
                _percent(result.demo),
                _percent(result.behaviour),
            ]
            for name, result in results.items()
        ],
        "The short reviews are by writers that the training does not contain. Unlabelled reviews "
        "are not used.",
    )


def _lengths(results: dict[str, Result]) -> Table:
    return Table(
        "Right labels of short reviews, by number of words",
        ["algorithm", *LENGTHS, "calibration error under 30 words"],
        [
            [
                name,
                *(_percent(result.lengths.get(length)) for length in LENGTHS),
                result.calibration_error,
            ]
            for name, result in results.items()
        ],
    )


def _cost(results: dict[str, Result]) -> Table:
    return Table(
        "Cost",
        ["algorithm", "ms per review", "MB", "minutes of training"],
        [
            [name, result.latency_ms, result.megabytes, result.minutes]
            for name, result in results.items()
        ],
        "A review has 230 words. The training includes the five folds of the calibration.",
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def examine(algorithm: str, corpus: str, n_reviews: str) -> Result:
    path, n = Path(corpus), int(n_reviews)
    is_demo = path == DEMO
    reviews = read_corpus(path)
    reviews = reviews.take(list(range(min(n, len(reviews)))))
    seen, held_out = grouped_split(reviews, seed=SPLIT_SEED)
    learned, exam = (read_short_reviews(SHORT, part=part) for part in ("train", "test"))
    with_short, weights = learned.added_to(seen, weight=WEIGHT)
    if is_demo:  # only a check that everything runs
        kept = list(range(len(seen) + n))
        with_short, weights = with_short.take(kept), weights[kept]
        n_folds = 2
    else:
        n_folds = 5
    start = time.perf_counter()
    model = train(with_short, algorithm=algorithm, weights=weights, n_folds=n_folds)
    minutes = (time.perf_counter() - start) / 60

    def share(texts: list[str], labels: np.ndarray) -> float:
        return accuracy(labels, predict_arrays(model.scorer, texts)[0])

    p_short = predict_arrays(model.scorer, exam.texts)[0]
    short = evaluate_short(exam.texts, exam.labels, p_short)
    reference, demo = load_reference(), read_corpus(DEMO)
    cases = behaviour.run(model.scorer, behaviour.load_cases())
    with TemporaryDirectory() as folder:
        model.save(Path(folder))
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
    return Result(
        held_out=None if is_demo else share(held_out.texts, held_out.labels),
        short_reviews=accuracy(exam.labels, p_short),
        reference=share(reference.texts, reference.labels),
        demo=None if is_demo else share(demo.texts, demo.labels),
        behaviour=behaviour.pass_rate(cases),
        lengths={name: part["accuracy"] for name, part in short["lengths"].items()},
        calibration_error=short["short"]["under 30"]["ece"],
        latency_ms=latency_ms(model.scorer, demo.texts),
        megabytes=size / 1e6,
        minutes=minutes,
    )


if __name__ == "__main__":
    print(json.dumps(asdict(examine(*sys.argv[1:]))))
