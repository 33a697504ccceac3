"""The history of changes that the admin shows for each object."""

from typing import Any

from django.contrib import admin
from django.db import models
from simple_history.admin import SimpleHistoryAdmin
from simple_history.models import HistoricalRecords


class NamedRecords(HistoricalRecords):
    """A history of some fields; saving only other fields adds no record.

    Objects created in bulk have no history until their first change, which records their earlier
    state as well.
    """

    def __init__(self, *names: str, **options: Any) -> None:
        self.names = names
        super().__init__(**options)

    def fields_included(self, model: Any) -> list[models.Field]:
        fields = super().fields_included(model)
        if model is not self.cls and not isinstance(model, self.cls):
            return fields  # a table of many-to-many rows
        return [field for field in fields if field.primary_key or field.name in self.names]

    def finalize(self, sender: Any, **kwargs: Any) -> None:
        super().finalize(sender, **kwargs)
        if sender is self.cls:
            models.signals.pre_save.connect(self.pre_save, sender=sender, weak=False)

    def pre_save(self, instance: Any, raw: bool = False, **kwargs: Any) -> None:
        if raw or instance._state.adding or not self.concerns(instance, kwargs["update_fields"]):
            return
        history, model = getattr(instance, self.manager_name), type(instance)
        if not history.exists() and (stored := model.objects.filter(pk=instance.pk).first()):
            stored._history_user = None  # not the user of this change
            self.create_historical_record(stored, "+")

    def m2m_changed(self, instance: Any, action: str, attr: str, **kwargs: Any) -> None:
        # The other side has no history: `genre.movies.add(...)` adds no record.
        if isinstance(instance, self.cls):
            super().m2m_changed(instance, action, attr, **kwargs)

    def post_save(self, instance: Any, created: bool, **kwargs: Any) -> None:
        if self.concerns(instance, kwargs.get("update_fields")):
            super().post_save(instance, created, **kwargs)

    def concerns(self, instance: Any, update_fields: frozenset[str] | None) -> bool:
        if hasattr(instance, "skip_history_when_saving"):
            return False
        return update_fields is None or bool(set(update_fields) & set(self.names))


class AuditedAdmin(SimpleHistoryAdmin):
    """Show the history without a way to restore a version, which would break the counters."""

    # The default has a style attribute, which our Content-Security-Policy forbids.
    object_history_list_template = "admin/history_list.html"

    def get_urls(self) -> list:
        return admin.ModelAdmin.get_urls(self)
