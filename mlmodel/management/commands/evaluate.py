import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mlmodel.management.errors import summarize_errors
from mlmodel.sentiment.data.corpus import read_corpus
from mlmodel.sentiment.evaluation.metrics import evaluate, predict_arrays
from mlmodel.serving import champion

JSON_KEYS = ("n", "accuracy", "auc", "brier", "ece", "freshness_mae")


class Command(BaseCommand):
    help = "Score labelled reviews with the champion and print how good it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help="CSV with the columns review, sentiment and optionally imdb_id"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object and nothing else")

    def handle(self, *, file: Path, json: bool, **options) -> None:
        with summarize_errors():
            corpus = read_corpus(file)
            scorer = champion.get_scorer()
        p_positive, readable = predict_arrays(scorer, corpus.texts)
        figures = evaluate(corpus.texts, corpus.labels, p_positive, readable, corpus.movies)
        self.stdout.write(as_json(figures) if json else as_table(figures, scorer.version))


def as_json(figures: dict[str, Any]) -> str:
    return json.dumps({key: figures[key] for key in JSON_KEYS})


def as_table(figures: dict[str, Any], version: str) -> str:
    rows = [
        ("model", version),
        ("reviews", f"{figures['n']:,}"),
        ("accuracy", f"{figures['accuracy']:.4f}"),
        ("AUC", "–" if figures["auc"] is None else f"{figures['auc']:.4f}"),
        ("Brier score", f"{figures['brier']:.4f}"),
        ("calibration error", f"{figures['ece']:.4f}"),
        ("unreadable", f"{figures['unreadable']:,}"),
    ]
    freshness = figures["freshness_mae"]
    if freshness["films"]:
        rows += [
            ("movies with 10 reviews", f"{freshness['films']:,}"),
            ("freshness error, count", f"{freshness['count']:.4f}"),
            ("freshness error, site", f"{freshness['estimate']:.4f}"),
        ]
    for name, part in figures["slices"].items():
        rows.append((f"{name} words", f"{part['accuracy']:.4f} of {part['n']:,}"))
    return "\n".join(f"{name:24} {value}" for name, value in rows)
