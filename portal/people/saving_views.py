"""Lists that somebody has kept with their filters: on the first page, renamed, deleted."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import menu
from portal.access import signed_in
from portal.i18n import gettext as _
from portal.people.account_queries import saved_view, saved_views
from portal.people.blueprint import ID, blueprint
from portal.people.forms import RenameViewForm, SaveViewForm
from portal.people.models import SavedView
from portal.people.saving_actions import (
    MOST,
    NameTaken,
    TooMany,
    delete_view,
    rename_view,
    save_view,
)

# Who has a list with filters.
KEEPERS = (
    "administrator", "hr", "auditor", "supervisor", "coordinator", "appeals_officer", "inspector",
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """Something that was kept: its name, of which list it is, and where."""

    id: int
    name: str
    page: str
    url: str


def shown() -> list[Shown]:
    """What the reader has kept, by name; without lists that are no more, or not for them."""
    return [
        Shown(view.id, view.name, str(entry.label), f"{url_for(view.endpoint)}?{view.query}")
        for view in saved_views(current_user)
        if (entry := menu.list_of(view.endpoint))
    ]


@blueprint.get("/saved-views")
@signed_in
def saved_list() -> ResponseReturnValue:
    """All of them, each with its name to change."""
    return render_template("people/saved_views.html", saved=shown())


@blueprint.post("/saved-views")
@signed_in
def keep_view() -> ResponseReturnValue:
    """Keep the list that the page showed; other addresses than those of our lists do not exist."""
    form = SaveViewForm()
    entry = menu.list_of(form.endpoint.data)
    query = menu.kept(entry, dict(parse_qsl(form.query.data or ""))) if entry else ""
    if entry is None or not query:
        abort(404)
    url = f"{url_for(entry.endpoint)}?{query}"
    if form.validate_on_submit():
        try:
            save_view(current_user, name=form.name.data, endpoint=entry.endpoint, query=query)
        except NameTaken:
            form.name.errors = [_("Nama itu sudah Anda pakai.")]
        except TooMany:
            form.name.errors = [_("Paling banyak %(most)s. Hapus satu dahulu.", most=MOST)]
        else:
            flash(_("Tersimpan. Anda menemukannya di beranda."), "good")
            return redirect(url)
    return render_template("people/saved_view.html", form=form, back=url), 422


@blueprint.post(f"/saved-views/<{ID}:view_id>")
@signed_in
def name_view(view_id: int) -> ResponseReturnValue:
    """Another name for one of them."""
    view, form = _own(view_id), RenameViewForm()
    if form.validate_on_submit():
        try:
            rename_view(view, form.name.data)
        except NameTaken:
            form.name.errors = [_("Nama itu sudah Anda pakai.")]
        else:
            flash(_("Perubahan disimpan."), "good")
            return redirect(url_for("people.saved_list"))
    return render_template(
        "people/saved_view.html", form=form, back=url_for("people.saved_list")
    ), 422


@blueprint.post(f"/saved-views/<{ID}:view_id>/delete")
@signed_in
def drop_view(view_id: int) -> ResponseReturnValue:
    """Only the name goes; the list stays where it is."""
    delete_view(_own(view_id))
    flash(_("Dihapus dari daftar Anda."), "good")
    return redirect(url_for("people.saved_list"))


def _own(view_id: int) -> SavedView:
    view = saved_view(current_user, view_id)
    if view is None:
        abort(404)
    return view
