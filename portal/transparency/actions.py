"""An office answers its citizens, and those who asked for word of it are told."""

from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.exc import IntegrityError

from portal.db import begin_write, db
from portal.i18n import force_locale
from portal.i18n import gettext as _
from portal.people.actions import note_act, queue_sealed_mail
from portal.people.models import Account, Agency, Employee, Employment, Office
from portal.ratings.answer_models import TOLD, Contact, OfficeAnswer
from portal.ratings.answer_queries import Answered, answers_of
from portal.ratings.masking import MASK, mask

PIECE = 200  # mails of one transaction
# Of what a comment's mask covers; an office may well give its own telephone.
PERSONAL = {"nik", "nip", "account"}


class NamesSomebody(Exception):
    """The text names an employee; its argument is the name."""


class PersonalNumber(Exception):
    """The text holds a number that belongs to a person."""


class Replaced(Exception):
    """Another answer has taken the place of the one that was to be replaced."""


@dataclass(frozen=True)
class Words:
    """What an office says on one theme of a period, perhaps in place of an earlier answer."""

    theme: str
    heard: str
    done: str
    supersedes_id: int | None


def answer(
    by: Account, office: Office, period: str, words: Words, *, key: int, now: datetime
) -> None:
    """Publish an answer at once; the same `key` sent again is the same answer.

    Raises NamesSomebody, PersonalNumber and Replaced.
    """
    begin_write()
    if db.session.get(OfficeAnswer, (office.agency_id, key)) is not None:
        return
    _refuse_names(office, f"{words.heard}\n{words.done}")
    if PERSONAL & set(MASK.findall(mask(words.heard)) + MASK.findall(mask(words.done))):
        raise PersonalNumber
    old = _old(office, period, words.supersedes_id)
    db.session.add(
        OfficeAnswer(
            agency_id=office.agency_id,
            id=key,
            office_id=office.id,
            period=period,
            theme=words.theme,
            heard=words.heard,
            done=words.done,
            answered_by=by.id,
            at=now,
            supersedes_id=old.id if old else None,
        )
    )
    note_act(
        by,
        "office_answer",
        now,
        subject=f"office:{office.id}",
        detail={"period": period, "theme": words.theme},
    )
    try:
        db.session.commit()
    except IntegrityError:  # somebody else replaced it at the same moment
        db.session.rollback()
        raise Replaced from None


def _old(office: Office, period: str, answer_id: int | None) -> OfficeAnswer | None:
    """The answer to be replaced; raises Replaced where it does not stand (any more)."""
    if answer_id is None:
        return None
    old = db.session.get(OfficeAnswer, (office.agency_id, answer_id))
    later = select(OfficeAnswer.id).where(
        OfficeAnswer.agency_id == office.agency_id, OfficeAnswer.supersedes_id == answer_id
    )
    if old is None or (old.office_id, old.period) != (office.id, period):
        raise Replaced
    if db.session.scalar(later) is not None:
        raise Replaced
    return old


def _refuse_names(office: Office, text: str) -> None:
    """Answers are read by everybody, and nobody who serves is named before everybody."""
    names = db.session.scalars(
        select(Employee.name)
        .join(
            Employment,
            and_(
                Employment.agency_id == Employee.agency_id,
                Employment.employee_id == Employee.id,
            ),
        )
        .where(Employee.agency_id == office.agency_id, Employment.office_id == office.id)
    )
    told = f" {' '.join(text.casefold().split())} "
    for name in names:
        first = name.casefold().split()[0]
        called = (f" {title} {first}" for title in ("bu", "ibu", "pak", "bapak", "sdr.", "sdri."))
        if name.casefold() in told or any(word in told for word in called):
            raise NamesSomebody(name)


def tell_citizens(now: datetime) -> int:
    """Send word of new answers to those who asked for it: due work.

    The mail and the note that it was written are one transaction: whoever is told is told once.
    The address stays until the mail has left, so that it can be taken back as long.
    """
    told = 0
    for agency_id, office_id, period, number in _answered():
        office = db.session.get_one(Office, (agency_id, office_id))
        agency = db.session.get_one(Agency, agency_id)
        answers = answers_of(agency_id, office_id, period, agency.timezone)
        latest = next(one for one in answers if one.newest)
        path = f"/results/{agency.code}/{office.code}/{period}"
        waiting = (
            Contact.agency_id == agency_id,
            Contact.office_id == office_id,
            Contact.period == period,
            Contact.answers_before < number,
        )
        while piece := _tell(waiting, office.name, latest, path, now):
            told += piece
    return told


def _answered() -> list[tuple[int, int, str, int]]:
    """Offices and periods with answers that somebody waits to hear of: how many answers."""
    number = func.count(OfficeAnswer.id.distinct())
    rows = db.session.execute(
        select(Contact.agency_id, Contact.office_id, Contact.period, number)
        .join(
            OfficeAnswer,
            and_(
                OfficeAnswer.agency_id == Contact.agency_id,
                OfficeAnswer.office_id == Contact.office_id,
                OfficeAnswer.period == Contact.period,
            ),
        )
        .group_by(Contact.agency_id, Contact.office_id, Contact.period)
        .having(number > func.min(Contact.answers_before))
    ).all()
    return [(agency, office, period, told) for agency, office, period, told in rows]


def _tell(
    waiting: tuple[ColumnElement[bool], ...],
    office: str,
    latest: Answered,
    path: str,
    now: datetime,
) -> int:
    begin_write()
    rows = db.session.scalars(select(Contact).where(*waiting).limit(PIECE)).all()
    for row in rows:
        with force_locale(row.language):
            subject, body = _mail(office, latest, path)
        queue_sealed_mail(row.agency_id, row.sealed, subject, body, now)
        row.answers_before = TOLD
    db.session.commit()
    return len(rows)


def _mail(office: str, latest: Answered, path: str) -> tuple[str, str]:
    """Subject and text, the same for all who waited: nothing in it belongs to one rating."""
    link = f"{current_app.config['SETTINGS'].public_url}{path}"
    body = "\n\n".join([
        _("%(office)s menjawab warga yang memberi penilaian.", office=office),
        _("Kami dengar: %(heard)s", heard=latest.heard),
        _("Kami perbaiki: %(done)s", done=latest.done),
        _("Selengkapnya: %(address)s", address=link),
        _("Alamat Anda sudah kami hapus. Tidak ada pesan lain."),
    ])  # fmt: skip
    return _("Kantor menjawab penilaian warga"), body
