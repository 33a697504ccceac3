import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.arguments import positive_number
from mlmodel.lifecycle import champion_alias
from mlmodel.lifecycle.lineage import pointer_of
from mlmodel.management.commands import examine
from mlmodel.management.commands.gate import heading, refusal
from mlmodel.management.commands.promote import promote_version
from mlmodel.management.errors import stoppable, summarize_errors
from mlmodel.management.options import (
    add_profile_option,
    add_promoter_options,
    add_training_options,
    default_short_reviews,
    promoter_name,
)
from mlmodel.models import Release
from mlmodel.sentiment.data.short_reviews import WEIGHT
from mlmodel.sentiment.evaluation.gate import table
from mlmodel.sentiment.models.algorithms import get_algorithm
from mlmodel.training import gate
from mlmodel.training.label_examination import LabelsRefused
from mlmodel.training.train import train_and_register


def parse_params(pairs: list[str]) -> dict[str, Any]:
    """Parse ``["C=2", "min_df=3"]`` into a dictionary of numbers."""
    params = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            number = json.loads(value)
        except ValueError:
            number = None
        if type(number) not in (int, float):
            raise CommandError(f"--param {pair!r} is not NAME=NUMBER")
        params[name] = number
    return params


def write_metrics(release: Release, path: Path) -> None:
    """Write the figures that `dvc metrics diff` compares."""
    metrics = release.metrics
    chosen = {name: metrics[name] for name in ("accuracy", "auc", "brier", "ece")} | {
        "freshness_error": metrics["freshness_mae"]["estimate"],
        "short_accuracy": metrics["reference"]["short"]["under 30"]["accuracy"],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps({"release": release.version, **chosen}, indent=1) + "\n", encoding="utf-8"
    )


class Command(BaseCommand):
    help = "Train a model, evaluate it, register it as challenger, and run the gate on it."

    def add_arguments(self, parser: CommandParser) -> None:
        add_training_options(parser)
        parser.add_argument(
            "--short-reviews",
            type=Path,
            nargs="?",
            const=default_short_reviews(),
            help="also learn from short reviews (default: data/short_reviews.csv)",
        )
        parser.add_argument(
            "--short-weight",
            type=positive_number,
            metavar="NUMBER",
            help=f"weight of a short review, a long one being 1 (default: {WEIGHT:g})",
        )
        parser.add_argument("--param", action="append", default=[], metavar="NAME=NUMBER")
        parser.add_argument(
            "--refit", action="store_true", help="after the evaluation, fit again on all reviews"
        )
        parser.add_argument("--no-gate", action="store_true", help="do not run the gate afterwards")
        parser.add_argument(
            "--metrics", type=Path, metavar="FILE", help="write the main metrics here, as JSON"
        )
        add_profile_option(parser)
        parser.add_argument(
            "--no-examination",
            action="store_true",
            help="train even on labels that the gate will refuse",
        )
        parser.add_argument(
            "--promote", action="store_true", help="make it the champion if it passes the gate"
        )
        add_promoter_options(parser)

    def handle(self, *, dataset, param, no_pull, no_gate, metrics, promote, profile, **options):
        if promote and no_gate:
            raise CommandError("--promote needs a passed gate: leave out --no-gate")
        dataset = dataset or settings.DATA_DIR / "train.csv"
        if options["short_weight"] and not options["short_reviews"]:
            raise CommandError("--short-weight needs --short-reviews")
        training = {name: options[name] for name in ("algorithm", "seed", "refit", "short_reviews")}
        training["short_weight"] = options["short_weight"] or WEIGHT
        training["examine_as"] = None if options["no_examination"] else profile
        with summarize_errors():
            training["unlabelled"] = self.usable_unlabelled(
                options["unlabelled"], options["algorithm"], do_pull=not no_pull
            )
            with stoppable(lambda: "stopped; nothing is registered"):
                release = self.train(
                    dataset=dataset, params=parse_params(param), do_pull=not no_pull, **training
                )
            self.report(release)
            champion_alias.announce()
            if metrics:
                write_metrics(release, metrics)
            if not no_gate:
                self.run_gate(release, dataset, profile)
            if promote:
                reason, by = options["reason"], promoter_name(options["by"])
                promote_version(release.version, by_name=by, reason=reason)
        if promote:
            self.stdout.write("It is the champion now.")
        else:
            self.stdout.write(f"Registered as challenger. To serve it: promote {release.version}")

    def train(self, **training) -> Release:
        try:
            return train_and_register(progress=self.progress, **training)
        except LabelsRefused as error:
            self.stdout.write(table(error.examination.lines))
            raise examine.refusal(error) from error

    def usable_unlabelled(self, path: Path | None, algorithm: str, *, do_pull: bool) -> Path | None:
        """Return the file, or None if the algorithm cannot use it."""
        if path is None:
            return None
        if not get_algorithm(algorithm).uses_unlabelled:
            # So that `dvc exp run -S train.algorithm=logistic` needs no second option.
            self.progress(f"{algorithm} cannot learn from unlabelled reviews: not using {path}")
            return None
        if not path.exists() and not (do_pull and pointer_of(path).exists()):
            raise CommandError(
                f"there is no file {path}: run `dvc pull`, or train without unlabelled reviews "
                "(no --unlabelled; in params.yaml, `unlabelled: false`)"
            )
        return path

    def run_gate(self, release, dataset: Path, profile: str) -> None:
        report = gate.run(release, dataset=dataset, profile=profile, progress=self.progress)
        self.stdout.write(f"{heading(release.version, report)}\n{table(report.lines)}")
        if not report.passed:
            raise refusal(release.version, report)

    def progress(self, message: str) -> None:
        self.stdout.write(f"  {message}")

    def report(self, release) -> None:
        metrics = release.metrics
        self.stdout.write(
            f"{release} ({release.algorithm}): accuracy {metrics['accuracy']:.4f} "
            f"on {metrics['n']} held-out reviews, calibration error {metrics['ece']:.4f}"
        )
        reference = metrics["reference"]
        self.stdout.write(
            f"  {reference['accuracy']:.4f} on the {reference['n']} texts of the reference set, "
            f"{reference['short']['under 30']['accuracy']:.4f} on those under 30 words"
        )
