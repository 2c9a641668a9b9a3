"""The audit trail: every step that an operator took, with who took it and why."""

import logging

from federation.models import Action

logger = logging.getLogger(__name__)


def action_record(*, by: str, verb: str, origin: str, detail: str = "", reason: str = "") -> None:
    """In the transaction of the step itself, so that the one is not without the other."""
    logger.warning("%s: %s %s %s", by, verb, origin, detail)
    text = " · ".join(filter(None, (detail, reason)))
    Action.objects.create(by=by[:200], verb=verb, origin=origin[:253], detail=text[:500])
