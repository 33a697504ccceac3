"""Import and export in the admin, through the same code as the commands."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV
from import_export.forms import ExportForm
from import_export.resources import ModelResource
from import_export.results import RowResult

from common.importing.export import as_cells
from common.importing.files import ImportFileError, RowFile
from common.importing.job import ImportJob

MAX_ROWS = 2000  # takes some seconds, for which the visitor waits
TOO_MANY = _("The admin handles up to %(limit)d rows. For more, run %(command)s on the server.")


class FileResource(ModelResource):
    """A resource whose rows go through an ``ImportJob``, with a preview of all differences."""

    file_class: type[RowFile]
    job_class: type[ImportJob]
    noun = ""  # of the commands import_... and export_...
    job: ImportJob | None = None  # None if the file is rejected; import_row is still called

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        self.check_size(len(dataset), f"import_{self.noun}")
        try:
            self.file_class.check_header(dataset.headers or [])
        except ImportFileError as error:
            raise ValidationError(f"The file {error}") from error
        self.job = self.job_class()

    def get_diff_headers(self) -> list[str]:
        return [str(_("Changes"))]

    def import_row(self, row: dict[str, Any], instance_loader: Any, **kwargs: Any) -> RowResult:
        result = RowResult()
        result.import_type = RowResult.IMPORT_TYPE_SKIP
        if self.job is None:
            return result
        lines: list[str] = []
        self.job.on_change = lines.append
        summary = self.job.summary
        created, updated, skipped = summary.created, summary.updated, summary.skipped.copy()
        self.job.run([dict(row)])
        if summary.created > created:
            result.import_type = RowResult.IMPORT_TYPE_NEW
        elif summary.updated > updated:
            result.import_type = RowResult.IMPORT_TYPE_UPDATE
        result.diff = ["; ".join([*lines, *(summary.skipped - skipped)])]
        return result

    def filter_export(self, queryset: Any, **kwargs: Any) -> Any:
        self.check_size(queryset.count(), f"export_{self.noun}")
        return self.file_class.exported(queryset)

    def get_export_headers(self, **kwargs: Any) -> list[str]:
        return list(self.file_class.columns)

    def export_resource(self, instance: Any, **kwargs: Any) -> list[Any]:
        row = as_cells(self.file_class.as_row(instance))
        return [row[name] for name in self.file_class.columns]

    def check_size(self, n: int, command: str) -> None:
        if n > MAX_ROWS:
            raise ValidationError(TOO_MANY % {"limit": MAX_ROWS, "command": f"manage.py {command}"})


class FileAdmin(ImportExportMixin):
    """Import for users with the permission to add, export for those with the one to view."""

    formats = (CSV,)
    export_form_class = ExportForm
    skip_admin_log = True  # it needs an object for each row; movies and labels have a history

    def has_import_permission(self, request: HttpRequest) -> bool:
        opts = self.opts
        return request.user.has_perm(f"{opts.app_label}.add_{opts.model_name}")

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
