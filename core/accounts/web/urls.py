"""Addresses of signing in and out and of one's own account."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from core.accounts.web.pages import ChangePassword, SignIn, account

app_name = "accounts"

urlpatterns = [
    path("sign-in", SignIn.as_view(), name="sign_in"),
    path("sign-out", LogoutView.as_view(), name="sign_out"),
    path("account", account, name="account"),
    path("account/password", ChangePassword.as_view(), name="password"),
]
