"""Rate limits for sign-in and the like. They slow down guessing; no rating depends on them."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, request
from flask_limiter import Limiter, RateLimitExceeded

from portal import clock
from portal.config import Settings

# A hall of colleagues shares one address, so the address alone is limited loosely, and each
# account tried from it strictly.
FROM_ONE_ADDRESS = "120 per minute; 1000 per hour"
FOR_ONE_ACCOUNT = "10 per minute; 60 per hour"
PATIENCE = 1  # seconds with a store that does not answer


def _hash(*parts: str) -> str:
    """What a limit counts by: never an address or account itself, and another hash every day."""
    today = clock.real_now().date().isoformat()
    key = f"{current_app.config['SECRET_KEY']} {today}".encode()
    return hmac.new(key, "\n".join(parts).encode(), hashlib.sha256).hexdigest()[:24]


def _address() -> str:
    return _hash(request.remote_addr or "")


def _account() -> str:
    return _hash(request.remote_addr or "", request.form.get("email", "").strip().lower())


limiter = Limiter(key_func=_address, headers_enabled=False)


def init_app(app: Flask, settings: Settings) -> None:
    """Every limit counts in one store: of this process, or that of PORTAL_REDIS_URL for all.

    Never in the database: who tries to report a levy leaves no trace there, not even a hash. A
    store that is away closes no page: until it is back each process counts alone.
    """
    app.config["RATELIMIT_STORAGE_URI"] = "memory://"
    if settings.redis_url:
        app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url.get_secret_value()
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {
            "socket_connect_timeout": PATIENCE,
            "socket_timeout": PATIENCE,
        }
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    limiter.init_app(app)


def too_many(rate: str, *, of: str | None = None) -> bool:
    """Count this attempt, of an account or device if it is named, else of the address; whether it
    is one too many.

    For pages that then say so themselves and keep what was filled in.
    """
    try:
        with limiter.limit(rate, key_func=_address if of is None else lambda: _hash(of)):
            return False
    except RateLimitExceeded:
        return True


def limit_sign_in(app: Flask) -> None:
    """Put the limit on the pages of the sign-in library, once they are there."""
    for endpoint in ("security.login", "security.forgot_password", "security.reset_password"):
        view: Callable[..., Any] = app.view_functions[endpoint]
        view = limiter.limit(FOR_ONE_ACCOUNT, key_func=_account, methods=["POST"])(view)
        app.view_functions[endpoint] = limiter.limit(FROM_ONE_ADDRESS, methods=["POST"])(view)
