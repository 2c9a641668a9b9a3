"""Which engine SEARCH_URL chooses."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.search.elasticsearch_engine import ElasticsearchEngine
from core.search.seam import engine
from core.search.tantivy_engine import TantivyEngine


def test_the_address_chooses_the_engine(settings, tmp_path):
    settings.SEARCH_URL = f"tantivy://{tmp_path}/index"
    assert isinstance(engine(), TantivyEngine)
    assert engine() is engine()


@pytest.mark.parametrize(
    "url",
    [
        "elasticsearch://127.0.0.1:9200/havenlink",
        "elasticsearch+https://anna:p%40ss@[::1]:9243/city_nodes-2",
    ],
)
def test_a_server_is_not_asked_before_it_is_needed(settings, url):
    settings.SEARCH_URL = url
    assert isinstance(engine(), ElasticsearchEngine)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "solr://host/",
        "tantivy://host/path",
        "tantivy://",
        "/var/index",
        "elasticsearch://host/name",
        "elasticsearch://host:9200",
        "elasticsearch://host:9200/Name",
        "elasticsearch://host:9200/two/names",
        "elasticsearch://host:port/name",
    ],
)
def test_an_address_without_an_engine_is_refused_by_name(settings, url):
    settings.SEARCH_URL = url
    with pytest.raises(ImproperlyConfigured, match="SEARCH_URL"):
        engine()


def test_a_password_stays_out_of_the_refusal(settings):
    settings.SEARCH_URL = "elasticsearch://anna:secret@host:9200/Name"
    with pytest.raises(ImproperlyConfigured) as refused:
        engine()
    assert "secret" not in str(refused.value)
