"""Which language a program wants to read in: the one it names, else what Accept-Language prefers."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput
from core.node import this_node
from i18n.languages import INTERFACE_LANGUAGES, fallback_chain, is_known


def reading_language(asked: str | None, *, field: str = "language") -> str:
    """A BCP 47 tag whose language exists. Raises InvalidInput `unknown_language`."""
    if not asked:
        return get_language() or this_node().language
    if len(asked) > 35 or not asked.replace("-", "").isalnum() or not is_known(asked.split("-")[0].lower()):
        raise InvalidInput(
            _("“%(language)s” is no language's tag.") % {"language": asked[:40]},
            remedy=_("Use a BCP 47 tag such as nl, de or pt-BR."),
            field=field,
            code="unknown_language",
        )
    return asked


def interface_language(language: str) -> str:
    """The language of pages and labels that is nearest to `language`."""
    return next(near for near in fallback_chain(language) if near in INTERFACE_LANGUAGES)


@contextmanager
def labels_in(language: str) -> Iterator[None]:
    """Labels of fields and kinds in the interface language nearest to `language`."""
    with override(interface_language(language)):
        yield
