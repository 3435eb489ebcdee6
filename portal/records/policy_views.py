"""The thresholds of an agency: to read, to try on simulated staff, to put in force."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.people.queries import scope_of
from portal.records.blueprint import blueprint
from portal.records.policies import (
    PROCEDURE,
    AgencyPolicy,
    current_policy,
    engine_policy,
    full_policy,
    policy_versions,
)
from portal.records.policy_actions import (
    NothingChanged,
    PolicyMoved,
    changes_between,
    set_policy,
    with_thresholds,
)
from portal.records.policy_forms import Thresholds
from portal.records.policy_words import PERSON_WORDS, THRESHOLD_WORDS
from portal.records.rule_trial import try_rules


def _edits() -> bool:
    """Thresholds hold for the whole agency: who sets them answers for all of it."""
    return scope_of(current_user, "hr").offices is None


@blueprint.get("/policy")
@role("hr", "administrator", "auditor")
def policy() -> ResponseReturnValue:
    """The thresholds in force, each with its reason, and the versions before."""
    held = current_policy(current_user.agency_id)
    engine = engine_policy(held)
    values = _values(held)
    reasons = {name: item.metadata["why"] for name, item in PROCEDURE.items()} | engine.reasons()
    return render_template(
        "records/policy.html",
        version=held.version,
        engine=engine,
        main=[(words_, values[name]) for name, words_ in THRESHOLD_WORDS.items()],
        others=[
            (name, values[name], reasons[name])
            for name in values
            if name not in THRESHOLD_WORDS and name != "version"
        ],
        versions=policy_versions(current_user.agency_id),
        edits=_edits(),
        zone=current_user.agency.timezone,
    )


def _values(held: AgencyPolicy) -> dict[str, Any]:
    return {name: getattr(held, name) for name in PROCEDURE} | full_policy(held).to_dict()


@blueprint.route("/policy/edit", methods=["GET", "POST"])
@role("hr")
def edit_policy() -> ResponseReturnValue:
    """Change thresholds: first see what the rule would do by chance, then put it in force."""
    if not _edits():
        abort(403)
    held = current_policy(current_user.agency_id)
    form = Thresholds()
    edited = None
    if form.validate_on_submit() and form.agree():
        edited = with_thresholds(held, form.values())
        if request.form.get("deed") == "save" and form.reason_given():
            return _save(form)
    elif not form.is_submitted():
        form.fill(_values(held), held.version)
    # An edited rule that does not hold together is not tried; the one in force always is.
    rules = [held] if edited is None else [held, edited]
    return render_template(
        "records/policy_edit.html",
        form=form,
        version=held.version,
        trial=try_rules(current_user.agency_id, rules),
        changes=changes_between(held, edited) if edited else {},
        edited=edited,
        words=THRESHOLD_WORDS,
        person_words=PERSON_WORDS,
    )


def _save(form: Thresholds) -> ResponseReturnValue:
    try:
        made = set_policy(
            current_user, form.values(), int(form.version.data), form.reason.data, clock.now()
        )
    except PolicyMoved:
        flash(_("Aturan sudah diubah orang lain sejak halaman dibuka. Periksa dahulu."), "warn")
        return redirect(url_for("records.edit_policy"))
    except NothingChanged:
        flash(_("Tidak ada yang berubah."), "info")
    else:
        flash(
            _(
                "Aturan versi %(version)s berlaku mulai rilis berikutnya. Triwulan yang sudah "
                "ditutup tetap memakai aturannya sendiri.",
                version=made.version,
            ),
            "good",
        )
    return redirect(url_for("records.policy"))
