"""Deeds of a dialogue: the supervisor writes what was said, the employee signs it."""

from datetime import datetime

from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account
from portal.records.decision_actions import OwnRecord, flush_unless
from portal.records.dialogue_models import DialogueNote, DialogueSignature
from portal.records.notices import account_of, tell


class AlreadySigned(Exception):
    """A note is signed once."""


def write_note(by: Account, employee_id: int, period: str, text: str, now: datetime) -> None:
    """Keep what was talked about; the employee is asked to sign it."""
    begin_write()
    if by.employee_id == employee_id:
        raise OwnRecord
    db.session.add(
        DialogueNote(
            agency_id=by.agency_id,
            employee_id=employee_id,
            period=period,
            text=text.strip(),
            written_by=by.id,
            at=now,
        )
    )
    subject = f"employee:{employee_id}"
    note_act(by, "dialogue_note", now, subject=subject, detail={"period": period})
    path = f"/records/{employee_id}/{period}/dialogue"
    tell(account_of(by.agency_id, employee_id), "dialogue", path, now)
    db.session.commit()


def sign_note(by: Account, note_id: int, remark: str, now: datetime) -> None:
    """The employee signs a note about themselves; whoever wrote it is told."""
    begin_write()
    note = db.session.get_one(DialogueNote, (by.agency_id, note_id))
    if by.employee_id != note.employee_id:
        raise PermissionError("only the employee signs")
    db.session.add(
        DialogueSignature(
            agency_id=by.agency_id,
            note_id=note_id,
            remark=remark.strip(),
            signed_by=by.id,
            at=now,
        )
    )
    flush_unless(AlreadySigned)
    subject = f"employee:{note.employee_id}"
    note_act(by, "dialogue_sign", now, subject=subject, detail={"period": note.period})
    path = f"/records/{note.employee_id}/{note.period}/dialogue"
    tell(db.session.get(Account, note.written_by), "dialogue_signed", path, now)
    db.session.commit()
