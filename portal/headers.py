"""Security headers of every answer."""

from collections.abc import Iterable
from typing import Any

from flask import Flask, current_app, request

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The same on every answer; no page sets one of these itself.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Of what may be opened as a page; on a script they would be weight alone.
OF_PAGES = {"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin"}
NO_PAGES = ("text/javascript", "application/manifest+json")
NOTHING_OF_THE_PHONE = "camera=(), microphone=(), geolocation=(), payment=()"
# Of the one page that reads codes with the camera.
ONLY_THE_CAMERA = NOTHING_OF_THE_PHONE.replace("camera=()", "camera=(self)")
# What a page may say otherwise of itself.
UNLESS_SAID = (
    ("Content-Security-Policy", POLICY),
    ("Permissions-Policy", NOTHING_OF_THE_PHONE),
    # Counters' computers are shared: no page of staff stays behind in a browser.
    ("Cache-Control", "no-store"),
)
HALF_YEAR = 15_552_000


def init_app(app: Flask, *, production: bool) -> None:
    """Add them to every answer on its way out: nothing later can leave one off."""
    always = list(HEADERS.items())
    of_pages = list(OF_PAGES.items())
    if production:
        always.append(("Strict-Transport-Security", f"max-age={HALF_YEAR}; includeSubDomains"))
    inner = app.wsgi_app

    def with_headers(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            given = {name.lower(): value for name, value in headers}
            own = [pair for pair in UNLESS_SAID if pair[0].lower() not in given]
            if given.get("content-type", "").startswith(NO_PAGES):
                own = [pair for pair in own if pair[0] != "Permissions-Policy"]
            else:
                own += of_pages
            return start_response(status, headers + own + always, *error)

        return inner(environ, start)

    app.wsgi_app = with_headers  # type: ignore[method-assign]


def secure_cookies() -> bool:
    """Whether the cookies of this answer are for https alone: always in production, also where no
    proxy tells us that the reader came by https."""
    return bool(current_app.config["SESSION_COOKIE_SECURE"] or request.is_secure)
