"""How `frequent/*.txt` were made; run by hand, by whoever wants other words or another language:

    pip install wordfreq==3.1.1 simplemma==2.0.0
    python core/search/data/derive_frequent_words.py nl de da sv nb fi hu

Provenance and licence of the result are in `README.md` beside this file.
"""

import math
import sys
from collections import defaultdict
from pathlib import Path

import wordfreq  # needed here only
from simplemma.strategies.dictionaries import DefaultDictionaryFactory

FREQUENT = Path(__file__).parent / "frequent"

# Zipf value: once in a million words.
LEAST = 3.0
LINE = 118


def lemmas_by_frequency(language: str) -> dict[float, list[str]]:
    """Every form's share of a text counts for its lemma; names and words that the dictionary lacks are left out."""
    dictionary = _dictionary(language)
    shares: dict[str, float] = defaultdict(float)
    for word, share in wordfreq.get_frequency_dict(language, "best").items():
        # German nouns and verbs of one spelling share their forms: both count.
        written = {word.capitalize(), word} if language == "de" else {word}
        for lemma in {dictionary[form] for form in written if word.isalpha() and form in dictionary}:
            if len(word) > 1 and len(lemma) > 1 and lemma.isalpha():
                shares[lemma] += share
    levels: dict[float, list[str]] = defaultdict(list)
    for lemma, share in shares.items():
        if (zipf := math.log10(share) + 9) >= LEAST:
            levels[round(zipf, 1)].append(lemma)
    return levels


def _dictionary(language: str) -> dict[str, str]:
    """wordfreq writes "strasse", the dictionary "Straße"."""
    found: dict[str, str] = {}
    for form, lemma in DefaultDictionaryFactory().get_dictionary(language).items():
        key = form[0] + form[1:].casefold() if language == "de" else form
        if key not in found or "ß" in lemma:
            found[key] = lemma
    return found


def lines(levels: dict[float, list[str]]) -> list[str]:
    """Commonest first, "4.5 haven markt …", so that a change can be read."""
    found = []
    for zipf in sorted(levels, reverse=True):
        line = f"{zipf:.1f}"
        for word in sorted(levels[zipf]):
            if len(line) + len(word) > LINE:
                found.append(line)
                line = f"{zipf:.1f}"
            line += f" {word}"
        found.append(line)
    return found


if __name__ == "__main__":
    for _language in sys.argv[1:]:
        _text = "\n".join(lines(lemmas_by_frequency(_language))) + "\n"
        (FREQUENT / f"{_language}.txt").write_text(_text, encoding="utf-8")
