"""The addresses that search under a name of their own: everything, programmes, opportunities."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.search.parameters import to_parameters
from core.search.seam import Query

_ANY_UUID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Scope:
    """A search page. One that is narrowed to a `kind` neither offers nor repeats it; `facets` are those it opens."""

    url_name: str
    kind: str
    title: str | Promise
    lead: str | Promise
    open_facets: frozenset[str]

    def narrow(self, query: Query) -> Query:
        return replace(query, filters={**query.filters, "kind": (self.kind,)}) if self.kind else query

    def path(self) -> str:
        return _path(self.url_name, get_language() or "en")

    def address(self, query: Query) -> str:
        """The page that shows this search: defaults left out, always in the same order."""
        pairs = [(name, value) for name, value in to_parameters(query) if not (self.kind and name == "kind")]
        return f"{self.path()}?{urlencode(pairs)}" if pairs else self.path()


EVERYTHING = Scope("inventory:search", "", _("Search"), "", frozenset({"kind", "activity", "stage"}))
PROGRAMMES = Scope(
    "inventory:programmes",
    "programme",
    _("Programmes"),
    _("Tools being run with employers, step by step: who hosts, in what order, and what came of it."),
    frozenset({"activity", "stage", "sector"}),
)
OPPORTUNITIES = Scope(
    "inventory:opportunities",
    "opportunity",
    _("Opportunities"),
    _("What employers and schools offer each other now: visits, places, lessons, assignments."),
    frozenset({"direction", "activity", "stage"}),
)


def record_address(uuid: UUID) -> str:
    return _record_prefix(get_language() or "en") + str(uuid)


def search_address(**parameters: str | tuple[str, ...]) -> str:
    """The search page with these parameters: search_address(audience=("employers", "schools"))."""
    return f"{EVERYTHING.path()}?{urlencode(parameters, doseq=True)}"


def filters_address(filters: Mapping[str, tuple[str, ...]]) -> str:
    return search_address(**dict(filters))


# `reverse` costs 30 µs; a page needs dozens.


@lru_cache(maxsize=64)
def _path(url_name: str, language: str) -> str:
    return reverse(url_name)


@lru_cache(maxsize=16)
def _record_prefix(language: str) -> str:
    return reverse("inventory:record", args=[_ANY_UUID]).removesuffix(_ANY_UUID)
