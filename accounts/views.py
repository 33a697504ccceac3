"""Account pages: Django's own views with rate limits, and a few more."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import login, logout, views
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView, View
from rest_framework.authtoken.models import Token

from accounts.delete_account import delete_account
from accounts.export import personal_data
from accounts.forms import ConfirmForm, DeleteAccountForm, EmailForm, SignInForm, SignUpForm
from accounts.limits import LimitedMixin
from reviews.claim_guest_reviews import claim_reviews
from reviews.pages.drafts import store_draft
from reviews.permissions import WRITTEN

NEW_TOKEN = "new_token"  # noqa: S105  # session key: a new token, until it is shown once


class SignIn(LimitedMixin, views.LoginView):
    form_class = SignInForm
    limits, name_limits, not_counted = ("login",), ("login_name",), "valid"

    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)
        if review := store_draft(self.request):
            return redirect(f"{review.get_absolute_url()}?new=1")
        return response

    def limited_username(self) -> str:
        # As the form cleans it, or each way to write a name would have a limit of its own.
        return UsernameField().to_python(self.request.POST.get("username", "")) or ""


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class SignUp(LimitedMixin, views.RedirectURLMixin, FormView):
    template_name = "registration/signup.html"
    form_class = SignUpForm
    limits, not_counted = ("signup",), "invalid"
    next_page = "account"

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            return redirect("account")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(**kwargs, next=self.get_redirect_url())

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        try:
            with transaction.atomic():
                user = form.save()
        except (IntegrityError, ValidationError):
            message = _("The name or the address has just been taken. Please choose another.")
            form.add_error(None, message)
            return self.form_invalid(form)
        login(self.request, user)
        messages.success(self.request, _("Welcome! Your account is ready."))
        self.claim(user)
        return super().form_valid(form)

    def form_invalid(self, form) -> HttpResponse:
        # A refused address reveals that it has an account here, so such attempts are limited.
        if form.has_error("email", "email_taken"):
            self.counted = []
        return super().form_invalid(form)

    def claim(self, user: User) -> None:
        ids = self.request.session.pop(WRITTEN, [])
        if n := claim_reviews(ids=ids, author=user):
            linked = ngettext(
                "The review you wrote as a guest now belongs to your account.",
                "The %(n)d reviews you wrote as a guest now belong to your account.",
                n,
            )
            messages.success(self.request, linked % {"n": n})


class ResetPassword(LimitedMixin, views.PasswordResetView):
    limits = ("password_reset",)


class NewPassword(views.PasswordResetConfirmView):
    def form_valid(self, form) -> HttpResponse:
        # Someone who knew the old password may have copied the token.
        Token.objects.filter(user=form.user).delete()
        return super().form_valid(form)


class ChangePassword(LimitedMixin, views.PasswordChangeView):
    name_limits, not_counted = ("login_name",), "valid"
    success_url = reverse_lazy("account")

    def form_valid(self, form) -> HttpResponse:
        messages.success(
            self.request, _("Your password has been changed. Other devices have been signed out.")
        )
        return super().form_valid(form)


@method_decorator(never_cache, name="dispatch")
class AccountPage(LoginRequiredMixin, TemplateView):
    template_name = "accounts/account.html"

    def get_context_data(self, **kwargs) -> dict:
        user = cast(User, self.request.user)
        return super().get_context_data(
            **kwargs,
            token=Token.objects.filter(user=user).first(),
            new_token=self.request.session.pop(NEW_TOKEN, None),
            n_reviews=user.reviews.count(),
        )


class ChangeToken(LoginRequiredMixin, View):
    """Create, replace or revoke the API token."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        user = cast(User, request.user)
        with transaction.atomic():
            # A double click must not create two tokens: the table allows one per account.
            User.objects.select_for_update().get(pk=user.pk)
            Token.objects.filter(user=user).delete()
            if request.POST.get("action") == "make":
                request.session[NEW_TOKEN] = Token.objects.create(user=user).key
            else:
                messages.success(request, _("Your API token has been revoked."))
        return redirect(f"{reverse('account')}#token")


@method_decorator(never_cache, name="dispatch")
class ExportData(LoginRequiredMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        data = personal_data(cast(User, request.user))
        response = JsonResponse(data, json_dumps_params={"indent": 2, "ensure_ascii": False})
        name = f"rotten-potatoes-{timezone.localdate()}.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


@method_decorator(sensitive_post_parameters(), name="dispatch")
class ConfirmedView(LimitedMixin, LoginRequiredMixin, FormView):
    """A form that asks for the password again."""

    name_limits, not_counted = ("login_name",), "valid"
    success_url = reverse_lazy("account")

    def get_form_kwargs(self) -> dict:
        return super().get_form_kwargs() | {"user": self.request.user}


class ChangeEmail(ConfirmedView):
    template_name = "accounts/email.html"
    form_class: type[ConfirmForm] = EmailForm

    def get_initial(self) -> dict:
        return {"email": cast(User, self.request.user).email}

    def form_valid(self, form) -> HttpResponse:
        user = cast(User, self.request.user)
        user.email = form.cleaned_data["email"]
        user.save(update_fields=["email"])
        messages.success(self.request, _("Your email address has been updated."))
        return super().form_valid(form)


class DeleteAccount(ConfirmedView):
    template_name = "accounts/delete.html"
    form_class: type[ConfirmForm] = DeleteAccountForm
    success_url = reverse_lazy("home")

    def get_context_data(self, **kwargs) -> dict:
        user = cast(User, self.request.user)
        return super().get_context_data(**kwargs, n_reviews=user.reviews.count())

    def form_valid(self, form) -> HttpResponse:
        withdraw = form.cleaned_data["reviews"] == DeleteAccountForm.WITHDRAW
        delete_account(cast(User, self.request.user), withdraw=withdraw)
        response = super().form_valid(form)
        logout(self.request)
        messages.success(self.request, _("Your account has been deleted. Farewell!"))
        return response
