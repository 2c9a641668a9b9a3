"""An opportunity: an offer or a request between employers and education."""

from django.utils.translation import gettext_lazy as _

from core.records.definition import Kind
from tools_inventory.kinds import fields as f

OPPORTUNITY = Kind(
    name="opportunity",
    label=_("Opportunity"),
    label_plural=_("Opportunities"),
    fields=(
        f.TITLE,
        f.SUMMARY,
        f.DESCRIPTION,
        f.DIRECTION,
        f.ACTIVITY,
        f.SECTORS,
        f.STAGES,
        f.AUDIENCES,
        f.AGES,
        f.LANGUAGES_OFFERED,
        f.REGION,
        f.LOCATION,
        f.STARTS,
        f.ENDS,
        f.ORGANISER,
        f.CONTACT,
        f.PLACES,
        f.DURATION,
        f.COST,
        f.URL,
    ),
)
