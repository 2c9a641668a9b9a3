"""How a node is put together. Importing it makes the Celery application known to every process of the node."""

from deploy.celery import app as celery_app

__all__ = ["celery_app"]
