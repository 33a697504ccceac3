from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mlmodel.models import Promotion, Release
from mlmodel.promotion_admin import PromotionViews
from mlmodel.serving.champion import serving_release


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin, PromotionViews):
    """Shows releases, which training creates, and promotes and rolls back."""

    list_display = [
        "version",
        "status",
        "algorithm",
        "accuracy",
        "gate_result",
        "dataset_version",
        "created_at",
        "promoted_at",
    ]
    list_filter = ["is_champion", "algorithm", "dataset_version"]
    search_fields = ["version", "git_commit", "dataset_hash", "run_id"]
    actions = ["promote"]
    change_list_template = "admin/mlmodel/release/change_list.html"

    @admin.display(description=gettext_lazy("status"), ordering="is_champion")
    def status(self, release: Release) -> str:
        if release == serving_release():
            return _("serving") if release.is_champion else _("serving, came with the code")
        return _("champion, not loaded") if release.is_champion else "–"

    @admin.display(description=gettext_lazy("accuracy"))
    def accuracy(self, release: Release) -> str:
        value = release.metrics.get("accuracy")
        return "–" if value is None else f"{value:.4f}"

    @admin.display(description=gettext_lazy("gate"))
    def gate_result(self, release: Release) -> str:
        return release.gate_result or "–"

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        may = {"may_promote": self.has_promote_permission(request)}
        return super().changelist_view(request, {**(extra_context or {}), **may})

    @admin.action(description=gettext_lazy("Promote selected release…"), permissions=["promote"])
    def promote(self, request: HttpRequest, queryset: QuerySet[Release]) -> HttpResponse | None:
        if len(queryset) != 1:
            self.message_user(request, _("Select exactly one release."), messages.WARNING)
            return None
        return redirect("admin:mlmodel_release_promote", queryset[0].pk)


@admin.register(Promotion)
class PromotionAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "release", "previous", "by_name", "forced", "reason"]
    list_filter = ["kind", "forced"]
    list_select_related = ["release", "previous"]
    date_hierarchy = "at"
