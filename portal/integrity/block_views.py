"""The inspector's page of groups of telephones that rate the same few people."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.integrity.blueprint import blueprint
from portal.integrity.forms import JudgeBlock
from portal.people.queries import Scope, scope_of
from portal.records import block_actions as deeds
from portal.records import blocks, evidence, queries
from portal.records.decision_actions import note_audit
from portal.records.set_aside_actions import OwnRatings


def _scope() -> Scope:
    return scope_of(current_user, "inspector")


def _period() -> str | None:
    """The one asked for, else the newest with figures."""
    known = queries.periods_with_figures(current_user.agency_id)
    asked = request.args.get("period")
    return asked if asked in known else next(iter(known), None)


@blueprint.get("/phone-groups")
@role("inspector")
def dense_blocks() -> ResponseReturnValue:
    """The groups of a period with what is odd about each, and the figure of each person."""
    period = _period()
    if period:
        note_audit(current_user, "blocks_read", period, clock.now())
    return _page(period, JudgeBlock(formdata=None))


@blueprint.post("/phone-groups")
@role("inspector")
def judge_block() -> ResponseReturnValue:
    """Set a group aside or put it back, with a reason."""
    period, form = _period(), JudgeBlock()
    if period is None or not form.validate_on_submit():
        return _page(period, form), 422
    word = deeds.BlockWord(form.key.data, form.outcome.data, form.reason.data)
    try:
        number = deeds.judge_block(current_user, _scope(), period, word, clock.now())
    except deeds.PeriodClosed:
        flash(_("Triwulan ini sudah ditutup; angkanya tidak bergerak lagi."), "warn")
    except OwnRatings:
        flash(_("Penilaian tentang diri sendiri diperiksa oleh orang lain."), "warn")
    except deeds.BlockMoved:
        flash(_("Daftarnya berubah sejak halaman dibuka. Periksa lagi."), "warn")
    else:
        flash(_("Dicatat untuk %(count)s penilaian. Pegawainya diberi tahu.", count=number), "good")
    return redirect(url_for("integrity.dense_blocks", period=period))


def _page(period: str | None, form: JudgeBlock) -> str:
    agency_id, now = current_user.agency_id, clock.now()
    return render_template(
        "integrity/blocks.html",
        form=form,
        period=period,
        periods=queries.periods_with_figures(agency_id),
        closed=evidence.closed(agency_id, period) if period else False,
        blocks=blocks.suspicious_blocks(_scope(), period, now) if period else [],
        people=blocks.suspected_people(_scope(), period) if period else [],
        least=blocks.LEAST,
        partly=_scope().offices is not None,
    )
