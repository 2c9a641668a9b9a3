"""Checking which parameters a request carries: a misspelt filter must not silently match everything."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from core.errors import InvalidInput

# More than any honest request; each value of a filter costs the search something.
MAX_VALUES = 50
MAX_LENGTH = 500


def parameters_check(request: Request, known: Collection[str]) -> None:
    """Raises InvalidInput `unknown_parameter` or `too_many_values`."""
    for name, values in request.query_params.lists():
        if name not in known:
            raise InvalidInput(
                _("There is no parameter “%(name)s” here.") % {"name": name[:40]},
                remedy=_("Parameters of this address: %(names)s.") % {"names": ", ".join(sorted(known))},
                field=name[:40],
                code="unknown_parameter",
            )
        if len(values) > MAX_VALUES or any(len(value) > MAX_LENGTH for value in values):
            raise InvalidInput(
                _("The parameter “%(name)s” is given too often or is too long.") % {"name": name},
                field=name,
                code="too_many_values",
            )


def flag_read(request: Request, name: str) -> bool:
    """`true` or `false`; false when absent. Raises InvalidInput `bad_flag`."""
    value = request.query_params.get(name, "false")
    if value not in ("true", "false"):
        raise InvalidInput(_("Write true or false."), field=name, code="bad_flag")
    return value == "true"
