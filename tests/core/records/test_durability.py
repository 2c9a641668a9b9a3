"""What is published waits for the disk; what can be pulled again does not."""

import pytest
from django.db import connection, transaction

from core.records.durability import atomic_without_waiting

FULL, NORMAL = 2, 1
SURE, UNSURE = {"sqlite": (FULL, NORMAL), "postgresql": ("on", "off")}[connection.vendor]


def waits() -> int | str:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous" if connection.vendor == "sqlite" else "SHOW synchronous_commit")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_of_a_replica_does_not_wait_and_the_next_one_does():
    assert waits() == SURE
    with atomic_without_waiting():
        assert waits() == UNSURE
    assert waits() == SURE
    with transaction.atomic():
        assert waits() == SURE


@pytest.mark.django_db(transaction=True)
def test_after_a_failure_commits_wait_again():
    with pytest.raises(ZeroDivisionError), atomic_without_waiting():
        1 / 0  # noqa: B018
    assert waits() == SURE


@pytest.mark.django_db(transaction=True)
def test_a_transaction_around_it_ends_as_it_began():
    with transaction.atomic():
        with atomic_without_waiting():
            pass
        # PostgreSQL's setting holds to the end of the transaction around; SQLite's cannot change inside one.
        assert waits() == (SURE if connection.vendor == "sqlite" else UNSURE)
    assert waits() == SURE
