from django.contrib.auth import views as auth
from django.urls import path

from accounts import views

# Without a namespace: Django's own views look for these names.
urlpatterns = [
    path("", views.AccountPage.as_view(), name="account"),
    path("signup/", views.SignUp.as_view(), name="signup"),
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("email/", views.ChangeEmail.as_view(), name="account-email"),
    path("token/", views.ChangeToken.as_view(), name="account-token"),
    path("data/", views.ExportData.as_view(), name="account-data"),
    path("delete/", views.DeleteAccount.as_view(), name="account-delete"),
    path("password/", views.ChangePassword.as_view(), name="password_change"),
    path("reset/", views.ResetPassword.as_view(), name="password_reset"),
    path("reset/sent/", auth.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path("reset/done/", auth.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
    path("reset/<uidb64>/<token>/", views.NewPassword.as_view(), name="password_reset_confirm"),
]
