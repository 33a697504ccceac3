import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.locks import exclusive
from mlmodel.error_summary import summarize
from mlmodel.sentiment.data.data_report import report_on
from mlmodel.sentiment.data.datasets import (
    SIZES,
    Dataset,
    build_version,
    clear_interrupted,
    replacing,
    write_dataset,
    write_gold,
    write_quarantine,
)
from mlmodel.sentiment.data.human_labels import with_human_labels, without_gold
from mlmodel.sentiment.errors import SentimentError
from mlmodel.training import dataset_versions


def default_source() -> Path:
    plain = settings.DATA_DIR / "full_dataset.csv"
    packed = plain.with_name("full_dataset.csv.gz")
    return packed if packed.exists() and not plain.exists() else plain


def shown(path: Path) -> Path:
    """The path as a person in this folder would type it."""
    return Path(os.path.relpath(path)) if path.is_relative_to(Path.cwd()) else path


class Command(BaseCommand):
    help = "Build dataset version 1, 2 or 3 from all labelled reviews, or list those there were."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", type=int, choices=SIZES, nargs="?")
        parser.add_argument("--list", action="store_true", help="the versions in git's history")
        parser.add_argument(
            "--source",
            type=Path,
            help="CSV or .csv.gz with review,sentiment (default: data/full_dataset.csv)",
        )
        parser.add_argument(
            "--with-labels",
            type=Path,
            metavar="FILE",
            help="bring in what people settled, as `manage.py export_labels` wrote it",
        )
        parser.add_argument("--output", type=Path, help="default: data/train.csv")

    def handle(
        self,
        *,
        version: int | None,
        list: bool,
        source: Path | None,
        with_labels: Path | None = None,
        output: Path | None,
        **options,
    ) -> None:
        target = shown(output or settings.DATA_DIR / "train.csv")
        if list:
            self.stdout.write(dataset_versions.as_table(dataset_versions.versions_of(target)))
            return
        if version is None:
            raise CommandError("which version: 1, 2 or 3? Or --list")
        # Only that of data/train.csv belongs in git, and has the plain name.
        report = target.with_suffix(".report.md") if output else target.with_name("report.md")
        try:
            with exclusive(settings.VAR_DIR / "dataset.lock", on_wait=self.wait):
                self.build(version, shown(source or default_source()), target, report, with_labels)
        except SentimentError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {summarize(error)}") from error

    def wait(self) -> None:
        self.stdout.write("Another dataset is being built; waiting for it.")

    def build(
        self, version: int, source: Path, target: Path, report: Path, labels: Path | None
    ) -> None:
        quarantine, gold = target.with_suffix(".quarantine.csv"), target.with_name("gold.csv")
        for path in (target, report, gold):
            clear_interrupted(path)
        dataset = build_version(source, version)
        if labels:
            dataset = with_human_labels(dataset, labels)
        elif gold.exists():
            dataset = without_gold(dataset, gold)
        md5 = write_dataset(dataset, target)
        if labels:
            write_gold(dataset, gold)
        write_quarantine(dataset, quarantine)
        with replacing(report) as stream:
            stream.write(report_on(dataset, md5))
        self.say(dataset, target, quarantine, md5)
        if labels:
            self.say_settled(dataset, gold)
        self.stdout.write(f"What is in it: {report}")
        tracked = f"{target} {gold}" if labels else f"{target}"
        self.stdout.write(f"Next, when you find it ready:\n  dvc add {tracked}\n  dvc push")

    def say_settled(self, dataset: Dataset, gold: Path) -> None:
        n = len(dataset.gold)
        self.stdout.write(
            f"  {dataset.n_human_labels:,} of them with a label that a person settled"
        )
        self.stdout.write(f"  {n:,} more settled ones, never to be trained on, in {gold}")

    def say(self, dataset: Dataset, output: Path, quarantine: Path, md5: str) -> None:
        n = len(dataset.rows)
        self.stdout.write(f"dataset version {dataset.version}: {n:,} reviews in {output}")
        self.stdout.write(f"  {dataset.n_positive:,} positive, {n - dataset.n_positive:,} negative")
        self.stdout.write(
            f"  {dataset.n_duplicates:,} copies left out of {dataset.n_source:,} rows"
        )
        if dataset.shortfall:
            size = f"{SIZES[dataset.version]:,}"
            self.stdout.write(
                f"  {dataset.shortfall:,} fewer than {size}: the source has no more different ones"
            )
        if dataset.quarantine:
            self.stdout.write(f"  {len(dataset.quarantine):,} bad rows set aside in {quarantine}")
        else:
            self.stdout.write("  no bad rows")
        self.stdout.write(f"  md5 {md5}")
