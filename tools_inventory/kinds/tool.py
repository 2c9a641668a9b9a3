"""A tool: an orientation instrument that others could reuse."""

from django.utils.translation import gettext_lazy as _

from core.records.definition import Kind
from tools_inventory.kinds import fields as f

TOOL = Kind(
    name="tool",
    label=_("Tool"),
    label_plural=_("Tools"),
    fields=(
        f.TITLE,
        f.SUMMARY,
        f.DESCRIPTION,
        f.ACTIVITY,
        f.SECTORS,
        f.THEMES,
        f.STAGES,
        f.AUDIENCES,
        f.TARGET_GROUPS,
        f.AGES,
        f.LANGUAGES_OFFERED,
        f.REGION,
        f.LOCATION,
        f.SCOPE,
        f.PERIOD,
        f.RECURRENCE,
        f.ORGANISER,
        f.PARTNERS,
        f.CONTACT,
        f.DURATION,
        f.CAPACITY,
        f.COST,
        f.OUTCOME,
        f.STATUS,
        f.POLICY_STAGE,
        f.URL,
        f.SOURCE_DATE,
        f.SAME_AS,
    ),
)
