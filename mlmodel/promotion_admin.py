"""The admin's pages for changing the champion: a preview with a form to confirm."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mlmodel.lifecycle import promotions
from mlmodel.lifecycle.model_store import model_store
from mlmodel.lifecycle.promotion_check import objections
from mlmodel.lifecycle.promotion_preview import preview_promotion
from mlmodel.models import Release
from mlmodel.pages.model_page import gate_rows
from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.serving.champion import serving_release

PERMISSION = "mlmodel.promote_release"
LIST = "admin:mlmodel_release_changelist"


class ConfirmForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Recorded and shown on the releases page."),
        max_length=1_000,
        required=False,
    )
    force = forms.BooleanField(label=gettext_lazy("Promote nevertheless"), required=False)
    # The champion of the preview: another person may promote while this page is open.
    instead_of = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, needs_force: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if needs_force:
            self.fields["reason"].required = self.fields["force"].required = True
        else:
            del self.fields["force"]

    def clean_instead_of(self) -> str:
        if self.cleaned_data["instead_of"] != _champion_version():
            # The form is shown again, with the preview against the current champion.
            self.data = {**self.data, "instead_of": _champion_version()}
            raise forms.ValidationError(
                _("The champion has changed since you opened this page. Please check again.")
            )
        return self.cleaned_data["instead_of"]


class PromotionViews(admin.ModelAdmin):
    """Adds promote/ and rollback/ to the pages of a release."""

    def get_urls(self) -> list:
        return [
            path(
                "<int:pk>/promote/",
                self.admin_site.admin_view(self.promote_view),
                name="mlmodel_release_promote",
            ),
            path(
                "rollback/",
                self.admin_site.admin_view(self.rollback_view),
                name="mlmodel_release_rollback",
            ),
            *super().get_urls(),
        ]

    def has_promote_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)

    def promote_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._confirm(request, get_object_or_404(Release, pk=pk), is_rollback=False)

    def rollback_view(self, request: HttpRequest) -> HttpResponse:
        self._check_permission(request)
        release = promotions.previous_champion()
        if release is None:
            self.message_user(
                request, _("There is no earlier champion to roll back to."), messages.WARNING
            )
            return redirect(LIST)
        return self._confirm(request, release, is_rollback=True)

    def _check_permission(self, request: HttpRequest) -> None:
        if not self.has_promote_permission(request):
            raise PermissionDenied

    def _confirm(
        self, request: HttpRequest, release: Release, *, is_rollback: bool
    ) -> HttpResponse:
        self._check_permission(request)
        problems = [] if is_rollback else _objections(release)
        form = ConfirmForm(
            request.POST.dict() or None,
            initial={"instead_of": _champion_version()},
            needs_force=bool(problems),
        )
        if request.method == "POST" and form.is_valid():
            return self._switch(request, release, form.cleaned_data, is_rollback=is_rollback)
        champion = Release.objects.champion()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Roll back") if is_rollback else _("Promote"),
            "opts": self.model._meta,
            "release": release,
            "champion": champion or serving_release(),
            "is_promoted": champion is not None,
            "is_rollback": is_rollback,
            "gate": gate_rows(release),
            "objections": problems,
            "form": form,
            **_preview(release),
        }
        return TemplateResponse(request, "admin/mlmodel/release/confirm.html", context)

    def _switch(
        self, request: HttpRequest, release: Release, data: dict[str, Any], *, is_rollback: bool
    ) -> HttpResponse:
        promoter: dict[str, Any] = {"by": request.user, "by_name": request.user.get_username()}
        reason = data["reason"]
        try:
            if is_rollback:
                release = promotions.rollback(reason=reason, **promoter)
            else:
                force = data.get("force", False)
                release = promotions.promote(
                    release.version, reason=reason, force=force, **promoter
                )
        except (SentimentError, OSError) as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect(LIST)
        action = "Rolled back to this release." if is_rollback else "Promoted."
        self.log_change(request, release, f"{action} {reason}".strip())
        message = _("Version %(version)s is now the champion.") % {"version": release.version}
        self.message_user(request, message)
        return redirect(reverse(LIST))


def _champion_version() -> str:
    champion = Release.objects.champion()
    return champion.version if champion else ""


def _objections(release: Release) -> list[str]:
    try:
        return objections(release)
    except SentimentError as error:
        return [str(error)]


def _preview(release: Release) -> dict[str, Any]:
    try:
        folder = model_store().find(release.checksum)
        return {"effects": preview_promotion(load_scorer(folder, checksum=release.checksum))}
    except SentimentError as error:
        return {"problem": str(error)}
