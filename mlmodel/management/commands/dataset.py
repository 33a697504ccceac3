import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.locks import exclusive
from mlmodel.error_summary import summarize
from mlmodel.sentiment.data.data_report import report_on
from mlmodel.sentiment.data.datasets import SIZES, Dataset, build_version
from mlmodel.sentiment.data.human_labels import with_human_labels, without_gold
from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.io.dataset_files import write_dataset, write_gold, write_quarantine
from mlmodel.sentiment.io.files import atomic_write, remove_leftovers
from mlmodel.training import dataset_versions


def default_source() -> Path:
    plain = settings.DATA_DIR / "full_dataset.csv"
    packed = plain.with_name("full_dataset.csv.gz")
    return packed if packed.exists() and not plain.exists() else plain


def relative(path: Path) -> Path:
    """Return the path as one would type it in the current folder."""
    return Path(os.path.relpath(path)) if path.is_relative_to(Path.cwd()) else path


class Command(BaseCommand):
    help = "Build dataset version 1, 2 or 3 from all labelled reviews, or list the versions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", type=int, choices=SIZES, nargs="?")
        parser.add_argument(
            "--list", action="store_true", help="list the versions in git's history"
        )
        parser.add_argument(
            "--source",
            type=Path,
            help="CSV or .csv.gz with review,sentiment (default: data/full_dataset.csv)",
        )
        parser.add_argument(
            "--with-labels",
            type=Path,
            metavar="FILE",
            help="add human labels, exported with `manage.py export_labels`",
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
        target = relative(output or settings.DATA_DIR / "train.csv")
        if list:
            self.stdout.write(dataset_versions.as_table(dataset_versions.versions_of(target)))
            return
        if version is None:
            raise CommandError("which version: 1, 2 or 3? Or --list")
        # Only the report on data/train.csv belongs in git, and is called report.md.
        report = target.with_suffix(".report.md") if output else target.with_name("report.md")
        source = relative(source or default_source())
        try:
            with exclusive(settings.VAR_DIR / "dataset.lock", on_wait=self.report_waiting):
                self.build(version, source, target, report, with_labels)
        except SentimentError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {summarize(error)}") from error

    def report_waiting(self) -> None:
        self.stdout.write("Waiting for another build of a dataset.")

    def build(
        self, version: int, source: Path, target: Path, report: Path, labels: Path | None
    ) -> None:
        quarantine, gold = target.with_suffix(".quarantine.csv"), target.with_name("gold.csv")
        for path in (target, report, gold):
            remove_leftovers(path)
        dataset = build_version(source, version)
        if labels:
            dataset = with_human_labels(dataset, labels)
        elif gold.exists():
            dataset = without_gold(dataset, gold)
        md5 = write_dataset(dataset, target)
        if labels:
            write_gold(dataset, gold)
        write_quarantine(dataset, quarantine)
        with atomic_write(report) as stream:
            stream.write(report_on(dataset, md5))
        lines = summary(dataset, target, quarantine)
        if labels:
            lines += [
                f"  {dataset.n_human_labels:,} of them with a label set by a person",
                f"  {len(dataset.gold):,} more in {gold}, which is never trained on",
            ]
        tracked = f"{target} {gold}" if labels else f"{target}"
        lines += [f"  md5 {md5}", f"Report: {report}"]
        lines += [f"Next, if you find it ready:\n  dvc add {tracked}\n  dvc push"]
        self.stdout.write("\n".join(lines))


def summary(dataset: Dataset, output: Path, quarantine: Path) -> list[str]:
    n, n_positive, n_bad = len(dataset.rows), dataset.n_positive, len(dataset.quarantine)
    lines = [
        f"dataset version {dataset.version}: {n:,} reviews in {output}",
        f"  {n_positive:,} positive, {n - n_positive:,} negative",
        f"  {dataset.n_duplicates:,} copies left out of {dataset.n_source:,} rows",
    ]
    if dataset.shortfall:
        size = f"{SIZES[dataset.version]:,}"
        lines.append(f"  {dataset.shortfall:,} fewer than {size}: the source has no more texts")
    bad_rows = f"{n_bad:,} unusable rows, listed in {quarantine}" if n_bad else "no unusable rows"
    return [*lines, f"  {bad_rows}"]
