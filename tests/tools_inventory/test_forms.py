"""Forms made from the kinds' definitions: nothing is lost between a draft, its form and what was typed."""

import pytest
from django.http import QueryDict

from core.accounts.roles import OPERATOR
from core.records import definition
from i18n.texts import as_source, as_translation
from tests.tools_inventory.test_importing import ORGANISATIONS, RECORDS
from tools_inventory.models import Draft
from tools_inventory.selectors.drafts import KnownOrganisation, known_organisations
from tools_inventory.services.content import content_checked
from tools_inventory.services.importing.inventory import inventory_import
from tools_inventory.web.controls import FormContext
from tools_inventory.web.forms import DraftForm, rows_changed

HAVENCENTRUM = KnownOrganisation("http://127.0.0.1:8001/records/1", "Havencentrum", "Havencentrum")


def context(content=None, **options):
    return FormContext(language="nl", reader="nl", content=content or {}, **options)


def posted(form, **changes):
    """What a browser sends for a form, with changes typed in."""
    data = QueryDict(mutable=True)
    for bound in form:
        value = bound.value()
        if isinstance(value, list):
            data.setlist(bound.html_name, value)
        elif value is not None:
            data[bound.html_name] = str(value).replace("\n", "\r\n")
    for group in form.groups():
        for control in group.controls:
            if control.layout == "rows":
                data[f"{control.name}-count"] = str(len(control.rows))
    for name, value in changes.items():
        data[name] = value
    return data


def typed(content, kind="programme", options=None, **changes):
    """The content that comes of a form filled from `content`, with changes."""
    kind = definition.kind(kind)
    known = context(content, **(options or {}))
    form = DraftForm(posted(DraftForm(None, kind=kind, context=known), **changes), kind=kind, context=known)
    assert form.is_valid(), form.errors
    return form.content_typed()


def errors(content, kind="programme", **changes):
    kind = definition.kind(kind)
    known = context(content)
    form = DraftForm(posted(DraftForm(None, kind=kind, context=known), **changes), kind=kind, context=known)
    return set(form.errors)


def test_the_real_inventory_goes_through_its_forms_unchanged(db):
    inventory_import(by=OPERATOR, records_file=RECORDS, organisations_file=ORGANISATIONS)
    organisations = known_organisations("nl")
    for draft in Draft.objects.all():
        kind = definition.kind(draft.kind)
        known = FormContext(language=draft.language, reader="de", content=draft.content, organisations=organisations)
        form = DraftForm(posted(DraftForm(None, kind=kind, context=known)), kind=kind, context=known)
        assert form.is_valid(), (draft, form.errors)
        kept = content_checked(kind=draft.kind, language=draft.language, content=form.content_typed())
        assert kept == draft.content, draft


@pytest.mark.parametrize("kind", ["tool", "programme", "opportunity", "organisation"])
def test_every_field_of_a_kind_has_a_control(kind):
    form = DraftForm(None, kind=definition.kind(kind), context=context())
    shown = {control.name for group in form.groups() for control in group.controls}
    assert shown == {field.name for field in definition.kind(kind).fields} | {"sources"}


def test_what_the_form_does_not_show_stays(tool_content):
    content = tool_content(licence="CC0-1.0", location={"city": "Gent", "country": "BE", "nuts": "BE234"})
    content["location"]["nuts_version"] = "2021"
    assert typed(content) == content


def test_another_place_loses_the_edition_of_the_code_before(tool_content):
    content = tool_content(location={"country": "BE", "nuts": "BE234", "nuts_version": "2021"})
    assert typed(content, location__nuts="BE211")["location"] == {"country": "BE", "nuts": "BE211"}


def test_only_the_title_is_needed_to_keep_a_draft():
    assert errors({}, title__nl="Port Xpert") == set()
    assert errors({}) == {"title__nl"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", "no address"),
        ("source_date", "spring"),
        ("ages__min", "ten"),
        ("location__nuts", "Antwerp"),
        ("activity", "boat_trip"),
        ("sources-0-url", "nowhere"),
        ("editions-0-places", "-3"),
        ("same_as", "https://example.org\nnowhere"),
        ("title__nl", "x" * 301),
    ],
)
def test_what_does_not_fit_is_named_at_its_control(tool_content, name, value):
    assert errors(tool_content(), **{name: value}) == {name}


def test_ages_run_upwards(tool_content):
    assert errors(tool_content(), ages__min="18", ages__max="12") == {"ages__max"}


def test_a_row_with_something_needs_what_makes_it_a_row(tool_content):
    assert errors(tool_content(), **{"editions-0-places": "12"}) == {"editions-0-label"}
    assert errors(tool_content(), **{"partners-0-role": "host"}) == {"partners-0-name"}


def test_an_organisation_that_the_node_knows_gets_its_id(tool_content):
    content = typed(
        tool_content(),
        options={"organisations": [HAVENCENTRUM]},
        **{"organiser": "Havencentrum", "partners-0-name": "Nobody", "partners-0-role": "host"},
    )
    assert content["organiser"] == {"name": "Havencentrum", "id": HAVENCENTRUM.id}
    assert content["partners"] == [{"name": "Nobody", "role": "host"}]


def test_a_reference_keeps_its_id_when_the_node_does_not_know_it(tool_content):
    content = tool_content(partners=[{"name": "BASF", "id": "https://hamburg.example/records/1", "role": "host"}])
    assert typed(content) == content
    assert typed(content, **{"partners-0-role": ""})["partners"] == [
        {"name": "BASF", "id": "https://hamburg.example/records/1"}
    ]


def test_a_translation_is_of_the_source_as_it_stands(tool_content):
    content = typed(tool_content(), options={"translations": ("fr",)}, title__fr="Visite")
    assert content["title"]["fr"] == as_translation("Visite", source_text="Port Xpert", method="human")


def test_a_translation_left_alone_is_outdated_when_its_source_changes(tool_content):
    content = tool_content()
    content["title"]["fr"] = as_translation("Visite", source_text="Port Xpert", method="machine")
    options = {"translations": ("fr",)}
    changed = typed(content, options=options, title__nl="Port Xpert 2")
    assert changed["title"]["fr"] == content["title"]["fr"]
    affirmed = typed(changed, options=options, title__fr__fits="on")
    assert affirmed["title"]["fr"] == as_translation("Visite", source_text="Port Xpert 2", method="human")
    assert "fr" not in typed(content, options=options, title__fr="")["title"]


def test_languages_not_shown_stay(tool_content):
    content = tool_content()
    content["title"]["el"] = as_translation("Λιμάνι", source_text="Port Xpert", method="human")
    assert typed(content, title__nl="Port Xpert 2")["title"]["el"] == content["title"]["el"]


def test_a_row_can_be_added_and_moved(tool_content):
    phases = [{"title": {"nl": as_source(title)}} for title in ("een", "twee", "drie")]
    phases[2]["title"]["el"] = as_translation("τρία", source_text="drie", method="human")
    content = tool_content(phases=phases)
    kind = definition.kind("programme")
    data = posted(DraftForm(None, kind=kind, context=context(content)))
    data["add"] = "phases"
    assert rows_changed(data)["phases-count"] == "5"
    del data["add"]
    data["up"] = "phases-2"
    form = DraftForm(rows_changed(data), kind=kind, context=context(content))
    assert form.is_valid()
    assert form.content_typed()["phases"] == [phases[0], phases[2], phases[1]]


@pytest.mark.parametrize("data", ["add=phases&phases-count=999999999", "add=x", "up=phases-0", "up=phases--", "up=1"])
def test_row_buttons_survive_nonsense(data):
    query = QueryDict(f"{data}&title__nl=Port")
    form = DraftForm(rows_changed(query), kind=definition.kind("programme"), context=context())
    assert form.is_valid()
    assert form.content_typed() == {"title": {"nl": as_source("Port")}}


def test_stages_of_ones_own_country_are_proposed_and_chosen_ones_kept(tool_content):
    form = DraftForm(
        None,
        kind=definition.kind("tool"),
        context=context(tool_content(stages=["fr-college-3e"]), country="BE"),
    )
    codes = [code for code, _label in form.fields["stages"].choices]
    assert {"isced-2", "be-secondary-grade-3", "fr-college-3e"} <= set(codes)
    assert "nl-vmbo-2" not in codes
