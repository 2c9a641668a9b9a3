"""The node as a WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from deploy.celery import app as celery_app

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
application = get_wsgi_application()

__all__ = ["application", "celery_app"]
