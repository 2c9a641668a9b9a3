"""The kind `node`: a node's description of itself, a record in its own log."""

from django.utils.translation import gettext_lazy as _

from core.records.definition import Codes, Field, Kind, Link, ShortText, Strings, Texts

NODE = Kind(
    name="node",
    label=_("Node"),
    label_plural=_("Nodes"),
    searched=False,
    edited=False,
    fields=(
        Field("title", Texts(), _("Name"), required=True, search_weight=3),
        Field("languages", Codes("languages"), _("Languages"), required=True),
        Field("area", Codes("regions"), _("Area served"), group="when_where", facet="region"),
        Field("url", Link(), _("Web address"), required=True, group="terms"),
        Field("endpoints", Strings(), _("Endpoints"), group="terms", compared=False),
        # A retired node's: who goes on, as a verifier key or a web address.
        Field("successor", ShortText(), _("Successor"), group="terms", compared=False),
        Field("verifier_keys", Strings(), _("Verifier keys"), group="terms", compared=False),
    ),
)
