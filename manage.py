#!/usr/bin/env python
"""The node's command line: `manage.py help` lists the verbs."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from deploy.celery import app as celery_app

# Commands publish and pull: they wake workers through it.
__all__ = ["celery_app"]

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    try:
        settings.DEBUG  # noqa: B018  reads the settings
    except ImproperlyConfigured as error:
        # It names the variable; where in Django it was asked for helps nobody.
        sys.exit(f"The node's settings cannot be read: {error}")
    execute_from_command_line(sys.argv)
