"""Measure the time and memory that a fit of each algorithm needs."""

import json
from pathlib import Path

from benchmarks.measuring import in_fresh_process
from benchmarks.reviews import DEMO, ROOT
from benchmarks.tables import Table
from mlmodel.sentiment.models.algorithms import ALGORITHMS

TRAIN = ROOT / "data" / "train.csv"
N_REVIEWS = 10_000  # the size of dataset version 1; more would dominate the running time


def measure(*, is_quick: bool = False, n_reviews: int = N_REVIEWS) -> list[Table]:
    names = ["logistic", "nb-logistic"] if is_quick else list(ALGORITHMS)
    tables = [_table(DEMO, "the demo reviews", names, n_reviews)]
    if TRAIN.exists() and not is_quick:
        tables.append(_table(TRAIN, _name(TRAIN), names, n_reviews))
    return tables


def _name(path: Path) -> str:
    metadata = path.with_suffix(".json")
    if not metadata.exists():
        return "data/train.csv"
    return f"data/train.csv, dataset version {json.loads(metadata.read_text())['version']}"


def _table(corpus: Path, corpus_name: str, names: list[str], n_reviews: int) -> Table:
    fits = {
        name: in_fresh_process("benchmarks.one_process", "fit", name, str(corpus), str(n_reviews))
        for name in names
    }
    n_fitted = next(iter(fits.values()))["n_reviews"]
    return Table(
        f"One fit on {n_fitted:,} reviews ({corpus_name})",
        ["algorithm", "s", "peak MB", "MB before the fit"],
        [[name, fit["fit_s"], fit["peak_mb"], fit["before_mb"]] for name, fit in fits.items()],
        "`train` fits six times: on five folds for the calibration, and on all reviews. Unlabelled "
        "reviews are not included.",
    )
