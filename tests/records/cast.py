"""Small histories of ratings: what tests of records are told with."""

from datetime import UTC, datetime, timedelta

from flask import g
from flask.testing import FlaskClient

from portal.counters.models import Counter
from portal.people.models import Account, Employee
from portal.ratings.models import AttributionEvent, Rating, VerdictReview, Withdrawal
from portal.records.models import Score
from portal.records.queries import shown_score
from portal.records.release_actions import Outcome, release_period
from tests.conftest import NOW
from tests.factories import make_rating, save, sign_in

PERIOD = "2026-Q4"
FIRST = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # Monday 09.00 WIB
DAY = timedelta(days=1)


def rate(
    counter: Counter, employee: Employee | None, *answers: int, since: int = 0, **values: object
) -> list[Rating]:
    """One rating an hour apart, each from another telephone, from the day `since` on."""
    return [
        make_rating(
            counter,
            employee,
            overall=answer,
            rated_at=FIRST + DAY * (since + at // 6) + timedelta(hours=at % 6),
            **values,
        )
        for at, answer in enumerate(answers)
    ]


def release(counter: Counter, now: datetime = NOW, *, closes: bool = False) -> Outcome:
    return release_period(counter.agency_id, PERIOD, now, closes=closes)


def score_of(employee: Employee) -> Score | None:
    """The score that is shown, or none."""

    found = shown_score(employee.agency_id, employee.id, PERIOD)
    return found.score if found else None


def withdraw(rating: Rating, at: datetime = NOW) -> None:
    save(Withdrawal(agency_id=rating.agency_id, period=rating.period, rating_id=rating.id, at=at))


def attribute(
    rating: Rating, employee: Employee | None, at: datetime = NOW, counts_for: str | None = None
) -> None:
    save(
        AttributionEvent(
            agency_id=rating.agency_id,
            period=rating.period,
            rating_id=rating.id,
            employee_id=employee.id if employee else None,
            counts_for=counts_for or ("A" if employee else "O"),
            attributed_by="duty_corrected",
            reason="jadwal keliru",
            at=at,
        )
    )


def review(rating: Rating, weight: float, by: Account, at: datetime = NOW) -> None:
    save(
        VerdictReview(
            agency_id=rating.agency_id,
            period=rating.period,
            rating_id=rating.id,
            weight=weight,
            reason="diperiksa",
            at=at,
            account_id=by.id,
        )
    )


def enter(client: FlaskClient, account: Account) -> FlaskClient:
    """Sign in as somebody else within one test."""
    for name in ("_login_user", "csrf_token"):  # kept by the test's own application context
        g.pop(name, None)
    return sign_in(client, account)
