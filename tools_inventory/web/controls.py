"""The controls of a form, one for each type of field in a kind's definition: which plain Django fields it consists of,
how a content's value fills them, and how what was typed becomes a value again. What may stand in a value is checked by
`services/content.py`; a control only keeps shapes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator, URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.records import definition as d
from i18n.languages import language_name
from i18n.texts import as_source, as_translation, is_outdated
from i18n.vocabularies.vocabulary import Vocabulary, vocabulary
from tools_inventory.selectors.drafts import KnownOrganisation

Data = Mapping[str, Any]

MAX_ROWS = 300
DATALIST = "organisations"
# Proposed where a vocabulary holds every language of the world.
USUAL_LANGUAGES = tuple(
    "nl fr de en sv da no fi pl it es ca pt el lt lv et ga mt hr sl hu cs sk ro bg uk ru ar tr".split()  # noqa: SIM905
)
partial_date = RegexValidator(
    d.PARTIAL_DATE_PATTERN, gettext_lazy("Write a year, a month or a day: 2018, 2018-09 or 2018-09-03.")
)
web_address = URLValidator(
    schemes=["http", "https"], message=gettext_lazy("Write a whole web address, such as https://example.org/page.")
)


@dataclass(frozen=True, slots=True)
class FormContext:
    """`language` is the draft's, `reader` the page's. `content` is what is saved, `data` what was posted, if any."""

    language: str
    reader: str
    translations: tuple[str, ...] = ()
    content: Data = field(default_factory=dict)
    data: Data | None = None
    organisations: Sequence[KnownOrganisation] = ()
    country: str = ""


class Control:
    """Base: one Django field of the field's own name. `css` is its width (forms.css)."""

    css = ""
    layout = "plain"

    def __init__(self, definition: d.Field, context: FormContext, prefix: str = "") -> None:
        self.definition = definition
        self.context = context
        self.name = f"{prefix}{definition.name}"

    @property
    def main(self) -> str:
        """The Django field at which errors of the whole field are shown."""
        return next(iter(self.fields(None)))

    def fields(self, value: Any) -> dict[str, forms.Field]:
        return {self.name: self.django_field(value)}

    def django_field(self, value: Any) -> forms.Field:
        return forms.CharField(max_length=400, **self._labels())

    def initial(self, value: Any) -> dict[str, Any]:
        return {self.name: value}

    def value(self, cleaned: Data, saved: Any) -> Any:
        """The content's value; None or empty for nothing. `saved` is the value so far."""
        return cleaned.get(self.name)

    def _labels(self) -> dict[str, Any]:
        return {
            "label": str(self.definition.label),
            "help_text": str(self.definition.help),
            "required": self.definition.required,
        }


class TextsControl(Control):
    """The source text, and a field for each language that the form translates into."""

    def fields(self, value: Any) -> dict[str, forms.Field]:
        languages = (self.context.language, *self.context.translations)
        fields: dict[str, forms.Field] = {}
        for language in languages:
            fields[self._name(language)] = self._field(language, value)
            if language != self.context.language and self._outdated(language, value):
                fields[f"{self._name(language)}__fits"] = forms.BooleanField(
                    label=_("This translation fits the changed original"), required=False
                )
        return fields

    def initial(self, value: Any) -> dict[str, Any]:
        return {self._name(language): text["text"] for language, text in (value or {}).items()}

    def value(self, cleaned: Data, saved: Any) -> Any:
        """Languages not shown stay as they are; a translation left alone keeps the source that it is of."""
        saved = saved or {}
        source = str(cleaned.get(self._name(self.context.language)) or "").strip()
        shown = {self.context.language, *self.context.translations}
        texts = {language: text for language, text in saved.items() if language not in shown}
        if source:
            texts[self.context.language] = dict(as_source(source))
        for language in self.context.translations:
            typed = str(cleaned.get(self._name(language)) or "").strip()
            before = saved.get(language, {})
            if not typed:
                continue
            if typed == before.get("text") and not cleaned.get(f"{self._name(language)}__fits"):
                texts[language] = before
            else:
                texts[language] = dict(as_translation(typed, source_text=source, method="human"))
        return texts

    def _name(self, language: str) -> str:
        return f"{self.name}__{language}"

    def _field(self, language: str, value: Any) -> forms.Field:
        texts = cast(d.Texts, self.definition.type)
        is_source = language == self.context.language
        label = str(self.definition.label)
        if not is_source:
            name = language_name(language, self.context.reader)
            label = _("%(field)s: translation (%(language)s)") % {"field": label, "language": name}
        several = texts.lines > 1 or any("\n" in text.get("text", "") for text in (value or {}).values())
        attributes = {"lang": language}
        widget = forms.Textarea({**attributes, "rows": max(texts.lines, 2)}) if several else forms.TextInput(attributes)
        return forms.CharField(
            label=label,
            help_text=str(self.definition.help) if is_source else "",
            required=self.definition.required and is_source,
            max_length=texts.max_length,
            widget=widget,
        )

    def _outdated(self, language: str, value: Any) -> bool:
        source = (value or {}).get(self.context.language)
        translation = (value or {}).get(language)
        return bool(source and translation and is_outdated(translation, source["text"]))


class ShortTextControl(Control):
    css = "middle"


class StringsControl(Control):
    """One a line."""

    def django_field(self, value: Any) -> forms.Field:
        labels = self._labels()
        labels["help_text"] = labels["help_text"] or _("One on each line.")
        return forms.CharField(widget=forms.Textarea({"rows": min(max(len(value or ()) + 1, 3), 12)}), **labels)

    def initial(self, value: Any) -> dict[str, Any]:
        return {self.name: "\n".join(value or ())}

    def value(self, cleaned: Data, saved: Any) -> Any:
        lines = str(cleaned.get(self.name) or "").splitlines()
        return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


class LinkControl(Control):
    def django_field(self, value: Any) -> forms.Field:
        return _url_field(**self._labels())


class LinksControl(StringsControl):
    def django_field(self, value: Any) -> forms.Field:
        django_field = super().django_field(value)
        django_field.validators.append(_each_line_an_address)
        return django_field


class CodeControl(Control):
    css = "middle"

    def django_field(self, value: Any) -> forms.Field:
        known = vocabulary(cast(d.Code, self.definition.type).vocabulary)
        choices = _choices(known, self.context, [value] if value else [])
        return forms.ChoiceField(choices=[("", _("Choose …")), *choices], **self._labels())


class CodesControl(Control):
    """Check boxes, so that all that can be chosen is seen."""

    css = "columns"

    def django_field(self, value: Any) -> forms.Field:
        known = vocabulary(cast(d.Codes, self.definition.type).vocabulary)
        choices = _choices(known, self.context, value or [])
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **self._labels())

    def initial(self, value: Any) -> dict[str, Any]:
        return {self.name: value or []}


class PartialDateControl(Control):
    css = "short"

    def django_field(self, value: Any) -> forms.Field:
        labels = self._labels()
        labels["help_text"] = labels["help_text"] or _("As exactly as it is known: 2018, 2018-09 or 2018-09-03.")
        return forms.CharField(max_length=10, validators=[partial_date], **labels)


class CountControl(Control):
    css = "short"

    def django_field(self, value: Any) -> forms.Field:
        return forms.IntegerField(min_value=0, max_value=1_000_000_000, **self._labels())


class PartsControl(Control):
    """A value of several named parts beside each other. Parts that the form does not show stay as they are."""

    layout = "parts"

    def parts(self, value: Data) -> dict[str, forms.Field]:
        raise NotImplementedError

    def fields(self, value: Any) -> dict[str, forms.Field]:
        return {f"{self.name}__{part}": django_field for part, django_field in self.parts(value or {}).items()}

    def initial(self, value: Any) -> dict[str, Any]:
        return {f"{self.name}__{part}": stated for part, stated in (value or {}).items()}

    def value(self, cleaned: Data, saved: Any) -> Any:
        shown = {part: cleaned.get(f"{self.name}__{part}") for part in self.parts(saved or {})}
        typed = {part: stated for part, stated in shown.items() if stated not in (None, "")}
        kept = {part: stated for part, stated in (saved or {}).items() if part not in shown}
        return {**kept, **typed} if typed else {}


class AgesControl(PartsControl):
    css = "short"

    def parts(self, value: Data) -> dict[str, forms.Field]:
        return {
            "min": forms.IntegerField(label=_("From age"), min_value=0, max_value=120, required=False),
            "max": forms.IntegerField(label=_("To age"), min_value=0, max_value=120, required=False),
        }


class LocationControl(PartsControl):
    def parts(self, value: Data) -> dict[str, forms.Field]:
        countries = _choices(vocabulary("countries"), self.context, [])
        return {
            "city": forms.CharField(label=_("City"), max_length=400, required=False),
            "country": forms.ChoiceField(label=_("Country"), choices=[("", _("Choose …")), *countries], required=False),
            "nuts": forms.RegexField(
                r"^[A-Z]{2}[A-Z0-9]{0,3}$",
                label=_("NUTS code"),
                required=False,
                error_messages={"invalid": _("Write a NUTS code such as BE211.")},
            ),
        }

    def value(self, cleaned: Data, saved: Any) -> Any:
        place = super().value(cleaned, saved)
        same = place.get("nuts") == (saved or {}).get("nuts")
        if not place.get("nuts") or not same:
            # The edition belongs to the code that it was stated with.
            place.pop("nuts_version", None)
        return place


class ContactControl(PartsControl):
    def parts(self, value: Data) -> dict[str, forms.Field]:
        return {
            "role": forms.CharField(label=_("Role or desk"), max_length=400, required=False),
            "url": _url_field(label=_("Web address"), required=False),
        }


class ReferenceControl(Control):
    """A name, with the node's organisations proposed while typing. A name that is one of them gets its id."""

    css = "middle"

    def django_field(self, value: Any) -> forms.Field:
        return forms.CharField(max_length=400, widget=forms.TextInput({"list": DATALIST}), **self._labels())

    def initial(self, value: Any) -> dict[str, Any]:
        return {self.name: (value or {}).get("name", "")}

    def value(self, cleaned: Data, saved: Any) -> Any:
        return _reference(str(cleaned.get(self.name) or ""), [saved] if saved else [], self.context)


class RowsControl(Control):
    """Repeated rows of smaller controls. There is always an empty row to fill; rows left empty are left out."""

    layout = "rows"

    def row_controls(self, number: int) -> list[Control]:
        raise NotImplementedError

    def row_value(self, number: int, cleaned: Data, saved: Sequence[Any]) -> Any:
        """A row's value; empty for an empty row."""
        raise NotImplementedError

    def row_saved(self, number: int, saved: Sequence[Any]) -> Data:
        """What the row was when the form was made."""
        return saved[number] if number < len(saved) else {}

    def row_initial(self, number: int, row: Any) -> dict[str, Any]:
        initial: dict[str, Any] = {}
        for control in self.row_controls(number):
            initial |= control.initial((row or {}).get(control.definition.name))
        return initial

    def count(self, value: Any) -> int:
        posted = (self.context.data or {}).get(f"{self.name}-count", "")
        if self.context.data is not None and str(posted).isdecimal():
            return min(max(int(str(posted)[:4]), 1), MAX_ROWS)
        return min(len(value or ()) + 1, MAX_ROWS)

    def fields(self, value: Any) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {}
        for number in range(self.count(value)):
            row = self.row_saved(number, value or [])
            for control in self.row_controls(number):
                for name, django_field in control.fields(row.get(control.definition.name)).items():
                    # A row's own required field is asked for when the row has anything: see `incomplete`.
                    django_field.required = False
                    fields[name] = django_field
        return fields

    def initial(self, value: Any) -> dict[str, Any]:
        initial: dict[str, Any] = {}
        for number, row in enumerate(value or ()):
            initial |= self.row_initial(number, row)
        return initial

    def value(self, cleaned: Data, saved: Any) -> Any:
        count = self.count(saved)
        rows = [self.row_value(number, cleaned, saved or []) for number in range(count)]
        return [row for row in rows if row]

    def incomplete(self, cleaned: Data, saved: Any) -> list[tuple[str, str]]:
        """(Django field, message) for rows that have something but lack what they need."""
        found = []
        for number in range(self.count(saved)):
            row = self.row_value(number, cleaned, saved or [])
            for control in self.row_controls(number) if row else ():
                if control.definition.required and not row.get(control.definition.name):
                    label = control.definition.label
                    found.append((control.main, _("%(field)s is missing in this row.") % {"field": label}))
        return found


class ItemsControl(RowsControl):
    """Rows can be moved: a hidden field says which of the saved ones a row was, for what it holds but does not show."""

    def fields(self, value: Any) -> dict[str, forms.Field]:
        hidden = {
            self._was(number): forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
            for number in range(self.count(value))
        }
        return {**super().fields(value), **hidden}

    @property
    def has_texts(self) -> bool:
        return any(isinstance(inner.type, d.Texts) for inner in cast(d.Items, self.definition.type).fields)

    def row_saved(self, number: int, saved: Sequence[Any]) -> Data:
        stated = number if self.context.data is None else self.context.data.get(self._was(number), "")
        was = int(str(stated)[:4]) if str(stated).isdecimal() else len(saved)
        return saved[was] if was < len(saved) else {}

    def row_initial(self, number: int, row: Any) -> dict[str, Any]:
        return {**super().row_initial(number, row), self._was(number): number}

    def _was(self, number: int) -> str:
        return f"{self.name}-{number}-was"

    def row_controls(self, number: int) -> list[Control]:
        fields = cast(d.Items, self.definition.type).fields
        return [control(inner, self.context, f"{self.name}-{number}-") for inner in fields]

    def row_value(self, number: int, cleaned: Data, saved: Sequence[Any]) -> Any:
        before = self.row_saved(number, saved)
        values = {
            inner.definition.name: inner.value(cleaned, before.get(inner.definition.name))
            for inner in self.row_controls(number)
        }
        return {name: value for name, value in values.items() if value not in (None, "", [], {})}


# The parts of references and sources, as fields: only forms show them apart.
_REFERENCE_PARTS = (
    d.Field("name", d.Reference(), gettext_lazy("Organisation"), required=True),
    d.Field("role", d.Code("partner_roles"), gettext_lazy("Role")),
)
_SOURCE_PARTS = (
    d.Field("url", d.Link(), gettext_lazy("Web address")),
    d.Field("text", d.ShortText(), gettext_lazy("Or in words: title, newspaper, report")),
    d.Field("date", d.PartialDate(), gettext_lazy("Date")),
)


class ReferencesControl(RowsControl):
    def row_controls(self, number: int) -> list[Control]:
        return [control(part, self.context, f"{self.name}-{number}-") for part in _REFERENCE_PARTS]

    def row_initial(self, number: int, row: Any) -> dict[str, Any]:
        return {f"{self.name}-{number}-name": row.get("name"), f"{self.name}-{number}-role": row.get("role")}

    def row_value(self, number: int, cleaned: Data, saved: Sequence[Any]) -> Any:
        name = str(cleaned.get(f"{self.name}-{number}-name") or "")
        role = cleaned.get(f"{self.name}-{number}-role")
        reference = _reference(name, saved, self.context)
        reference.pop("role", None)
        return {**reference, "role": role} if role else reference


class SourcesControl(RowsControl):
    def row_controls(self, number: int) -> list[Control]:
        return [control(part, self.context, f"{self.name}-{number}-") for part in _SOURCE_PARTS]

    def row_value(self, number: int, cleaned: Data, saved: Sequence[Any]) -> Any:
        values = {part.name: cleaned.get(f"{self.name}-{number}-{part.name}") for part in _SOURCE_PARTS}
        return {name: value for name, value in values.items() if value}


_CONTROLS: dict[type[d.FieldType], type[Control]] = {
    d.Texts: TextsControl,
    d.Strings: StringsControl,
    d.ShortText: ShortTextControl,
    d.Code: CodeControl,
    d.Codes: CodesControl,
    d.Reference: ReferenceControl,
    d.References: ReferencesControl,
    d.Items: ItemsControl,
    d.Link: LinkControl,
    d.Links: LinksControl,
    d.PartialDate: PartialDateControl,
    d.Count: CountControl,
    d.AgeRange: AgesControl,
    d.Location: LocationControl,
    d.Contact: ContactControl,
    d.Sources: SourcesControl,
}


def control(definition: d.Field, context: FormContext, prefix: str = "") -> Control:
    """The control for a field, by its type."""
    return _CONTROLS[type(definition.type)](definition, context, prefix)


def _choices(known: Vocabulary, context: FormContext, chosen: Sequence[str]) -> list[tuple[str, str]]:
    """Codes with labels in the reader's language, in the vocabulary's order; chosen ones always among them."""
    codes = [code for code in known.concepts if _proposed(known, code, context) or code in chosen]
    codes += [code for code in chosen if code not in known]
    labelled = [(code, known.label(code, context.reader)) for code in codes]
    return sorted(labelled, key=lambda pair: pair[1].casefold()) if known.name == "countries" else labelled


def _proposed(known: Vocabulary, code: str, context: FormContext) -> bool:
    """School stages of one's own country and general ones; languages that are usual here."""
    if known.name == "languages":
        return code in USUAL_LANGUAGES
    if known.name == "school_stages":
        return known.concepts[code].country in (None, context.country)
    return True


def _reference(typed: str, saved: Sequence[Any], context: FormContext) -> dict[str, Any]:
    typed = typed.strip()
    if not typed:
        return {}
    for reference in saved:
        if reference.get("name") == typed and reference.get("id"):
            return dict(reference)
    for organisation in context.organisations:
        if typed in (organisation.label, organisation.name):
            return {"name": organisation.name, "id": organisation.id}
    return {"name": typed}


def _url_field(**labels: Any) -> forms.URLField:
    return forms.URLField(
        assume_scheme="https", max_length=2000, error_messages={"invalid": web_address.message}, **labels
    )


def _each_line_an_address(text: str) -> None:
    for line in text.splitlines():
        if line.strip():
            web_address(line.strip())
