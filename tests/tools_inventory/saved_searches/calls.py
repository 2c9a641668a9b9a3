"""What the test of killed workers asks of a node in that node's own process (see tests/nodes.py)."""

from datetime import timedelta

from tests import node_calls

from django.utils import timezone  # isort: skip  node_calls has set Django up

from core.search.seam import Query
from core.search.services.catch_up import catch_up
from tests.node_calls import answer_calls, functions
from tools_inventory.models import SavedSearch
from tools_inventory.services.alerts import send_due_mails
from tools_inventory.services.saved_searches import saved_search_confirm, saved_search_create


def follow(addresses: list[str]) -> None:
    """Each follows everything; the first look is done."""
    catch_up()
    for address in addresses:
        saved_search_create(email=address, scope="search", query=Query(), frequency="daily", language="en")
    send_due_mails()
    for saved in SavedSearch.objects.all():
        saved_search_confirm(saved_id=saved.pk)
    send_due_mails()


def make_due() -> None:
    """A day later: everything is due, and what a dead worker leased is free again."""
    past = timezone.now() - timedelta(minutes=1)
    SavedSearch.objects.update(due_at=past)
    SavedSearch.objects.exclude(lease_until=None).update(lease_until=past)


def free() -> None:
    """The leases are over."""
    SavedSearch.objects.exclude(lease_until=None).update(lease_until=timezone.now() - timedelta(minutes=1))


def publish(count: int) -> None:
    node_calls.publish(count)
    catch_up()


def send() -> int:
    return send_due_mails()


if __name__ == "__main__":
    answer_calls({**functions(), **{each.__name__: each for each in (follow, make_due, free, publish, send)}})
