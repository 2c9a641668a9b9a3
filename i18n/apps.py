from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from i18n.vocabularies.loading import VocabularyError
from i18n.vocabularies.vocabulary import vocabulary


class I18nConfig(AppConfig):
    name = "i18n"
    label = "i18n"

    def ready(self) -> None:
        """A glossary of the node's own is checked before anybody searches with it."""
        if not settings.GLOSSARY_FILE:
            return
        try:
            vocabulary("glossary")
        except (VocabularyError, OSError) as error:
            raise ImproperlyConfigured(f"GLOSSARY_FILE cannot be used: {error}") from error
