"""Security headers of every answer."""

from flask import Flask, Response, request

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The same on every answer; no page sets one of these itself.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NOTHING_OF_THE_PHONE = "camera=(), microphone=(), geolocation=(), payment=()"
# Of the one page that reads codes with the camera.
ONLY_THE_CAMERA = NOTHING_OF_THE_PHONE.replace("camera=()", "camera=(self)")
HALF_YEAR = 15_552_000


def init_app(app: Flask, *, production: bool) -> None:
    headers = dict(HEADERS)
    if production:
        headers["Strict-Transport-Security"] = f"max-age={HALF_YEAR}; includeSubDomains"

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", NOTHING_OF_THE_PHONE)
        response.headers.extend(headers)
        # Counters' computers are shared: no page of staff stays behind in a browser.
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response
