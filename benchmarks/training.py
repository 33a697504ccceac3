"""How long the algorithms take to fit, and how much memory that needs."""

import json
from pathlib import Path

from benchmarks.measuring import in_fresh_process
from benchmarks.reviews import DEMO, ROOT
from benchmarks.tables import Table
from mlmodel.sentiment.models.algorithms import ALGORITHMS

TRAIN = ROOT / "data" / "train.csv"
N_REVIEWS = 10_000  # the size of dataset version 1: more would take longer than the rest together


def measure(*, is_quick: bool = False, n_reviews: int = N_REVIEWS) -> list[Table]:
    names = ["logistic", "nb-logistic"] if is_quick else list(ALGORITHMS)
    tables = [_table(DEMO, "the demo reviews", names, n_reviews)]
    if TRAIN.exists() and not is_quick:
        tables.append(_table(TRAIN, _name(TRAIN), names, n_reviews))
    return tables


def _name(path: Path) -> str:
    about = path.with_suffix(".json")
    if not about.exists():
        return "data/train.csv"
    return f"data/train.csv, dataset version {json.loads(about.read_text())['version']}"


def _table(corpus: Path, called: str, names: list[str], n_reviews: int) -> Table:
    found = {
        name: in_fresh_process("benchmarks.one_process", "fit", name, str(corpus), str(n_reviews))
        for name in names
    }
    n_fitted = next(iter(found.values()))["n_reviews"]
    return Table(
        f"One fit on {n_fitted:,} reviews ({called})",
        ["algorithm", "s", "peak MB", "of it before the fit"],
        [[name, fit["fit_s"], fit["peak_mb"], fit["before_mb"]] for name, fit in found.items()],
        "`train` fits six times: on five folds, for the calibration, and on all. Unlabelled "
        "reviews are left out.",
    )
