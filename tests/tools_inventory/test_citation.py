"""How to cite: what stands in it, and that nothing in a title breaks the format."""

import json

import pytest
from django.utils import translation

from core.records.selectors.records import record_get
from i18n.texts import as_source, as_translation
from tools_inventory.selectors.citation import citation
from tools_inventory.selectors.presentation import view_of


@pytest.fixture(autouse=True)
def reading_english():
    with translation.override("en"):
        yield


def cited(uuid):
    return citation(view_of(record_get(uuid), "en"), "en")


def test_a_sentence_names_author_title_node_revision_address_and_licence(published):
    uuid = published("Port Xpert", organiser={"name": "Havencentrum"})
    view = view_of(record_get(uuid), "en")
    text = citation(view, "en").text
    assert text.startswith("Havencentrum: Port Xpert. Record of Antwerp, revision 1, ")
    assert text.endswith(f" http://127.0.0.1:8001/records/{uuid} (CC-BY-4.0)")
    assert str(view.provenance.published_at.year) in text


def test_without_an_organiser_the_node_is_the_author(published):
    assert cited(published("Port Xpert")).text.startswith("Antwerp: Port Xpert.")


def test_the_original_title_is_cited_not_a_translation(published):
    english = as_translation("Harbour visit", source_text="Havenbezoek", method="human")
    uuid = published(title={"nl": as_source("Havenbezoek"), "en": english})
    assert "Havenbezoek" in cited(uuid).text


def test_bibtex_takes_any_title(published):
    bibtex = cited(published(r"100% {STEM} & more_\nothing #1 ~^ $5")).bibtex
    assert r"title = {{100\% \{STEM\} \& more\_\textbackslash{}nothing \#1 \~{}\^{} \$5}}" in bibtex
    assert bibtex.startswith("@misc{havenlink-")
    assert bibtex.rstrip().endswith("}")


def test_csl_is_json(published):
    uuid = published("“Port” Xpert")
    item = json.loads(cited(uuid).csl)[0]
    assert (item["title"], item["author"], item["version"]) == ("“Port” Xpert", [{"literal": "Antwerp"}], "1")
    assert item["URL"].endswith(str(uuid))


def test_a_line_break_in_a_title_makes_no_field_of_ris(published):
    ris = cited(published("Port\r\nER  - \nXpert")).ris
    assert "TI  - Port ER - Xpert\r\n" in ris
    assert ris.count("\nER  - ") == 1
