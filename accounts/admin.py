"""Django's own pages for accounts, with the names and addresses that the site allows."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import User

from accounts.names import check_email, check_name


class UniqueMixin(forms.ModelForm):
    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        for name, check in (("username", check_name), ("email", check_email)):
            value = cleaned.get(name)
            if not value or name not in self.changed_data:
                continue
            try:
                check(value, of=self.instance.pk)
            except forms.ValidationError as error:
                self.add_error(name, error)
        return cleaned


class NewAccountForm(UniqueMixin, AdminUserCreationForm):
    pass


class AccountForm(UniqueMixin, UserChangeForm):
    pass


admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(UserAdmin):
    add_form = NewAccountForm
    form = AccountForm
