"""What the citizen's path leaves out: hooks of libraries that only staff pages need.

Loading session and account and looking for rate limits would cost a third of a visit, for
answers that the citizen's pages never use.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

STAFF_ONLY = ("flask_login", "flask_principal", "flask_limiter", "flask_wtf")
CITIZENS = {"ratings", "display", "transparency"}


class Sessions(SecureCookieSessionInterface):
    """Sessions in signed cookies; a request without the cookie has an empty one at no cost."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """A citizen's page is the same with any session it did not change: no `Vary: Cookie`."""
        if session.modified or request.blueprint not in CITIZENS:
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    """Last of all: wraps what the libraries have hooked in before."""
    app.session_interface = Sessions()
    # No view or hook here is asynchronous; Flask would look at each of them in every request.
    app.ensure_sync = lambda function: function  # type: ignore[assignment, method-assign]
    for hooks in (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs):
        listed: list[Callable[..., Any]] = hooks.get(None, [])
        listed[:] = [_for_staff(hook) if _is_for_staff(hook) else hook for hook in listed]


def _is_for_staff(hook: Callable[..., Any]) -> bool:
    function = getattr(hook, "func", hook)  # a `partial` has no module of its own
    return function.__module__.partition(".")[0] in STAFF_ONLY


def _for_staff(hook: Callable[..., Any]) -> Callable[..., Any]:
    def unless_citizen(*response: Any) -> Any:
        if request.blueprint in CITIZENS:
            return response[0] if response else None
        return hook(*response)

    unless_citizen.__wrapped__ = hook  # type: ignore[attr-defined]
    return unless_citizen
