"""Which engine SEARCH_URL chooses."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.search.seam import engine
from core.search.tantivy_engine import TantivyEngine


def test_the_address_chooses_the_engine(settings, tmp_path):
    settings.SEARCH_URL = f"tantivy://{tmp_path}/index"
    assert isinstance(engine(), TantivyEngine)
    assert engine() is engine()


@pytest.mark.parametrize("url", ["", "solr://host/", "tantivy://host/path", "tantivy://", "/var/index"])
def test_an_address_without_an_engine_is_refused_by_name(settings, url):
    settings.SEARCH_URL = url
    with pytest.raises(ImproperlyConfigured, match="SEARCH_URL"):
        engine()
