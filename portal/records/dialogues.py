"""Reads of dialogue notes."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select

from portal.db import db
from portal.people.models import Account
from portal.records.dialogue_models import DialogueNote, DialogueSignature


@dataclass(frozen=True)
class Talk:
    """A note, who wrote it, and the employee's signature once it is there."""

    note: DialogueNote
    by: str
    signature: DialogueSignature | None


def talks(agency_id: int, employee_id: int, period: str) -> list[Talk]:
    """The notes about an employee in a period, the latest first."""
    return [one for one in all_talks(agency_id, employee_id) if one.note.period == period]


def all_talks(agency_id: int, employee_id: int) -> list[Talk]:
    """The notes about an employee, of whatever period, the latest first."""
    rows = db.session.execute(
        select(DialogueNote, Account.name, DialogueSignature)
        .join(Account, Account.id == DialogueNote.written_by)
        .outerjoin(DialogueSignature, _signed())
        .where(
            DialogueNote.agency_id == agency_id,
            DialogueNote.employee_id == employee_id,
        )
        .order_by(DialogueNote.at.desc(), DialogueNote.id)
    )
    return [Talk(*row) for row in rows]


def unsigned(agency_id: int, employee_id: int) -> list[tuple[str, int]]:
    """How many notes wait for the employee's signature, by period."""
    rows = db.session.execute(
        select(DialogueNote.period, func.count())
        .outerjoin(DialogueSignature, _signed())
        .where(
            DialogueNote.agency_id == agency_id,
            DialogueNote.employee_id == employee_id,
            DialogueSignature.note_id.is_(None),
        )
        .group_by(DialogueNote.period)
        .order_by(DialogueNote.period)
    )
    return [(period, count) for period, count in rows]


def _signed() -> ColumnElement[bool]:
    return and_(
        DialogueSignature.agency_id == DialogueNote.agency_id,
        DialogueSignature.note_id == DialogueNote.id,
    )
