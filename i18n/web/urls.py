from django.urls import path

from i18n.web import views

app_name = "vocabularies"

urlpatterns = [
    path("vocabularies/", views.vocabularies, name="list"),
    path("vocabularies/<str:name>.jsonld", views.scheme, name="scheme"),
]
