"""The page on which people choose when they are told of things by mail."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import signed_in
from portal.i18n import gettext as _
from portal.people.blueprint import blueprint
from portal.people.digest_actions import choose_mail
from portal.people.forms import MailTimes
from portal.people.mail_times import choice_of


@blueprint.route("/notifications", methods=["GET", "POST"])
@signed_in
def notifications() -> ResponseReturnValue:
    """At once, once a day or once a week; and hours without mail."""
    form = MailTimes(obj=choice_of(current_user))
    if form.validate_on_submit() and form.whole():
        choose_mail(current_user, form.pace.data, form.quiet(), clock.now())
        flash(_("Pilihan Anda tersimpan."), "good")
        return redirect(url_for("people.notifications"))
    return render_template("people/notifications.html", form=form)
