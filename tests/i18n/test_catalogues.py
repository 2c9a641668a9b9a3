"""From source to catalogue to compiled messages and back, on a small source tree of its own."""

import gettext
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.core.management import CommandError, call_command

from i18n import catalogues
from i18n.catalogues import Fault

TEMPLATE = """{% load i18n %}
<h1>{% translate "It's a port" %}</h1>
  <p>{% blocktranslate count counter=n trimmed %}
       {{ counter }} record
     {% plural %}
       {{ counter }} records
     {% endblocktranslate %}</p>
<p>{% translate "May" context "month" %}</p>
{# Translators: not a message #}
"""
MODULE = """from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
message = _("Publish")
lazy = gettext_lazy("By %(name)s") % {"name": "x"}
many = ngettext("{count} hit", "{count} hits", 2)
verb = pgettext("verb", "Open")
dynamic = _(message)
"""


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small tree, with its catalogues beside it."""
    (tmp_path / "core/web/templates/web").mkdir(parents=True)
    (tmp_path / "core/migrations").mkdir()
    (tmp_path / "core/web/templates/web/page.html").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "core/module.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "core/migrations/0001.py").write_text('_("Never")', encoding="utf-8")
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    monkeypatch.setattr(catalogues, "PACKAGES", ("core",))
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path / "locale")
    return tmp_path


def translated() -> Catalog:
    """A complete Dutch catalogue of the small tree."""
    catalogues.update(catalogues.extract(), "nl")
    text = catalogues.po_path("nl").read_text(encoding="utf-8")
    for message, translation in (
        ("It's a port", "Het is een haven"),
        ("Publish", "Publiceren"),
        ("By %(name)s", "Door %(name)s"),
        ("Open", "Openen"),
        ("May", "mei"),
    ):
        text = text.replace(f'msgid "{message}"\nmsgstr ""', f'msgid "{message}"\nmsgstr "{translation}"')
    text = text.replace(
        'msgid_plural "{count} hits"\nmsgstr[0] ""\nmsgstr[1] ""',
        'msgid_plural "{count} hits"\nmsgstr[0] "{count} treffer"\nmsgstr[1] "{count} treffers"',
    )
    text = text.replace(
        'msgid_plural "%(counter)s records"\nmsgstr[0] ""\nmsgstr[1] ""',
        'msgid_plural "%(counter)s records"\nmsgstr[0] "%(counter)s record"\nmsgstr[1] "%(counter)s records"',
    )
    catalogues.po_path("nl").write_text(text, encoding="utf-8")
    return catalogues.read("nl")


def test_messages_come_from_python_and_templates() -> None:
    found = {(message.id, message.context) for message in catalogues.extract() if message.id}
    assert found == {
        ("It's a port", None),
        (("%(counter)s record", "%(counter)s records"), None),
        ("May", "month"),
        ("Publish", None),
        ("By %(name)s", None),
        (("{count} hit", "{count} hits"), None),
        ("Open", "verb"),
    }


def test_a_round_trip_from_source_to_compiled_messages(root: Path) -> None:
    translated()
    assert catalogues.check(catalogues.extract(), "nl") == []

    assert catalogues.compile_catalogue("nl") == 7

    with (root / "locale/nl/LC_MESSAGES/django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("Publish") == "Publiceren"
    assert compiled.pgettext("month", "May") == "mei"
    assert compiled.ngettext("{count} hit", "{count} hits", 5) == "{count} treffers"


def test_updating_again_changes_nothing() -> None:
    translated()
    catalogues.update(catalogues.extract(), "nl")
    once = catalogues.po_path("nl").read_bytes()

    catalogues.update(catalogues.extract(), "nl")

    assert catalogues.po_path("nl").read_bytes() == once
    assert b"Creation-Date" not in once


def test_without_a_catalogue_all_is_missing() -> None:
    faults = catalogues.check(catalogues.extract(), "nl")
    assert [fault.what for fault in faults] == ["missing"] * 7


def test_a_new_catalogue_is_untranslated_but_english_may_stay_empty() -> None:
    for language in ("nl", "en"):
        catalogues.update(catalogues.extract(), language)
    assert [fault.what for fault in catalogues.check(catalogues.extract(), "nl")] == ["untranslated"] * 7
    assert catalogues.check(catalogues.extract(), "en") == []


def test_a_changed_message_is_fuzzy_until_somebody_looks(root: Path) -> None:
    translated()
    (root / "core/module.py").write_text(MODULE.replace("Publish", "Publish!"), encoding="utf-8")

    faults = catalogues.check(catalogues.extract(), "nl")
    assert faults == [Fault("nl", "missing", "Publish!"), Fault("nl", "obsolete", "Publish")]

    catalogues.update(catalogues.extract(), "nl")
    assert catalogues.check(catalogues.extract(), "nl") == [Fault("nl", "fuzzy", "Publish!")]
    assert catalogues.compile_catalogue("nl") == 6


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("Door %(name)s", "Door %(naam)s", "By %(name)s"),
        ("Door %(name)s", "Door iemand", "By %(name)s"),
        ('"{count} treffers"', '"{aantal} treffers"', "{count} hit"),
        ('"Publiceren"', '"Publiceren {nu}"', "Publish"),
    ],
)
def test_placeholders_must_be_the_same(right: str, wrong: str, message: str) -> None:
    translated()
    path = catalogues.po_path("nl")
    path.write_text(path.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")

    (fault,) = catalogues.check(catalogues.extract(), "nl")

    assert (fault.what, fault.message) == ("placeholders", message)


def test_obsolete_entries_left_in_the_file_are_found() -> None:
    translated()
    path = catalogues.po_path("nl")
    path.write_text(path.read_text(encoding="utf-8") + '\n#~ msgid "Gone"\n#~ msgstr "Weg"\n', encoding="utf-8")
    assert catalogues.check(catalogues.extract(), "nl") == [Fault("nl", "obsolete", "Gone")]


def test_the_command_updates_compiles_and_checks() -> None:
    translated()
    out = StringIO()

    call_command("catalogues", "update", "--language", "nl", stdout=out)
    call_command("catalogues", "compile", "--language", "nl", stdout=out)
    call_command("catalogues", "check", "--language", "nl", stdout=out)
    with pytest.raises(CommandError, match="The catalogues are not complete: de 7 missing"):
        call_command("catalogues", "check", "--language", "de", stdout=out)

    assert out.getvalue().splitlines()[:3] == [
        "nl: 7 messages, 0 without a translation",
        "nl: 7 messages compiled",
        "7 messages, complete in nl",
    ]


def test_the_command_lists_messages_by_file() -> None:
    out = StringIO()
    call_command("catalogues", "extract", stdout=out)
    assert out.getvalue().splitlines() == [
        "    4  core/module.py",
        "    3  core/web/templates/web/page.html",
        "    7  messages in all",
    ]
