"""The people of this node. Personal data: never leaves it, never in a record."""

from functools import cached_property

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person who signs in. `language` is the interface language they chose, empty for the browser's."""

    language = models.CharField(max_length=12, blank=True)

    @cached_property
    def group_names(self) -> frozenset[str]:
        """Read once per loaded account, which lives as long as a request."""
        return frozenset(self.groups.values_list("name", flat=True))
