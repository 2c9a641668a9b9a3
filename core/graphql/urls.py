"""The GraphQL door; included by deploy/urls.py."""

from django.urls import path

from core.graphql.view import graphql

urlpatterns = [path("graphql", graphql, name="graphql")]
