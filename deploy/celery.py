"""The Celery application: the clock and the hands of background work, never its memory."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")

app = Celery("havenlink")


def _broker() -> dict[str, object]:
    parts = urlsplit(settings.BROKER_URL)
    if parts.scheme != "filesystem":
        return {"broker_url": settings.BROKER_URL}
    folder = Path(parts.path.replace("//", "/"))
    for name in ("queue", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": "filesystem://",
        "broker_transport_options": {
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "control_folder": str(folder / "control"),
            "polling_interval": 0.2,
        },
    }


app.conf.update(
    **_broker(),
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    task_time_limit=600,
    timezone="UTC",
    beat_schedule_filename=str(settings.STATE_DIR / "beat"),
    beat_schedule={
        "pull peers": {
            "task": "federation.tasks.pull_due_peers",
            "schedule": settings.PULL_INTERVAL_SECONDS,
            "options": {"expires": settings.PULL_INTERVAL_SECONDS},
        },
        "catch up index": {
            "task": "core.search.tasks.catch_up",
            "schedule": min(10.0, settings.PULL_INTERVAL_SECONDS),
            "options": {"expires": 10},
        },
    },
)
app.autodiscover_tasks()
