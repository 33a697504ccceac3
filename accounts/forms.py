from django import forms
from django.contrib.auth.forms import AuthenticationForm, UserCreationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts.names import check_email, check_name, exact_name
from reviews.moderation.block_list import check_block_list

MAX_NAME_CHARS = 60  # like a guest name


class SignInForm(AuthenticationForm):
    """Django's own form, in which a name may be written in any case."""

    def clean_username(self) -> str:
        return exact_name(self.cleaned_data["username"])


class SignUpForm(UserCreationForm):
    """Django's own form with an email address, for password resets."""

    # A honeypot: hidden from people, filled in by robots.
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "email")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        name, email = self.fields["username"], self.fields["email"]
        name.validators.append(MaxLengthValidator(MAX_NAME_CHARS))
        name.widget.attrs["maxlength"] = str(MAX_NAME_CHARS)
        name.help_text = _("Shown next to your reviews. Letters, digits and @ . + - _ only.")
        email.help_text = _("Optional and never shown. Without it you cannot reset your password.")
        email.widget.attrs["autocomplete"] = "email"

    def clean_username(self) -> str:
        name = super().clean_username()
        if name is not None:  # else Django's form has already found the same name
            check_name(check_block_list(name))
        return name

    def clean_email(self) -> str:
        check_email(self.cleaned_data["email"])
        return self.cleaned_data["email"]

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(_("This looks like a robot."), code="robot")
        return ""


class ConfirmForm(forms.Form):
    """Ask for the password again, in case someone else uses the open session."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args, user: User, **kwargs) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError(_("That is not your password."), code="wrong_password")
        return password


class EmailForm(ConfirmForm):
    email = forms.EmailField(
        label=_("Email"),
        required=False,
        max_length=254,
        help_text=_("Optional. Links to reset your password are sent here."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ["email", "password"]

    def clean_email(self) -> str:
        check_email(self.cleaned_data["email"], of=self.user.pk)
        return self.cleaned_data["email"]


class DeleteAccountForm(ConfirmForm):
    KEEP, WITHDRAW = "keep", "withdraw"
    reviews = forms.ChoiceField(
        label=_("What should happen to your reviews?"),
        choices=[
            (KEEP, _("Keep them, without my name")),
            (WITHDRAW, _("Withdraw them too")),
        ],
        initial=KEEP,
        widget=forms.RadioSelect,
    )
    field_order = ["reviews", "password"]
