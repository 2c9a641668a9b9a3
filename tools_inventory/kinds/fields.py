"""Fields that tools, programmes and opportunities share, so that they line up in search and comparison."""

from django.utils.translation import gettext_lazy as _

from core.records.definition import (
    AgeRange,
    Code,
    Codes,
    Contact,
    Count,
    Field,
    Items,
    Link,
    Links,
    Location,
    PartialDate,
    Reference,
    References,
    ShortText,
    Strings,
    Texts,
)

TITLE = Field("title", Texts(max_length=300), _("Title"), required=True, search_weight=4)
SUMMARY = Field(
    "summary",
    Texts(lines=3, max_length=2000),
    _("Summary"),
    help=_("Two or three sentences: who does what, with whom, and what comes of it."),
    required=True,
    search_weight=2,
)
DESCRIPTION = Field("description", Texts(lines=8), _("Description"), search_weight=1)
ACTIVITY = Field("activity", Code("activities"), _("Activity"), required=True, facet="activity", search_weight=1)

STAGES = Field(
    "stages",
    Codes("school_stages"),
    _("School stages"),
    help=_("Readers who think in another school system find it too: stages are matched by level and age."),
    group="for_whom",
    facet="stage",
    search_weight=0.5,
)
AUDIENCES = Field(
    "audiences", Codes("audiences"), _("Audiences"), group="for_whom", facet="audience", search_weight=0.5
)
TARGET_GROUPS = Field("target_groups", Strings(), _("Target groups, as stated"), group="for_whom", search_weight=0.5)
AGES = Field("ages", AgeRange(), _("Ages"), group="for_whom", facet="age")
SECTORS = Field("sectors", Codes("sectors"), _("Sectors"), facet="sector", search_weight=0.5)
THEMES = Field("themes", Codes("themes"), _("Themes"), facet="theme", search_weight=0.5)
LANGUAGES_OFFERED = Field("languages_offered", Codes("languages"), _("Languages spoken there"), group="for_whom")

REGION = Field("region", Code("regions"), _("Region"), group="when_where", facet="region", search_weight=1)
LOCATION = Field("location", Location(), _("Place"), group="when_where", facet="country", search_weight=1)
SCOPE = Field(
    "scope",
    Texts(),
    _("Scope"),
    help=_("Where it runs, if that is wider than this region: national, Flanders, three municipalities …"),
    group="when_where",
    search_weight=0.5,
)
PERIOD = Field("period", Texts(), _("Period"), group="when_where")
RECURRENCE = Field("recurrence", Texts(), _("How often"), group="when_where")

ORGANISER = Field("organiser", Reference(), _("Organiser"), group="with_whom", search_weight=1)
PARTNERS = Field("partners", References(), _("Partners"), group="with_whom", search_weight=0.5)
HOSTS = Field("hosts", References(), _("Hosts"), group="with_whom", search_weight=0.5)

DURATION = Field("duration", Texts(), _("Duration"), group="effort")
CAPACITY = Field("capacity", Texts(), _("Capacity"), group="effort")
COST = Field("cost", Texts(), _("Cost"), group="effort")

OUTCOME = Field("outcome", Texts(lines=3), _("Outcome"), group="evidence", search_weight=0.5)
STATUS = Field("status", Texts(), _("Status"), group="evidence")
POLICY_STAGE = Field("policy_stage", Code("policy_stages"), _("Policy stage"), group="evidence", facet="policy_stage")

URL = Field("url", Link(), _("Web page"), group="terms")
SOURCE_DATE = Field("source_date", PartialDate(), _("State of the source"), group="terms")
SAME_AS = Field(
    "same_as",
    Links(),
    _("The same as"),
    help=_("Addresses of records elsewhere that describe the same thing."),
    group="terms",
    compared=False,
)
CONTACT = Field(
    "contact",
    Contact(),
    _("Contact"),
    help=_("A role and a web address. Never a person's name, e-mail address or telephone number."),
    group="with_whom",
)

PHASES = Field(
    "phases",
    Items(
        (
            Field("title", Texts(max_length=400), _("Step"), required=True),
            Field("description", Texts(lines=3), _("Description")),
        )
    ),
    _("Phases"),
    help=_("The steps that participants go through, in order."),
    group="what",
    search_weight=0.5,
)
EDITIONS = Field(
    "editions",
    Items(
        (
            Field("label", ShortText(), _("School year"), required=True),
            Field("starts", PartialDate(), _("Starts")),
            Field("ends", PartialDate(), _("Ends")),
            Field("places", Count(), _("Places")),
            Field("reached", Count(), _("Reached")),
        )
    ),
    _("Editions"),
    group="when_where",
)
STARTS = Field("starts", PartialDate(), _("Starts"), group="when_where")
ENDS = Field("ends", PartialDate(), _("Ends"), group="when_where")
PLACES = Field("places", Count(), _("Places"), group="effort")
DIRECTION = Field("direction", Code("offer_directions"), _("Offer or request"), required=True, facet="direction")
ORGANISATION_KIND = Field(
    "organisation_kind", Code("organisation_kinds"), _("Kind of organisation"), required=True, search_weight=0.5
)
