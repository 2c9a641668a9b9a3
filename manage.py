#!/usr/bin/env python
"""The node's command line: `manage.py help` lists the verbs."""

import os
import sys

from django.core.management import execute_from_command_line

from deploy.celery import app as celery_app

# Commands publish and pull: they wake workers through it.
__all__ = ["celery_app"]

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    execute_from_command_line(sys.argv)
