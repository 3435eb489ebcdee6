"""A file that came with a reply, for those who may read the reply."""

from flask import Flask, Response, abort, request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.config import Settings
from portal.db import db
from portal.people.blueprint import ID
from portal.records.attachment_models import Attachment
from portal.records.attachments import MIB, TYPES, file_name
from portal.records.blueprint import READERS, blueprint, employee_or_404, own
from portal.records.decision_actions import note_reading
from portal.records.models import Contest, Decision, Reply, ReviewRequest

# Pages that take files; all others refuse more than MAX_CONTENT_LENGTH.
TAKES_FILES = {
    "records.reply",
    "records.reply_to_decision",
    "records.contest",
    "records.ask_review",
}


def init_app(app: Flask) -> None:
    """Let signed-in people send as much as the limits allow, with room for one file that is too
    large: then the form can say so and keep what was typed."""
    settings: Settings = app.config["SETTINGS"]
    most = (settings.attachment_count + 1) * settings.attachment_megabytes * MIB + MIB

    @app.before_request
    def make_room() -> None:
        if request.endpoint in TAKES_FILES and current_user.is_authenticated:
            request.max_content_length = most


@blueprint.get(f"/attachments/<{ID}:attachment_id>")
@role("employee", *READERS)
def attachment(attachment_id: int) -> ResponseReturnValue:
    """The file to download, never shown within the portal."""
    found = db.session.get(Attachment, (current_user.agency_id, attachment_id))
    if found is None:
        abort(404)
    period, decider = _belongs_to(found)
    if decider != current_user.id:
        employee_or_404(found.employee_id, period, *READERS)
    content, kind, name = found.content, found.kind, file_name(found)
    if not own(found.employee_id):
        note_reading(current_user, found.employee_id, period, clock.now())
    return Response(
        content,
        mimetype=TYPES[kind],
        headers={
            "Content-Disposition": f"attachment; filename={name}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


def _belongs_to(found: Attachment) -> tuple[str, int | None]:
    """The period, and who decided what it is an answer to."""
    decision_id = None
    if found.request_id is not None:
        asked = db.session.get_one(ReviewRequest, (found.agency_id, found.request_id))
        return asked.period, None
    if found.contest_id is not None:
        decision_id = db.session.get_one(Contest, (found.agency_id, found.contest_id)).decision_id
    else:
        said = db.session.get_one(Reply, (found.agency_id, found.reply_id))
        decision_id = said.decision_id
        if decision_id is None:
            return said.period, None
    decision = db.session.get_one(Decision, (found.agency_id, decision_id))
    return decision.period, decision.decided_by
