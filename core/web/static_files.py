"""Static files under an address that holds a hash of them all: kept by browsers for good, new when one of them changes.

One hash for the whole folder and not one a file: addresses inside style sheets stay relative, nothing is collected or
rewritten beforehand, and the files are few. Their plain addresses answer as well, for a minute.
"""

import hashlib
import re
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

HASH_LETTERS = 10
_VERSION = re.compile(rf"v[0-9a-f]{{{HASH_LETTERS}}}/")


@cache
def version() -> str:
    """ "v3f5a0c91be": of the names and contents of all static files. Read once a process, in 50 ms."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list(None), key=itemgetter(0)):
            digest.update(path.encode() + b"\0" + Path(storage.path(path)).read_bytes())
    return f"v{digest.hexdigest()[:HASH_LETTERS]}"


class VersionedStorage(StaticFilesStorage):
    """Writes the addresses. With `DEBUG` they are plain, so that a changed file is seen at the next load."""

    def url(self, name: str | None) -> str:
        plain = super().url(name)
        base = self.base_url or "/"
        return plain if settings.DEBUG else f"{base}{version()}/{plain.removeprefix(base)}"


class StaticFiles(WhiteNoiseMiddleware):
    """Answers both addresses. One of another version, on a page loaded before an upgrade, gets the file of now."""

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Any = None) -> None:
        super().add_file_to_dictionary(url, path, stat_cache)
        address = f"{self.static_prefix}{version()}/{url.removeprefix(self.static_prefix)}"
        super().add_file_to_dictionary(address, path, stat_cache)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(self.static_prefix) and path not in self.files:
            plain = self.static_prefix + _VERSION.sub("", path.removeprefix(self.static_prefix), count=1)
            if plain in self.files:
                return self.serve(self.files[plain], request)
        return super().__call__(request)

    def immutable_file_test(self, path: str, url: str) -> bool:
        return url.startswith(f"{self.static_prefix}{version()}/")
