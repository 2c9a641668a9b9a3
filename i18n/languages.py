"""Languages: which the interface speaks, what they are called, which way they run, and which one helps out for which.

Names come from CLDR, by Babel. CLDR lacks some codes: an unknown code is its own name.
"""

from functools import cache

from babel import Locale, UnknownLocaleError

INTERFACE_LANGUAGES = ("nl", "fr", "de", "en")

# For readers of the first, the second is nearer than English. Only where most can read it.
NEAR_LANGUAGES = {
    "af": ("nl",),
    "br": ("fr",),
    "ca": ("es",),
    "co": ("fr",),
    "cs": ("sk",),
    "da": ("nb", "sv"),
    "eu": ("es",),
    "fy": ("nl",),
    "gl": ("es", "pt"),
    "gsw": ("de",),
    "lb": ("de", "fr"),
    "li": ("nl",),
    "nb": ("nn", "da", "sv"),
    "nds": ("de",),
    "nn": ("nb", "da", "sv"),
    "no": ("nb", "nn", "da", "sv"),
    "oc": ("fr",),
    "sk": ("cs",),
    "sv": ("nb", "da"),
    "vls": ("nl",),
}

# Languages and scripts, by CLDR; asking it loads a megabyte for each language that a record is in.
# fmt: off
RIGHT_TO_LEFT = frozenset([
    "apc", "ar", "bal", "bgn", "ckb", "dv", "fa", "he", "ks", "lrc", "mzn", "nqo", "ps", "rhg", "sd", "sdh", "skr",
    "syr", "trw", "ug", "ur", "yi", "Adlm", "Arab", "Hebr", "Nkoo", "Rohg",
])
# fmt: on


@cache
def locale(language: str) -> Locale:
    """CLDR's data for a language tag, by its nearest known relative; English for an unknown one."""
    for candidate in _shortened(language):
        try:
            return Locale.parse(candidate, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


@cache
def fallback_chain(language: str) -> tuple[str, ...]:
    """In which order to look for a text: the language, less its region, its near ones, English, the interface's others.

    "nl-BE" -> ("nl-BE", "nl", "en", "fr", "de")
    """
    own = _shortened(language)
    return tuple(dict.fromkeys((*own, *NEAR_LANGUAGES.get(own[-1], ()), "en", *INTERFACE_LANGUAGES)))


def language_name(code: str, in_language: str) -> str:
    """What a language is called in another (or the same) one: ("de", "nl") -> "Duits"."""
    return language_names(in_language).get(code, code)


def own_name(code: str) -> str:
    """What a language calls itself: "de" -> "Deutsch"."""
    return language_name(code, code) if is_known(code) else code


def language_names(in_language: str) -> dict[str, str]:
    """Names by code: two and three letter languages and the regional ones that CLDR names."""
    return _language_names(str(locale(in_language)))


def country_name(code: str, in_language: str) -> str:
    """("GR", "nl") -> "Griekenland"."""
    return country_names(in_language).get(code, code)


def country_names(in_language: str) -> dict[str, str]:
    """Names by two-letter ISO 3166-1 code; CLDR's groupings and pseudo-territories are left out."""
    return _country_names(str(locale(in_language)))


def is_known(code: str) -> bool:
    """Whether CLDR names the language."""
    return code in language_names("en")


def text_direction(language: str) -> str:
    """ "rtl" or "ltr", as HTML's dir attribute wants it."""
    parts = language.replace("_", "-").split("-")
    script = next((part.title() for part in parts[1:] if len(part) == 4 and part.isalpha()), "")
    return "rtl" if script in RIGHT_TO_LEFT or (not script and parts[0].lower() in RIGHT_TO_LEFT) else "ltr"


def _shortened(language: str) -> tuple[str, ...]:
    """ "zh-Hant-TW" -> ("zh-Hant-TW", "zh-Hant", "zh")."""
    parts = language.replace("_", "-").split("-")
    return tuple("-".join(parts[:length]) for length in range(len(parts), 0, -1))


# Territories that CLDR lists beside countries.
NOT_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "IC", "TA", "EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


@cache
def _language_names(name: str) -> dict[str, str]:
    languages = Locale.parse(name).languages
    return {
        code.replace("_", "-"): label for code, label in languages.items() if code not in ("root", "und", "zxx", "mul")
    }


@cache
def _country_names(name: str) -> dict[str, str]:
    territories = Locale.parse(name).territories
    return {code: label for code, label in territories.items() if len(code) == 2 and code not in NOT_COUNTRIES}
