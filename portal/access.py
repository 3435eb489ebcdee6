"""Who may see which page: closed unless marked @public, else by role; another's object is a 404."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed in"

ROLES = (
    "employee",
    "coordinator",
    "supervisor",
    "appeals_officer",
    "clerk",
    "moderator",
    "inspector",
    "hr",
    "auditor",
    "data_protection_officer",
    "administrator",
)

# Pages of libraries, which cannot carry our mark. A rule test holds this list.
LIBRARY_ENDPOINTS = {
    "static": PUBLIC,
    "security.login": PUBLIC,
    "security.forgot_password": PUBLIC,
    "security.reset_password": PUBLIC,
    "security.logout": SIGNED_IN,
    "security.change_password": SIGNED_IN,
}


def public(view: View) -> View:
    """Anyone may open this page."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Anyone with an account may open this page."""
    view.access = SIGNED_IN  # type: ignore[attr-defined]
    return view


def role(*names: str) -> Callable[[View], View]:
    """Whoever holds one of these roles, in whatever office, may open this page."""
    unknown = set(names) - set(ROLES)
    if unknown:
        raise ValueError(f"no such role: {unknown}")

    def mark(view: View) -> View:
        view.access = names  # type: ignore[attr-defined]
        return view

    return mark


def access_of(app: Flask, endpoint: str) -> str | tuple[str, ...] | None:
    """What a page is marked with; None for a page that was forgotten, which stays closed."""
    if endpoint in LIBRARY_ENDPOINTS:
        return LIBRARY_ENDPOINTS[endpoint]
    view = app.view_functions[endpoint]
    found: str | tuple[str, ...] | None = getattr(view, "access", None)
    return found


def init_app(app: Flask) -> None:
    app.before_request(_guard)


def _guard() -> Response | None:
    if request.endpoint is None:  # no such page: the error page follows
        return None
    access = access_of(current_app, request.endpoint)
    if access == PUBLIC:
        return None
    if not current_user.is_authenticated:
        if request.path.startswith("/api/"):
            abort(401)
        here = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("security.login", next=here))
    if access == SIGNED_IN:
        return None
    if access is None or not current_user.role_names & set(access):
        abort(403)
    return None
