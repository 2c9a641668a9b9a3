"""Celery's settings. The default broker is a folder, so that nothing need be installed."""

from pathlib import Path
from urllib.parse import urlsplit

# A wake-up reaches a worker of the file system broker within this time where the kernel does not tell of it, and when
# all its threads were busy.
POLLING_SECONDS = 0.2
# How often is looked whether a mail is due. Those that somebody waits for are woken at once.
MAIL_SECONDS = 60.0


def broker(url: str) -> dict[str, object]:
    """CELERY_* settings for a broker's address: filesystem:///path, redis://… or amqp://…"""
    parts = urlsplit(url)
    if parts.scheme != "filesystem":
        return {"CELERY_BROKER_URL": url}
    folder = Path(parts.path.replace("//", "/"))
    for name in ("queue", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {
        # The folder is named below; a host is named because kombu warns at every connection that has none.
        "CELERY_BROKER_URL": "filesystem://localhost//",
        "CELERY_BROKER_TRANSPORT": "deploy.file_broker:Transport",
        "CELERY_BROKER_TRANSPORT_OPTIONS": {
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "control_folder": str(folder / "control"),
            "polling_interval": POLLING_SECONDS,
        },
    }


# How often the clock looks for peers that are due, and for entries to index.
LOOK_SECONDS = 10.0


def schedule(pull_interval_seconds: float, alert_interval_seconds: float) -> dict[str, dict[str, object]]:
    """What runs by the clock. A run that no worker took before the next is due is dropped."""
    return {
        "pull peers": {
            "task": "federation.tasks.pull_due_peers",
            # Oftener than a peer is due: one that falls due just after a look would wait for twice its interval.
            "schedule": min(LOOK_SECONDS, pull_interval_seconds / 2),
            "options": {"expires": LOOK_SECONDS},
        },
        # Woken at once when an operator asks; by the clock for what was left by a process that died.
        "verify what was asked for": {
            "task": "federation.tasks.verify_asked",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "catch up index": {
            "task": "core.search.tasks.catch_up",
            "schedule": min(LOOK_SECONDS, pull_interval_seconds),
            "options": {"expires": 10},
        },
        "compute vectors": {
            "task": "core.search.tasks.compute_vectors",
            "schedule": 10.0,
            "options": {"expires": 10},
        },
        "send due mails": {
            "task": "tools_inventory.tasks.send_due_mails",
            "schedule": min(MAIL_SECONDS, alert_interval_seconds or MAIL_SECONDS),
            "options": {"expires": MAIL_SECONDS},
        },
        "keep facet sets": {
            "task": "tools_inventory.tasks.keep_facet_sets",
            "schedule": 30.0,
            "options": {"expires": 30},
        },
    }
