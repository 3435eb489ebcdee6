"""Rate limits for sign-in and the like. They slow down guessing; no rating depends on them."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter

from portal.config import Settings

# An address is never kept: only its hash under a key that lives as long as the process.
_KEY = secrets.token_bytes(32)


def _address_hash() -> str:
    address = (request.remote_addr or "").encode()
    return hmac.new(_KEY, address, hashlib.sha256).hexdigest()[:24]


limiter = Limiter(key_func=_address_hash, headers_enabled=False)

SIGN_IN = "20 per minute; 200 per hour"


def init_app(app: Flask, settings: Settings) -> None:
    app.config["RATELIMIT_STORAGE_URI"] = (
        settings.redis_url.get_secret_value() if settings.redis_url else "memory://"
    )
    limiter.init_app(app)


def limit_sign_in(app: Flask) -> None:
    """Put the limit on the pages of the sign-in library, once they are there."""
    for endpoint in ("security.login", "security.forgot_password", "security.reset_password"):
        view: Callable[..., Any] = app.view_functions[endpoint]
        app.view_functions[endpoint] = limiter.limit(SIGN_IN, methods=["POST"])(view)
