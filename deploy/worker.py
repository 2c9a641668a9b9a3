"""A node's background worker and its clock in one small process: `python -m deploy.worker`.

For one process a node. With more workers: `celery -A deploy.celery worker` as often as wanted, and one
`celery -A deploy.celery beat` beside them.
"""

import os

import django
from celery.beat import EmbeddedService
from django.conf import settings

from deploy.celery import app

# Neither a pull that waits for a slow peer, nor a mail that waits for a slow server, nor the computing of vectors may
# hold up the index.
THREADS = 4


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    # The checks load every page and its schema, which a worker does not need; `manage.py migrate` has run them.
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
    django.setup()
    clock = EmbeddedService(app, thread=True)
    clock.start()
    worker = app.Worker(
        pool="threads",
        concurrency=THREADS,
        loglevel=settings.ENV.log_level,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    worker.start()
    raise SystemExit(worker.exitcode)


if __name__ == "__main__":
    main()
