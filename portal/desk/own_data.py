"""Everything that the portal holds about one employee, for that employee to take away (UU PDP)."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, undefer

from portal.counters.models import Counter, Duty
from portal.db import db
from portal.people.account_queries import saved_views
from portal.people.mail_times import choice_of
from portal.people.models import Account, Employee
from portal.people.queries import office_names, places_of
from portal.records import judgements, queries
from portal.records.attachment_models import Attachment
from portal.records.attachments import TYPES
from portal.records.blueprint import READERS
from portal.records.dialogues import Talk, all_talks
from portal.records.disclosure import disclosed
from portal.records.heard import elements, readings
from portal.records.judgements import Judged
from portal.records.listings import listings
from portal.records.measures import values_of
from portal.records.models import Reply, ReviewRequest
from portal.records.plan_steps import planned
from portal.records.policies import current_policy
from portal.records.proposals import plan_of, second_person_of
from portal.records.seen import comments, seen

FORMAT = "suara-loket-own-data-1"


def own_data(account: Account, employee: Employee, now: datetime) -> dict[str, Any]:
    """Plain values for JSON: times in ISO 8601 (UTC), scores on the 25-100 scale.

    Figures of fewer ratings than the policy's least are left out, as on the pages: they would
    tell what a single citizen answered. Nobody else's number or address is in it.
    """
    agency_id, own = employee.agency_id, employee.id
    return {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "agency": account.agency.name,
        "person": {
            "title": employee.title,
            "name": employee.name,
            "kind": employee.kind,
            "number": employee.nip,
            "job": employee.job,
            "active": employee.active,
        },
        "account": _account(account),
        "workplaces": [
            {"office": office.name, "from": _iso(place.starts_on), "until": _iso(place.ends_on)}
            for place, office in places_of(employee)
        ],
        "shifts": _shifts(employee),
        "records": [_record(agency_id, own, one) for one in queries.periods_of(agency_id, own)],
        "measures": [
            {
                "period": one.period,
                "measure": one.measure,
                "value": one.value,
                "unit": one.unit,
                "imported_at": _iso(one.imported_at),
            }
            for one in values_of(agency_id, own)
        ],
        "replies": _said(Reply, Reply.text, employee),
        "review_requests": _said(ReviewRequest, ReviewRequest.reason, employee),
        "attachments": _attachments(employee),
        "dialogue": [_talk(one) for one in all_talks(agency_id, own)],
        "decisions": [_decision(one) for one in judgements.judgements_about(agency_id, own)],
        "read_by": [
            {
                "day": _iso(one.day),
                "period": one.period,
                "roles": [{"role": role, "office": office} for role, office in one.roles],
            }
            for one in readings(account.agency, own, READERS)
        ],
        "listed": [
            {
                "day": _iso(one.day),
                "period": one.period,
                "list": one.act,
                "roles": [{"role": role, "office": office} for role, office in one.roles],
            }
            for one in listings(account.agency, own, READERS)
        ],
    }


def _iso(value: Any) -> str | None:
    return value.isoformat() if value is not None else None


def _account(account: Account) -> dict[str, Any]:
    names = office_names(account.agency_id)
    return {
        "email": account.email,
        "language": account.language,
        "mail": _mail(account),
        "saved_views": [
            {"name": one.name, "page": one.endpoint, "filters": one.query}
            for one in saved_views(account)
        ],
        "roles": [
            {
                "role": grant.role,
                "office": names.get(grant.office_id or 0),
                "from": _iso(grant.granted_at),
                "until": _iso(grant.ended_at),
            }
            for grant in account.grants
        ],
    }


def _mail(account: Account) -> dict[str, Any] | None:
    """When mail is wanted; null where nothing was chosen."""
    choice = choice_of(account)
    if choice is None:
        return None
    return {
        "pace": choice.pace,
        "quiet": [_iso(choice.quiet_from), _iso(choice.quiet_until)],
    }


def _shifts(employee: Employee) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(Counter.label, Duty.starts_at, Duty.ends_at, Duty.confirmed)
        .join(
            Counter,
            (Counter.agency_id == Duty.agency_id) & (Counter.id == Duty.counter_id),
        )
        .where(
            Duty.agency_id == employee.agency_id,
            Duty.employee_id == employee.id,
            ~Duty.cancelled,
        )
        .order_by(Duty.starts_at)
    )
    return [
        {"counter": label, "from": _iso(starts), "until": _iso(ends), "confirmed": confirmed}
        for label, starts, ends, confirmed in rows
    ]


def _record(agency_id: int, employee_id: int, period: str) -> dict[str, Any]:
    """What the record of a quarter shows to the employee."""
    shown = queries.shown_score(agency_id, employee_id, period)
    least = current_policy(agency_id).least_new_ratings
    if shown is None:
        return {"period": period}
    told = disclosed(shown.score, least)
    if not told.shows_score:
        return {"period": period, "withheld": f"fewer than {least} ratings counted"}
    score = shown.score
    return {
        "period": period,
        "score": score.score,
        "interval": [score.lo, score.hi],
        "advice": score.advice,
        "counted": score.counted,
        "set_aside": score.set_aside if told.shows_set_aside else None,
        "set_aside_reasons": _counts(told.reasons),
        "other_causes": _counts(told.causes),
        "faces": score.detail["faces"],
        "elements": [asdict(one) for one in elements(shown.run, employee_id, least)],
        "services": [asdict(line) for line in told.services if isinstance(line.n, int)],
        "comments": [
            {"text": one.text, "from": _iso(one.first), "until": _iso(one.last)}
            for one in comments(seen(shown.run, employee_id), shown.run, least)
            if not one.covered
        ],
        "computed_at": _iso(shown.run.as_of),
        "release": shown.run.release,
    }


def _counts(parts: Iterable[tuple[str, Any]]) -> dict[str, int | None]:
    """A number that is not told is null."""
    return {name: number if isinstance(number, int) else None for name, number in parts}


def _said(
    kind: type[Reply | ReviewRequest], words: InstrumentedAttribute[str], employee: Employee
) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(kind.period, kind.at, words)
        .where(kind.agency_id == employee.agency_id, kind.employee_id == employee.id)
        .order_by(kind.at)
    )
    return [{"period": period, "at": _iso(at), "text": text} for period, at, text in rows]


def _attachments(employee: Employee) -> list[dict[str, Any]]:
    """The files themselves, in base64."""
    rows = db.session.scalars(
        select(Attachment)
        .where(Attachment.agency_id == employee.agency_id, Attachment.employee_id == employee.id)
        .options(undefer(Attachment.content))
        .order_by(Attachment.at, Attachment.id)
    )
    return [
        {
            "at": _iso(row.at),
            "type": TYPES[row.kind],
            "sha256": row.digest,
            "content": b64encode(row.content).decode("ascii"),
        }
        for row in rows
    ]


def _talk(one: Talk) -> dict[str, Any]:
    return {
        "period": one.note.period,
        "at": _iso(one.note.at),
        "text": one.note.text,
        "by": one.by,
        "signed_at": one.signature and _iso(one.signature.at),
        "remark": one.signature and one.signature.remark,
    }


def _decision(judged: Judged) -> dict[str, Any]:
    made, contest, ruling = judged.decision, judged.contest, judged.ruling
    plan, second = plan_of(made.agency_id, made.id), second_person_of(made)
    steps = planned(made.agency_id, [made.id]) if plan else []
    return {
        "id": str(made.id),
        "period": made.period,
        "kind": made.kind,
        "reason": made.reason,
        "against_advice": made.against_advice,
        "second_reason": made.second_reason,
        "at": _iso(made.decided_at),
        "by": judged.decider.name,
        "approved_by": second and second[1],
        "plan": plan and {"award": plan.award, "steps": plan.steps},
        "trainings": [
            {
                "what": one.what,
                "until": one.until.isoformat(),
                "taken_on": _iso(one.done_on),
            }
            for one in steps
            if one.training
        ],
        "steps": [
            {
                "what": one.what,
                "until": one.until.isoformat(),
                "done_on": _iso(one.done_on),
                "note": one.note,
            }
            for one in steps
            if not one.training
        ],
        "evidence_digest": made.evidence_digest,
        "state": judged.state,
        "contest": contest and {"reason": contest.reason, "at": _iso(contest.at)},
        "ruling": ruling
        and {"outcome": ruling.outcome, "reason": ruling.reason, "at": _iso(ruling.at)},
    }
