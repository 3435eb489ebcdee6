"""The roster from a file: looked through line by line, then imported as a whole or not at all."""

import base64

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters.blueprint import KEEPERS, office_in, scope
from portal.counters.roster import monday_of
from portal.db import db
from portal.i18n import gettext as _
from portal.imports.actions import import_duties
from portal.imports.forms import DutyFileForm
from portal.imports.plan import By, Report
from portal.imports.words import in_words
from portal.menu import Entry
from portal.people.blueprint import id_argument
from portal.people.models import Account
from portal.spreadsheets import as_csv

blueprint = Blueprint("imports", __name__, template_folder="templates")
MENU: list[Entry] = []  # it is found on the roster
MOST_SHOWN = 100  # problems


@blueprint.route("/roster/import", methods=["GET", "POST"])
@role(*KEEPERS)
def roster() -> ResponseReturnValue:
    """Upload a file, see what it would change or what is wrong with it, then import it."""
    office = office_in(scope(), id_argument("office"))
    form, report = DutyFileForm(), None
    refused = ""
    if form.validate_on_submit():
        content, calendar = form.content, form.calendar
        checked = bool(form.checked.data) and not form.listed.data
        report = _import(content, calendar=calendar, dry_run=not checked)
        if form.listed.data:
            return _listed(report)
        if checked and report.accepted:
            flash(
                _(
                    "Diimpor: %(created)s baru, %(updated)s berubah, %(same)s tetap.",
                    created=report.created,
                    updated=report.updated,
                    same=report.unchanged,
                ),
                "good",
            )
            return redirect(url_for("counters.roster", office=office.id))
        if not report.accepted:
            problem = _("%(count)s hal perlu diperbaiki.", count=len(report.problems))
            form.form_errors.append(problem)
            refused = base64.b64encode(content).decode()
        form.checked.data = base64.b64encode(content).decode() if report.accepted else ""
        form.kind.data = "ics" if calendar else "csv"
    return render_template(
        "imports/roster.html",
        form=form,
        office=office,
        report=report,
        refused=refused,
        problems=[(one, in_words(one)) for one in report.problems[:MOST_SHOWN]] if report else [],
        monday=monday_of(clock.now().astimezone(current_user.agency.zone).date()),
    )


def _listed(report: Report) -> Response:
    """All that is wrong with a file, however much it is, as a file."""
    columns = (str(_("Baris")), str(_("Kolom")), str(_("Masalah")))
    rows = [(one.line, one.column, in_words(one)) for one in report.problems]
    name = {"Content-Disposition": "attachment; filename=perbaikan.csv"}
    return Response(as_csv(columns, rows), mimetype="text/csv", headers=name)


def _import(content: bytes, *, calendar: bool, dry_run: bool) -> Report:
    account = db.session.get_one(Account, current_user.id)
    by = By(account, scope())
    return import_duties(content, by, clock.now(), calendar=calendar, dry_run=dry_run)
