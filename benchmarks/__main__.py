"""Run the benchmarks: ``make bench``."""

import argparse
import os
from functools import partial
from pathlib import Path

from benchmarks import algorithms, events, predicting, scoring, training
from benchmarks.reviews import ROOT
from benchmarks.tables import machine, show, write

PARTS = {
    "scoring": scoring.measure,
    "training": training.measure,
    "algorithms": algorithms.measure,
    "events": events.measure,
    "http": predicting.measure,
}


def main() -> None:
    options = _options()
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    for name in options.only or PARTS:
        conditions = machine()
        measure = PARTS[name]
        if name == "training":
            measure = partial(measure, n_reviews=options.training_reviews)
        tables = measure(is_quick=options.quick)
        show(tables)
        if tables:
            write(options.out, name, tables, conditions)
            print(f"\n-> {options.out / name}.json")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), help="run only these parts")
    parser.add_argument("--quick", action="store_true", help="only check that everything runs")
    parser.add_argument("--training-reviews", type=int, default=training.N_REVIEWS)
    parser.add_argument(
        "--out", type=Path, default=ROOT / "var" / "bench", help="folder for the JSON files"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
