"""Forms that anybody may send without an account, on pages that set no cookie: how often, and from where.

Such a form acts in nobody's name, so there is nothing that a forged request could abuse but the sender's own address:
that it came from a page of this node is checked by its Origin, without a cookie.
"""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from rest_framework.throttling import BaseThrottle

from core.buckets import bucket_take
from core.errors import NotPermitted, TooManyRequests

SENT_AN_HOUR = 10


def form_of_a_stranger(request: HttpRequest, form: str) -> None:
    """Raises TooManyRequests `too_many_forms`, NotPermitted `foreign_form`."""
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).netloc != request.get_host():
        raise NotPermitted(
            _("This form was sent from another site."), remedy=_("Open it on this site."), code="foreign_form"
        )
    # The network address is known to the cache by a keyed hash only, and forgotten in an hour.
    address = BaseThrottle().get_ident(request)  # type: ignore[arg-type]  # it reads META alone
    sender = salted_hmac(f"form.{form}", address or "").hexdigest()
    if bucket_take(f"form:{sender}", per_second=SENT_AN_HOUR / 3600, burst=SENT_AN_HOUR):
        raise TooManyRequests(
            _("This form was sent too often from your network."),
            remedy=_("Wait an hour, then try again."),
            code="too_many_forms",
        )
