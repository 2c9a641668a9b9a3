"""When what runs."""

import pytest

from deploy.settings.background import schedule


@pytest.mark.parametrize(("interval", "look"), [(60.0, 10.0), (20.0, 10.0), (2.0, 1.0)])
def test_peers_that_are_due_are_looked_for_oftener_than_they_fall_due(interval: float, look: float) -> None:
    """Else one that falls due just after a look waits for twice its interval."""
    assert schedule(interval, 0.0)["pull peers"]["schedule"] == look
