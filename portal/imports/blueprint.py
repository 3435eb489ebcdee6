"""The blueprint of files on screen, and what each of its pages does with one: looks it through
line by line, then imports it as a whole or not at all."""

import base64
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.db import db
from portal.i18n import gettext as _
from portal.imports.actions import import_on_screen
from portal.imports.forms import FileForm
from portal.imports.plan import By, Report
from portal.imports.words import in_words
from portal.people.models import Account
from portal.people.queries import Scope
from portal.spreadsheets import as_csv

blueprint = Blueprint("imports", __name__, template_folder="templates")
MOST_SHOWN = 100  # problems


def page_of(
    kind: str, form: FileForm, offices: Scope, done: str, *, calendar: bool = False, **values: Any
) -> ResponseReturnValue:
    """The page that takes files of a kind: what one would change or what is wrong with it; once
    it is imported, on to the page `done`."""
    report, refused = None, ""
    if form.validate_on_submit():
        content = form.content
        checked = bool(form.checked.data) and not form.listed.data
        by = By(db.session.get_one(Account, current_user.id), offices)
        report = import_on_screen(
            kind, content, by, clock.now(), dry_run=not checked, calendar=calendar
        )
        if form.listed.data:
            return _listed(report)
        if checked and report.accepted:
            flash(_told(report), "good")
            return redirect(done)
        kept = base64.b64encode(content).decode()
        if not report.accepted:
            problem = _("%(count)s hal perlu diperbaiki.", count=len(report.problems))
            form.form_errors.append(problem)
            refused = kept
        form.checked.data = kept if report.accepted else ""
    return render_template(
        f"imports/{kind}.html",
        form=form,
        report=report,
        refused=refused,
        problems=[(one, in_words(one)) for one in report.problems[:MOST_SHOWN]] if report else [],
        **values,
    )


def _told(report: Report) -> str:
    told = _(
        "Diimpor: %(created)s baru, %(updated)s berubah, %(same)s tetap.",
        created=report.created,
        updated=report.updated,
        same=report.unchanged,
    )
    gone = _("Dihapus: %(count)s, karena tidak ada lagi di berkas.", count=report.removed)
    return f"{told} {gone}" if report.removed else told


def _listed(report: Report) -> Response:
    """All that is wrong with a file, however much it is, as a file."""
    columns = (str(_("Baris")), str(_("Kolom")), str(_("Masalah")))
    rows = [(one.line, one.column, in_words(one)) for one in report.problems]
    name = {"Content-Disposition": "attachment; filename=perbaikan.csv"}
    return Response(as_csv(columns, rows), mimetype="text/csv", headers=name)
