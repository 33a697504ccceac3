from json import dumps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mlmodel.lifecycle.model_store import model_store
from mlmodel.management.errors import summarize_errors
from mlmodel.sentiment.data.corpus import read_corpus
from mlmodel.sentiment.evaluation.metrics import evaluate, predict_arrays
from mlmodel.serving import champion
from mlmodel.training import short_texts

JSON_KEYS = ("n", "accuracy", "auc", "brier", "ece", "freshness_mae")


class Command(BaseCommand):
    help = "Score labelled reviews with the champion and print how good it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            nargs="?",
            help="CSV with the columns review, sentiment and optionally imdb_id "
            "(default: the reference set)",
        )
        parser.add_argument(
            "--short-reviews",
            action="store_true",
            help="the part of data/short_reviews.csv that no training uses, by device and length",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object and nothing else")
        parser.add_argument(
            "--record",
            action="store_true",
            help="store the figures of the reference set with the release, as `train` does",
        )
        parser.add_argument(
            "--dataset",
            type=Path,
            help="with --record: the file that the release was trained on; it stores the figures "
            "of the demo reviews, too (default: data/train.csv)",
        )

    def handle(self, *, file: Path | None, json: bool, record: bool, dataset, **options) -> None:
        short = options["short_reviews"]
        if record and (file or json or short):
            raise CommandError("--record takes neither FILE, --short-reviews nor --json")
        if file and short:
            raise CommandError("--short-reviews takes no FILE")
        with summarize_errors():
            if record:
                self.record(dataset or settings.DATA_DIR / "train.csv")
            elif file:
                self.evaluate(file, json)
            elif short:
                self.evaluate_short_reviews(json)
            else:
                self.evaluate_reference(json)

    def evaluate(self, file: Path, json: bool) -> None:
        corpus, scorer = read_corpus(file), champion.get_scorer()
        p_positive, readable = predict_arrays(scorer, corpus.texts)
        figures = evaluate(corpus.texts, corpus.labels, p_positive, readable, corpus.movies)
        self.stdout.write(as_json(figures) if json else as_table(figures, scorer.version))

    def evaluate_reference(self, json: bool) -> None:
        scorer = champion.get_scorer()
        figures = short_texts.measure_reference(scorer)
        self.stdout.write(dumps(figures) if json else reference_table(figures, scorer.version))

    def evaluate_short_reviews(self, json: bool) -> None:
        scorer = champion.get_scorer()
        figures = short_texts.measure_short_reviews(scorer)
        if figures is None:
            raise CommandError(
                f"{settings.DATA_DIR / 'short_reviews.csv'} is not there: DATA_DIR is another "
                "folder than the repository's data/"
            )
        self.stdout.write(dumps(figures) if json else reference_table(figures, scorer.version))

    def record(self, dataset: Path) -> None:
        served = champion.get_served()
        release = served.release
        if release is None:
            raise CommandError("the model that serves has no release: is the database available?")
        figures = short_texts.add_to_release(release, served.scorer, dataset)
        self.stdout.write(reference_table(figures["reference"], release.version))
        if "demo" not in figures:
            self.stdout.write(
                f"The demo reviews are left out: {dataset} is not the file that {release} was "
                "trained on, or contains them all."
            )
        self.stdout.write(f"Stored with {release}.")
        for folder in model_store().copies(release.checksum):
            try:
                short_texts.add_to_folder(folder, figures)
            except OSError as error:
                self.stderr.write(f"Not stored in {folder}, for exports and model cards: {error}")


def as_json(figures: dict[str, Any]) -> str:
    return dumps({key: figures[key] for key in JSON_KEYS})


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
    return _aligned(rows)


def reference_table(figures: dict[str, Any], version: str) -> str:
    rows = [
        ("model", version),
        ("texts", f"{figures['n']:,}"),
        ("accuracy", f"{figures['accuracy']:.4f}"),
        ("calibration error", f"{figures['ece']:.4f}"),
    ]
    lengths = figures["short"] | figures["lengths"]
    parts = {f"{name} words": part for name, part in lengths.items()} | figures["kinds"]
    if figures["very_sure"]["n"]:
        parts = {"very sure, under 30": figures["very_sure"]} | parts
    rows += [(name, f"{part['accuracy']:.4f} of {part['n']:,}") for name, part in parts.items()]
    return _aligned(rows)


def _aligned(rows: list[tuple[str, str]]) -> str:
    return "\n".join(f"{name:24} {value}" for name, value in rows)
