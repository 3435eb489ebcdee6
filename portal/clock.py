"""The portal's clock: real time, moved by PORTAL_CLOCK_OFFSET in trials."""

from datetime import UTC, datetime, timedelta

from flask import current_app


def now() -> datetime:
    """The moment as the portal sees it, in UTC."""
    return real_now() + timedelta(seconds=current_app.config["CLOCK_OFFSET"])


def real_now() -> datetime:
    """The moment as the machine sees it: for what processes agree on between themselves."""
    return datetime.now(UTC)
