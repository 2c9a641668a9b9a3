"""The Celery application: the clock and the hands of background work, never its memory. Settings: `CELERY_*`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")

app = Celery("havenlink")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Wakes are sent from threads too, and Celery's current application is one thread's unless it is the default.
app.set_default()
