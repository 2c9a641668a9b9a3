"""An organisation: city, school, employer, NGO, network, public agency, education centre."""

from django.utils.translation import gettext_lazy as _

from core.records.definition import Kind
from tools_inventory.kinds import fields as f

ORGANISATION = Kind(
    name="organisation",
    label=_("Organisation"),
    label_plural=_("Organisations"),
    searched=False,
    fields=(f.TITLE, f.ORGANISATION_KIND, f.SECTORS, f.REGION, f.LOCATION, f.CONTACT, f.URL, f.SAME_AS),
)
