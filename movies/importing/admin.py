"""Import and export in the admin, through the same code as the commands, for files of its size."""

from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV
from import_export.forms import ExportForm
from import_export.resources import ModelResource
from import_export.results import RowResult

from movies.importing.exporter import film_row, in_cells
from movies.importing.files import CSV_COLUMNS, FilmFile, ImportFileError, RowFile
from movies.importing.importer import CatalogueImport
from movies.models import Movie

MAX_ROWS = 2000  # some seconds; the visitor waits
TOO_MANY = _("The admin handles up to %(limit)d rows. For more, run %(command)s on the server.")


class FileResource(ModelResource):
    """Rows go through an import job of ours: what it does with each is shown before it is done."""

    file_class: type[RowFile] = FilmFile
    columns: tuple[str, ...] = ()
    command = ""
    job: Any = None  # stays so where the file is refused; its rows are gone through all the same

    def make_job(self) -> Any:
        raise NotImplementedError

    def run(self, row: dict[str, Any]) -> None:
        raise NotImplementedError

    def as_row(self, instance: Any) -> dict[str, Any]:
        raise NotImplementedError

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        self.refuse_many(len(dataset), f"import_{self.command}")
        try:
            self.file_class.check_columns(dataset.headers or [])
        except ImportFileError as error:
            raise ValidationError(f"The file {error}") from error
        self.job = self.make_job()

    def get_diff_headers(self) -> list[str]:
        return [str(_("Changes"))]

    def import_row(self, row: dict[str, Any], instance_loader: Any, **kwargs: Any) -> RowResult:
        result = RowResult()
        result.import_type = RowResult.IMPORT_TYPE_SKIP
        if self.job is None:
            return result
        lines: list[str] = []
        self.job.on_change = lines.append
        before = self.job.summary.created, self.job.summary.updated, self.job.summary.skipped.copy()
        self.run(dict(row))
        created, updated, skipped = before
        if self.job.summary.created > created:
            result.import_type = RowResult.IMPORT_TYPE_NEW
        elif self.job.summary.updated > updated:
            result.import_type = RowResult.IMPORT_TYPE_UPDATE
        reasons = [str(reason) for reason in self.job.summary.skipped - skipped]
        result.diff = ["; ".join(lines + reasons)]
        return result

    def export(self, queryset: Any = None, **kwargs: Any) -> tablib.Dataset:
        rows = self.get_queryset() if queryset is None else queryset
        self.refuse_many(rows.count(), f"export_{self.command}")
        data = tablib.Dataset(headers=self.columns)
        for instance in self.with_related(rows):
            row = in_cells(self.as_row(instance))
            data.append([row[name] for name in self.columns])
        return data

    def with_related(self, rows: Any) -> Any:
        return rows

    def refuse_many(self, n: int, command: str) -> None:
        if n > MAX_ROWS:
            raise ValidationError(TOO_MANY % {"limit": MAX_ROWS, "command": f"manage.py {command}"})


class MovieResource(FileResource):
    columns = CSV_COLUMNS
    command = "movies"

    class Meta:
        model = Movie
        fields = ("title",)
        use_transactions = True

    def make_job(self) -> CatalogueImport:
        return CatalogueImport()

    def run(self, row: dict[str, Any]) -> None:
        self.job.run([row])

    def with_related(self, rows: Any) -> Any:
        return rows.prefetch_related("genres")

    def as_row(self, instance: Movie) -> dict[str, Any]:
        return film_row(instance)


class FileAdmin(ImportExportMixin):
    """Import and export of CSV, for people with the permissions to add and to see."""

    formats = (CSV,)
    export_form_class = ExportForm
    skip_admin_log = True  # it wants an object for each row; films and labels have their history

    def has_import_permission(self, request: HttpRequest) -> bool:
        opts = self.opts
        return request.user.has_perm(f"{opts.app_label}.add_{opts.model_name}")

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
