"""This node: who it is, as its settings say. Read by every part; holds no state."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings

# The same as in pyproject.toml.
SOFTWARE_VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Node:
    """`id` is a DNS name, `url` has no trailing slash, `languages` are BCP 47 codes, the node's own first."""

    id: str
    url: str
    name: str
    languages: tuple[str, ...]
    region: str

    @property
    def language(self) -> str:
        return self.languages[0]


@cache
def this_node() -> Node:
    return Node(
        id=settings.NODE_ID,
        url=settings.NODE_URL.rstrip("/"),
        name=settings.NODE_NAME,
        languages=tuple(settings.NODE_LANGUAGES),
        region=settings.NODE_REGION,
    )
