"""The moderator's pages: the comments to look at, and one of them."""

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.menu import Entry
from portal.moderation import queries as read
from portal.moderation.actions import CommentMoved, Finding, mark_read, moderate
from portal.moderation.forms import Moderate
from portal.people.queries import Scope, scope_of

blueprint = Blueprint("moderation", __name__, template_folder="templates")


def _scope() -> Scope:
    return scope_of(current_user, "moderator")


def _waiting() -> int:
    return read.waiting(_scope(), current_user.employee_id)


MENU = [
    Entry("moderation.queue", _l("Komentar warga"), ("moderator",), icon="task", badge=_waiting),
]
TITLES = {
    "rude": _l("Ada kata kasar"),
    "others": _l("Belum dibaca"),
    "done": _l("Sudah diperiksa"),
}


@blueprint.get("/comments")
@role("moderator")
def queue() -> str:
    """Released comments of my offices: those with rude words, the others, those looked at."""
    show = request.args.get("show", "rude")
    if show not in read.SHOWN:
        abort(404)
    number = request.args.get("page", 1, type=int)
    page = read.queue(_scope(), show, current_user.employee_id, number)
    return render_template("moderation/queue.html", page=page, show=show, titles=TITLES)


@blueprint.post("/comments")
@role("moderator")
def mark_page_read() -> ResponseReturnValue:
    """What stood on one page of the list is read, and stays as it is."""
    shown = []
    for line in request.form.getlist("read")[: read.COMMENTS_ON_A_PAGE]:
        said, seen = _said(line)
        if said is not None:
            shown.append((said, seen))
    marked = mark_read(current_user, shown, clock.now())
    flash(_("%(count)s komentar ditandai sudah dibaca.", count=marked), "good")
    return redirect(url_for("moderation.queue", show="others"))


def _said(line: str) -> tuple[read.Said | None, str]:
    """A comment as a page of the list names it: quarter, key, and what it showed."""
    period, _space, rest = line.partition(" ")
    key, _space, seen = rest.partition(" ")
    try:
        known = uuid.UUID(key)
    except ValueError:
        return None, ""
    return read.comment_of(_scope(), period, known, current_user.employee_id), seen


@blueprint.route("/comments/<period>/<uuid:key>", methods=["GET", "POST"])
@role("moderator")
def comment(period: str, key: uuid.UUID) -> ResponseReturnValue:
    """One comment: its rude words, and each word to mask by hand."""
    said = read.comment_of(_scope(), period, key, current_user.employee_id)
    if said is None:
        abort(404)
    found = read.parts(said)
    form = Moderate(rude_words=said.rude_words)
    form.words.choices = [SelectChoice(part.place, part.text) for part in found if part.place >= 0]
    if not said.rude:
        form.rude_words.data = said.rude_words
    if form.validate_on_submit():
        return _moderate(form, said)
    if not form.is_submitted():
        form.seen.data = said.seen
    return render_template("moderation/comment.html", form=form, said=said, parts=found)


def _moderate(form: Moderate, said: read.Said) -> ResponseReturnValue:
    finding = Finding(
        form.seen.data, form.rude_words.data, form.words.data or [], form.reason.data or ""
    )
    try:
        moderate(current_user, _scope(), said, finding, clock.now())
    except CommentMoved:
        flash(_("Komentar ini berubah sejak halaman dibuka. Baca lagi."), "warn")
        return redirect(url_for("moderation.comment", period=said.period, key=said.key))
    flash(_("Hasil pemeriksaan disimpan."), "good")
    return redirect(url_for("moderation.queue", show="rude" if said.rude else "others"))
