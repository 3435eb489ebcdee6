"""What libraries say on our pages: a list for the extraction of texts, never imported.

WTForms, Flask-WTF and Flask-Security ship no Indonesian. A message that is missing here fails
tests/rules/test_translations.py, so a new version of a library cannot bring English in again.
"""


def _(text: str) -> str:
    return text


def _n(singular: str, plural: str) -> tuple[str, str]:
    return singular, plural


WTFORMS = (
    _n(
        "'%(value)s' is not a valid choice for this field.",
        "'%(value)s' are not valid choices for this field.",
    ),
    _n(
        "Field cannot be longer than %(max)d character.",
        "Field cannot be longer than %(max)d characters.",
    ),
    _n(
        "Field must be at least %(min)d character long.",
        "Field must be at least %(min)d characters long.",
    ),
    _n(
        "Field must be exactly %(max)d character long.",
        "Field must be exactly %(max)d characters long.",
    ),
    _("Choices cannot be None."),
    _("Date must be at least %(min)s."),
    _("Date must be at most %(max)s."),
    _("Date must be between %(min)s and %(max)s."),
    _("Field must be between %(min)d and %(max)d characters long."),
    _("Field must be equal to %(other_name)s."),
    _("Invalid CSRF Token."),
    _("Invalid Choice: could not coerce."),
    _("Invalid IP address."),
    _("Invalid Mac address."),
    _("Invalid URL."),
    _("Invalid UUID."),
    _("Invalid choice(s): one or more data inputs could not be coerced."),
    _("Invalid email address."),
    _("Invalid field name '%s'."),
    _("Invalid input."),
    _("Invalid value, can't be any of: %(values)s."),
    _("Invalid value, must be one of: %(values)s."),
    _("Not a valid choice."),
    _("Not a valid date value."),
    _("Not a valid datetime value."),
    _("Not a valid decimal value."),
    _("Not a valid float value."),
    _("Not a valid integer value."),
    _("Not a valid time value."),
    _("Not a valid week value."),
    _("Number must be at least %(min)s."),
    _("Number must be at most %(max)s."),
    _("Number must be between %(min)s and %(max)s."),
    _("This field cannot be edited."),
    _("This field is disabled and cannot have a value."),
    _("This field is required."),
)

FLASK_WTF = (
    _("File does not have an approved extension."),
    _("File does not have an approved extension: {extensions}"),
    _("The CSRF token has expired."),
    _("The CSRF token is invalid."),
    _("The CSRF token is missing."),
    _("The CSRF tokens do not match."),
    _("The CSRF session token is missing."),
)

FLASK_SECURITY = (
    _("You can only access this endpoint when not logged in."),
    _("Account is disabled."),
    _("Email not provided"),
    _("Authentication failed - identity or password/passcode invalid"),
    _(
        "If that email address is in our system, you will receive an email "
        "describing how to reset your password."
    ),
    _("Invalid email address"),
    _("Invalid password"),
    _("Password or code submitted is not valid"),
    _("Redirections outside the domain are forbidden"),
    _("Invalid reset password token."),
    _("Please log in to access this page."),
    _("You successfully changed your password."),
    _("Password must be at least %(length)s characters"),
    _("Your new password must be different than your previous password."),
    _("Password does not match"),
    _("Password not provided"),
    _("You successfully reset your password and you have been logged in automatically."),
    _("You did not reset your password within %(within)s. "),
    _("You successfully reset your password. Please authenticate using your new password."),
    _("Instructions to reset your password have been sent to %(email)s."),
    _("Password not complex enough"),
    _("Please reauthenticate to access this page."),
    _("Passwords do not match"),
    _("You must sign in to view this resource."),
    _("You do not have permission to view this resource."),
    _("Specified user does not exist"),
)

FLASK_SECURITY_LABELS = (
    _("Change Password"),
    _("Email Address"),
    _("Error(s)"),
    _("Identity"),
    _("Login"),
    _("New Password"),
    _("Password"),
    _("Recover Password"),
    _("Remember Me"),
    _("Reset Password"),
    _("Retype Password"),
    _("Sign In"),
    _("Submit"),
)
