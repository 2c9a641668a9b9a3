"""A programme: a tool being run with employers, in phases, with hosts, in editions."""

from django.utils.translation import gettext_lazy as _

from core.records.definition import Field, Kind
from tools_inventory.kinds import fields as f
from tools_inventory.kinds.tool import TOOL


def _after(name: str, *added: Field) -> tuple[Field, ...]:
    place = [field.name for field in TOOL.fields].index(name) + 1
    return (*TOOL.fields[:place], *added, *TOOL.fields[place:])


PROGRAMME = Kind(
    name="programme",
    label=_("Programme"),
    label_plural=_("Programmes"),
    fields=(*_after("description", f.PHASES), f.EDITIONS, f.HOSTS),
)
