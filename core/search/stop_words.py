"""Words too common to tell records apart, per language, from `data/stop_words.yaml`."""

from pathlib import Path

import yaml

from i18n.vocabularies.vocabulary import fold

_FILE = Path(__file__).parent / "data" / "stop_words.yaml"

# As they are written, in lower case.
WRITTEN_STOP_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split()) for language, words in yaml.safe_load(_FILE.read_text(encoding="utf-8")).items()
}

STOP_WORDS = {
    language: frozenset(fold(word).replace(" ", "") for word in words) for language, words in WRITTEN_STOP_WORDS.items()
}
