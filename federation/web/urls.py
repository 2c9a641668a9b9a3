"""Pages in every language: included by deploy/urls.py inside i18n_patterns."""

from django.urls import path

from federation.web import operate, views

app_name = "federation"
urlpatterns = [
    path("network", views.network, name="network"),
    path("network/operate", operate.overview, name="operate"),
    path("network/admit", operate.admit, name="admit"),
    path("network/actions", operate.actions, name="actions"),
    path("network/verification", operate.verification, name="verification"),
    path("network/verification/anew", operate.verify_everything, name="verify_everything"),
    path("network/origins/<str:origin>", operate.origin, name="origin"),
    path("network/origins/<str:origin>/<slug:step>", operate.step, name="step"),
]
