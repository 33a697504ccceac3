"""Base classes of the commands that import and export a file."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model
from tqdm import tqdm

from common.arguments import positive
from common.importing.export import write_csv, write_json
from common.importing.files import ImportFileError, RowFile, file_kind
from common.importing.job import ImportJob

N_SHOWN = 100
CHUNK_SIZE = 500  # rows whose related objects are fetched at once


class Differences:
    """Print the first differences and count the others."""

    def __init__(self, write: Callable[[str], object], limit: int) -> None:
        self.write, self.limit, self.n = write, limit, 0

    def __call__(self, line: str) -> None:
        self.n += 1
        if self.n <= self.limit:
            self.write(line)

    def finish(self) -> None:
        if self.n > self.limit:
            self.write(f"... and {self.n - self.limit:,} more differences (--show)")


class FileCommand(BaseCommand):
    noun = "rows"
    file_class: type[RowFile]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--progress", action="store_true", help="show a progress bar even without a terminal"
        )

    def progress_bar(self, is_forced: bool, **options: Any) -> tqdm:
        return tqdm(disable=not (is_forced or sys.stderr.isatty()), **options)


class ImportCommand(FileCommand):
    job_class: type[ImportJob]

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--overwrite", action="store_true", help="replace values that differ")
        parser.add_argument(
            "--dry-run", action="store_true", help="print the differences and write nothing"
        )
        parser.add_argument(
            "--show", type=positive, default=N_SHOWN, help=f"differences to print ({N_SHOWN})"
        )
        parser.add_argument("--batch", type=positive, help=f"{self.noun} to write at once")
        parser.add_argument("--limit", type=positive, help=f"stop after so many {self.noun}")

    def make_job(self, file: RowFile, *, options: dict[str, Any], **settings: Any) -> ImportJob:
        return self.job_class(**settings)

    def handle(self, *, file: Path, dry_run: bool, overwrite: bool, **options: Any) -> None:
        differences = Differences(self.stdout.write, limit=options["show"])
        on_change = differences if dry_run else lambda line: None
        try:
            rows = self.file_class(file)
            job = self.make_job(
                rows, options=options, overwrite=overwrite, dry_run=dry_run, on_change=on_change
            )
            with self.progress_bar(
                options["progress"], total=rows.size, unit="B", unit_scale=True
            ) as bar:
                summary = job.run(
                    islice(rows.rows(), options["limit"]),
                    batch_size=options["batch"],
                    on_batch=lambda: bar.update(rows.position - bar.n),
                )
        except ImportFileError as error:
            raise CommandError(str(error)) from error
        if dry_run:
            differences.finish()
            self.stdout.write("Dry run, nothing was written:")
        for line in summary.lines():
            self.stdout.write(line)


class ExportCommand(FileCommand):
    model: type[Model]

    def handle(self, *, file: Path, progress: bool, **options: Any) -> None:
        instances = self.file_class.exported(self.model._default_manager.order_by("pk"))
        rows = map(self.file_class.as_row, instances.iterator(chunk_size=CHUNK_SIZE))
        try:
            with self.progress_bar(
                progress, iterable=rows, total=instances.count(), unit=" rows"
            ) as bar:
                if file_kind(file) == "json" and "json" in self.file_class.kinds:
                    n = write_json(file, bar)
                else:
                    n = write_csv(file, self.file_class.columns, bar)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        self.stderr.write(f"{n:,} {self.noun} written to {file}")
