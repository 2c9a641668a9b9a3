"""The node as a WSGI application."""

import gc
import os
import threading

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from deploy.celery import app as celery_app

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
application = get_wsgi_application()

from core.search.concepts import concept_words_read  # noqa: E402  Django must be set up before it

# What every page needs is loaded before the first is asked for, and is no garbage: each time that it was looked through
# for some, a page waited for 120 ms, and now for 30.
_addresses = get_resolver().url_patterns
gc.collect()
gc.freeze()

# Who searched first would wait until the words of a dozen languages are read, 1.5 s.
threading.Thread(target=concept_words_read, name="read concepts", daemon=True).start()

__all__ = ["application", "celery_app"]
