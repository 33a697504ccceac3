import json
import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.locks import exclusive
from mlmodel.error_summary import summarize
from mlmodel.lifecycle import data_pull
from mlmodel.management.errors import summarize_errors
from mlmodel.management.options import default_unlabelled
from mlmodel.sentiment.data import corpus
from mlmodel.sentiment.data.data_report import measure, report_on
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
    help = (
        "Build dataset version 1, 2 or 3 from all labelled reviews; list, or fetch, the versions."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("version", type=int, choices=SIZES, nargs="?", help="build this version")
        what.add_argument("--list", action="store_true", help="list the versions in git's history")
        what.add_argument(
            "--pull", action="store_true", help="fetch the data that this commit names, with DVC"
        )
        what.add_argument(
            "--check", type=Path, metavar="FILE", help="check that a model can be trained on a file"
        )
        parser.add_argument(
            "--metrics", type=Path, metavar="FILE", help="with --check: write figures here, as JSON"
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
        pull: bool,
        check: Path | None,
        metrics: Path | None,
        source: Path | None,
        with_labels: Path | None = None,
        output: Path | None,
        **options,
    ) -> None:
        target = relative(output or settings.DATA_DIR / "train.csv")
        if list:
            self.stdout.write(dataset_versions.as_table(dataset_versions.versions_of(target)))
            return
        if pull:
            self.pull(target)
            return
        if check:
            self.check_file(check, metrics)
            return
        if version is None:
            raise CommandError("which version: 1, 2 or 3? Or --list, --pull or --check")
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

    def pull(self, dataset: Path) -> None:
        for path in (dataset, relative(default_unlabelled())):
            with summarize_errors():
                is_tracked = data_pull.pull(path)
            if is_tracked:
                self.stdout.write(f"{path} is the version that this commit names")
            elif path == dataset:
                raise CommandError(f"this commit names no data: `dvc add {dataset}` tracks a file")

    def check_file(self, path: Path, metrics: Path | None) -> None:
        with summarize_errors():
            reviews = corpus.read_corpus(path)
            corpus.check(reviews)
            figures = measure(reviews)
            if metrics:
                with atomic_write(metrics) as stream:
                    stream.write(json.dumps(figures, indent=1) + "\n")
        lines = [f"{name.replace('_', ' ')}: {figure:,}" for name, figure in figures.items()]
        self.stdout.write("\n".join([f"A model can be trained on {path}.", *lines]))

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
