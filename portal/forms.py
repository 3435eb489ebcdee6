"""The base of every form: messages of the form library in the reader's language."""

from flask_wtf import FlaskForm

from portal.i18n import gettext, ngettext


class _Messages:
    """What WTForms asks for its own messages; it ships none in our languages."""

    def gettext(self, string: str) -> str:
        return str(gettext(string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(ngettext(singular, plural, n))


class Form(FlaskForm):  # type: ignore[misc]
    """A form with CSRF protection and translated messages."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def get_translations(self, form: FlaskForm) -> _Messages:
            return _Messages()
