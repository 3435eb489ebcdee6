"""Sign-in by Flask-Security: argon2id passwords, recovery by mail, everything else ours."""

from typing import Any

from flask import Flask, render_template, request
from flask_security import (
    ChangePasswordForm,
    ForgotPasswordForm,
    LoginForm,
    MailUtil,
    ResetPasswordForm,
    RoleMixin,
    Security,
    SQLAlchemyUserDatastore,
    password_changed,
    password_reset,
    reset_password_instructions_sent,
    user_authenticated,
    user_failed_authn,
)

from portal import clock, limits
from portal.config import Settings
from portal.db import begin_write, db
from portal.i18n import Catalogues, force_locale, number
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.people.actions import note_act, note_failed_sign_in, note_recovery, queue_mail
from portal.people.models import Account

# In characters: the hash of a password fails on more than 4,096 bytes.
LONGEST_ENTRY = 1000


class _NoRole(RoleMixin):
    """Roles with office scopes are role_grant rows; the library's own roles stay unused."""


class _NotTooLong:
    """A form of the library that looks at nothing too long for it, and says so."""

    form_errors: list[str]

    def validate(self, **kwargs: Any) -> bool:
        if any(len(value) > LONGEST_ENTRY for value in request.form.values()):
            most = number(LONGEST_ENTRY, 0)
            self.form_errors.append(
                _("Isian paling panjang %(most)s huruf. Pendekkan, lalu coba lagi.", most=most)
            )
            return False
        valid: bool = super().validate(**kwargs)  # type: ignore[misc]
        return valid


class _LoginForm(_NotTooLong, LoginForm):
    pass


class _ForgotPasswordForm(_NotTooLong, ForgotPasswordForm):
    pass


class _ResetPasswordForm(_NotTooLong, ResetPasswordForm):
    pass


class _ChangePasswordForm(_NotTooLong, ChangePasswordForm):
    pass


class _OutboxMail(MailUtil):
    """Mail of the sign-in pages goes through the same outbox as all other mail."""

    def send_mail(  # noqa: PLR0917  the library's signature
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],
        body: str | None,
        html: str | None,
        **context: Any,
    ) -> None:
        account: Account = context["user"]
        # The library wrote in the language of whoever asked; the mail is for the account's owner.
        with force_locale(account.language):
            text = render_template(f"{template}.txt", **context)
            queue_mail(account, str(subject), text, clock.now())


def init_app(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SALT=settings.signing_keys[-1],
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_LENGTH_MIN=10,
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_LOGOUT_CSRF=True,
        SECURITY_RECOVERABLE=True,
        SECURITY_RESET_URL="/recover",
        SECURITY_CHANGEABLE=True,
        SECURITY_CHANGE_URL="/password",
        SECURITY_POST_LOGIN_VIEW="/start",
        SECURITY_POST_LOGOUT_VIEW="/sign-in",
        SECURITY_POST_RESET_VIEW="/sign-in",
        SECURITY_POST_CHANGE_VIEW="/home",
        SECURITY_RETURN_GENERIC_RESPONSES=True,  # never tells whether an account exists
        SECURITY_EMAIL_HTML=False,
        SECURITY_EMAIL_SENDER=settings.mail_sender,
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        SECURITY_EMAIL_SUBJECT_PASSWORD_RESET=_l("Mengganti kata sandi Suara Loket"),
        SECURITY_EMAIL_SUBJECT_PASSWORD_NOTICE=_l("Kata sandi Anda sudah diganti"),
        SECURITY_EMAIL_SUBJECT_PASSWORD_CHANGE_NOTICE=_l("Kata sandi Anda sudah diganti"),
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SECURE=settings.production,
    )
    security = Security(
        app,
        SQLAlchemyUserDatastore(db, Account, _NoRole),
        mail_util_cls=_OutboxMail,
        login_form=_LoginForm,
        forgot_password_form=_ForgotPasswordForm,
        reset_password_form=_ResetPasswordForm,
        change_password_form=_ChangePasswordForm,
    )
    # The library would look for a token in addresses and bodies; ours are signed in by session.
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    security.i18n_domain = Catalogues()
    app.jinja_env.globals["_fsdomain"] = security.i18n_domain.gettext
    app.before_request(_begin_in_time)
    limits.limit_sign_in(app)
    user_authenticated.connect(_note_sign_in, app)
    user_failed_authn.connect(_note_failure, app)
    reset_password_instructions_sent.connect(_keep_recovery, app)
    password_reset.connect(_note_new_password, app)
    password_changed.connect(_note_new_password, app)


def _begin_in_time() -> None:
    """The library reads and then writes: its transaction must be a writing one from the start."""
    if request.method == "POST" and request.blueprint == "security":
        begin_write()


def _note_sign_in(app: Flask, user: Account, **details: Any) -> None:
    note_act(user, "sign_in", clock.now())


def _note_failure(app: Flask, user: Account, **details: Any) -> None:
    note_failed_sign_in(user, clock.now())


def _keep_recovery(app: Flask, user: Account, **details: Any) -> None:
    """The library's recovery page commits nothing by itself."""
    note_recovery(user, clock.now())


def _note_new_password(app: Flask, user: Account, **details: Any) -> None:
    note_act(user, "new_password", clock.now())
