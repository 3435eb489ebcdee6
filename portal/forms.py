"""The base of every form: messages of the form library in the reader's language."""

from flask_wtf import FlaskForm

from portal.i18n import catalogue


class _Messages:
    """What WTForms asks for its own messages; it ships none in our languages.

    It fills in numbers itself afterwards, so they must still stand in the text as placeholders.
    """

    def gettext(self, string: str) -> str:
        return str(catalogue().ugettext(string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(catalogue().ungettext(singular, plural, n))


class Form(FlaskForm):  # type: ignore[misc]
    """A form with CSRF protection and translated messages."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def get_translations(self, form: FlaskForm) -> _Messages:
            return _Messages()
