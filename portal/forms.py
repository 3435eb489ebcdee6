"""The base of every form: its messages in the reader's language, its refusal in the status."""

from typing import Any

from flask import Flask, Response, g, request
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import Field, SelectChoice
from wtforms.widgets import Select

from portal.i18n import catalogue


class _Messages:
    """What WTForms asks for its own messages; it ships none in our languages.

    It fills in numbers itself afterwards, so they must still stand in the text as placeholders.
    """

    def gettext(self, string: str) -> str:
        return str(catalogue().ugettext(string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(catalogue().ungettext(singular, plural, n))


class _LongSelect(Select):  # type: ignore[misc]
    """WTForms' own select, in a fifth of the time: a list of offices has a thousand entries."""

    @classmethod
    def render_option(cls, choice: SelectChoice, **attributes: Any) -> str:
        if choice.render_kw or attributes:
            return str(super().render_option(choice, **attributes))
        chosen = "selected " if choice.selected else ""
        label = escape(choice.label or choice.value)
        return f'<option {chosen}value="{escape(choice.value)}">{label}</option>'


class Form(FlaskForm):  # type: ignore[misc]
    """A form with CSRF protection and translated messages.

    One sent with errors is answered with 422, whoever found them: validators, or the view by what
    the database said.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        g.setdefault("forms", []).append(self)

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def get_translations(self, form: FlaskForm) -> _Messages:
            return _Messages()

        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Markup:
            if type(field.widget) is Select:
                field.widget = _LongSelect()
            return Markup(super().render_field(field, render_kw))  # noqa: S704  is one


def init_app(app: Flask) -> None:
    app.after_request(_refused)


def _refused(response: Response) -> Response:
    sent = request.method == "POST" and response.status_code == 200
    if sent and any(form.errors for form in g.get("forms", ())):
        response.status_code = 422
    return response
