"""The form for a draft of any kind, made from the kind's definition. Nothing about single fields stands here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.errors import InvalidRecord
from core.records import definition as d
from core.records.definition import ENVELOPE, GROUPS
from i18n.vocabularies.vocabulary import vocabulary
from tools_inventory.services.content import Content
from tools_inventory.web.controls import Control, FormContext, ItemsControl, RowsControl, control

# A draft may lack everything but its title, which is how it is found again.
NEEDED_TO_KEEP = "title"


@dataclass(frozen=True, slots=True)
class ShownField:
    bound: BoundField
    css: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of a repeated control; `number` counts from 1."""

    number: int
    index: int
    fields: tuple[ShownField, ...]


@dataclass(frozen=True, slots=True)
class ShownControl:
    """`layout` is plain (fields below each other), parts (beside each other) or rows; `moves`: their order
    matters; `stacked`: a row has longer texts, below each other.
    """

    name: str
    label: str
    help: str
    required: bool
    layout: str
    moves: bool
    stacked: bool
    fields: tuple[ShownField, ...]
    rows: tuple[ShownRow, ...]


@dataclass(frozen=True, slots=True)
class ShownGroup:
    name: str
    label: str
    controls: tuple[ShownControl, ...]


class DraftForm(forms.Form):
    """Ask `is_valid()`, then `content_typed()`. What is missing is only asked for when publishing."""

    use_required_attribute = False

    def __init__(self, data: QueryDict | None = None, *, kind: d.Kind, context: FormContext) -> None:
        self.kind = kind
        self.context = replace(context, data=data)
        self.controls = [control(field, self.context) for field in fields_of(kind)]
        super().__init__(data, label_suffix="")
        for one in self.controls:
            saved = context.content.get(one.definition.name)
            self.fields.update(one.fields(saved))
            self.initial.update(one.initial(saved))

    def full_clean(self) -> None:
        """Required fields stay marked as such in the page, but only the title must be there to keep a draft."""
        asked = {name: field.required for name, field in self.fields.items()}
        needed = f"{NEEDED_TO_KEEP}__{self.context.language}"
        for name, field in self.fields.items():
            field.required = name == needed
        super().full_clean()
        for name, field in self.fields.items():
            field.required = asked[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for one in self.controls:
            if isinstance(one, RowsControl):
                for name, message in one.incomplete(cleaned, self._saved(one)):
                    self.add_error(name, message)
        low, high = cleaned.get("ages__min"), cleaned.get("ages__max")
        if low is not None and high is not None and low > high:
            self.add_error("ages__max", _("This must not be below the age from which it is."))
        return cleaned

    def content_typed(self) -> Content:
        """The content as typed; what the form does not show stays as it was."""
        shown = {one.definition.name for one in self.controls}
        content = {name: value for name, value in self.context.content.items() if name not in shown}
        for one in self.controls:
            value = one.value(self.cleaned_data, self._saved(one))
            if value not in (None, "", [], {}):
                content[one.definition.name] = value
        return content

    def add_problem(self, problem: InvalidRecord) -> None:
        """Show what the service found at the field it is about."""
        found = next((one for one in self.controls if one.definition.name == problem.field), None)
        self.add_error(found.main if found else None, str(problem.message))

    def groups(self) -> Iterator[ShownGroup]:
        """The controls under the definition's headings, for the template."""
        for name, label in GROUPS.items():
            members = tuple(self._shown(one) for one in self.controls if one.definition.group == name)
            if members:
                yield ShownGroup(name, str(label), members)

    def _saved(self, one: Control) -> Any:
        return self.context.content.get(one.definition.name)

    def _shown(self, one: Control) -> ShownControl:
        rows: tuple[ShownRow, ...] = ()
        fields: tuple[ShownField, ...] = ()
        if isinstance(one, RowsControl):
            rows = tuple(
                ShownRow(index + 1, index, tuple(self._row_fields(one, index)))
                for index in range(one.count(self._saved(one)))
            )
        else:
            fields = tuple(self._fields(one))
        return ShownControl(
            name=one.name,
            label=str(one.definition.label),
            help=str(one.definition.help),
            required=one.definition.required,
            layout=one.layout,
            moves=isinstance(one, ItemsControl),
            stacked=isinstance(one, ItemsControl) and one.has_texts,
            fields=fields,
            rows=rows,
        )

    def _row_fields(self, one: RowsControl, index: int) -> Iterator[ShownField]:
        for part in one.row_controls(index):
            yield from self._fields(part)
        if f"{one.name}-{index}-was" in self.fields:
            yield ShownField(self[f"{one.name}-{index}-was"], "")

    def _fields(self, one: Control) -> Iterator[ShownField]:
        """A control's Django fields as they were made for this form, in order."""
        for name in self.fields:
            if name == one.name or name.startswith(f"{one.name}__"):
                yield ShownField(self[name], one.css)


def fields_of(kind: d.Kind) -> tuple[d.Field, ...]:
    """What an author states: the kind's fields and the sources."""
    return (*kind.fields, *(field for field in ENVELOPE if field.name == "sources"))


def main_field(kind: d.Kind, name: str, context: FormContext) -> str:
    """The id of the control in which a field is filled in, for links from a list of what is missing."""
    found = next((field for field in fields_of(kind) if field.name == name), None)
    return f"id_{control(found, context).main}" if found else ""


def rows_changed(data: QueryDict) -> QueryDict:
    """What was posted, with a row more (`add=partners`), or with a row moved up (`up=phases-2`)."""
    changed = data.copy()
    if name := data.get("add", ""):
        count = data.get(f"{name}-count", "1")
        changed[f"{name}-count"] = str(int(count[:4]) + 1 if count.isdecimal() else 2)
    name, _dash, number = data.get("up", "").rpartition("-")
    if name and number.isdecimal() and int(number[:4]) > 0:
        _swap_rows(changed, name, int(number[:4]) - 1, int(number[:4]))
    return changed


def _swap_rows(data: QueryDict, name: str, one: int, other: int) -> None:
    first, second = f"{name}-{one}-", f"{name}-{other}-"
    before = {key: data.getlist(key) for key in data if key.startswith((first, second))}
    for key in before:
        del data[key]
    for key, values in before.items():
        prefix, swapped = (first, second) if key.startswith(first) else (second, first)
        data.setlist(f"{swapped}{key.removeprefix(prefix)}", values)


def country_of(region: str) -> str:
    """Whose school stages a form proposes."""
    concept = vocabulary("regions").get(region)
    return (concept.country or "") if concept else ""
