"""Every number on a page against the raw rows, counted once more in plain words."""

import csv
import io
import re
from collections import Counter as Count
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.counters.models import ServedCount
from portal.db import db
from portal.followups.actions import Resolution, assign, resolve
from portal.followups.models import FollowUp
from portal.followups.opening_actions import open_cases
from portal.people.models import Office
from portal.ratings.models import (
    AttributionEvent,
    Rating,
    Release,
    Verdict,
    VerdictReview,
    Withdrawal,
)
from portal.records.closing_actions import close_period
from portal.records.decision_actions import Proposal, contest, decide
from portal.records.models import Contest, Decision, PublicResult, ScoringRun
from portal.records.office_models import OfficeParts
from portal.records.replay import verify
from tests.conftest import set_clock
from tests.factories import make_account, make_office, make_service
from tests.moderation.test_moderation import comment
from tests.records.cast import DAY, FIRST, PERIOD, enter, rate, score_of
from tests.records.test_closing import FIRST_MOMENT
from tests.records.test_counts import History

CHANNELS = {"poster": "Poster di loket", "kiosk": "Tablet di kantor"}
ELEMENTS = ("ramah", "cakap", "cekatan")


class Lived(History):
    """An office with more in its weeks: services, channels, elements, comments, cases, decisions,
    people served, a telephone that rates again and again."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.services = [make_service().id, make_service(code="kk", name="KK").id, None]
        self.supervisor = make_account("supervisor", make_office())
        self.clerks = [make_account("employee", make_office(), person) for person in self.people]
        self.after: dict[int, list[dict[str, Any]]] = {}  # what held after each release

    def live(self, steps: int) -> None:
        deeds = [self.rated, self.corrected, self.withdrawn, self.reviewed, self.released]
        deeds += [self.stuffed, self.served, self.followed, self.decided]
        for _ in range(steps):
            self.now += timedelta(hours=self.chance.randint(1, 30))
            self.chance.choices(deeds, [9, 1, 1, 1, 3, 1, 3, 2, 2])[0]()
        self.released()

    def rated(self) -> None:
        chance = self.chance
        for person in self.people:
            given = rate(
                chance.choice(self.counters),
                chance.choice([person, person, person, None]),
                *chance.choices([1, 2, 3, 4], [1, 1, 3, 9], k=chance.randint(2, 5)),
                since=chance.randint(0, 40),
                cause=chance.choice([None, None, None, "person", "system"]),
                service_id=chance.choice(self.services),
                channel=chance.choice(["poster", "kiosk"]),
                **{name: chance.choice([None, 1, 3, 4]) for name in ELEMENTS},
            )
            self.ratings += given
            comment(given[0], chance.choice(["Antre lama", "Disuruh bolak-balik", "Baik"]))

    def stuffed(self) -> None:
        person, day = self.chance.choice(self.people), self.chance.randint(30, 39)
        self.ratings += rate(self.counters[0], person, *[4] * 12, since=day, device=b"d" * 16)

    def served(self) -> None:
        counter, day = self.chance.choice(self.counters), self.chance.randint(0, 40)
        own = {"agency_id": counter.agency_id, "counter_id": counter.id}
        on = (FIRST + day * DAY).date()
        number = {"employee_id": self.people[0].id, "people": self.chance.randint(1, 9)}
        db.session.merge(ServedCount(**own, **number, day=on))
        db.session.commit()

    def followed(self) -> None:
        open_cases(self.now)
        for case in db.session.scalars(select(FollowUp).where(FollowUp.state != "resolved")).all():
            outcome = self.chance.choice(["fixed", "explained", "logged", "", ""])
            if outcome:
                on = date(2026, 12, 31) if outcome == "logged" else None
                resolve(self.supervisor, case.id, Resolution(outcome, "Sudah", on), self.now)
            else:
                assign(self.supervisor, case.id, self.supervisor, self.now)

    def decided(self) -> None:
        at = self.chance.randrange(len(self.people))
        score = score_of(self.people[at])
        own = Decision.employee_id == self.people[at].id
        if score is None or db.session.scalar(select(Decision.id).where(own)):
            return
        proposal = Proposal("none", "Cukup", "Masih baru", score.run_id, None)
        made = decide(self.supervisor, self.people[at].id, PERIOD, proposal, self.now)
        if isinstance(made, Decision) and self.chance.random() < 0.5:
            contest(self.clerks[at], made.id, "Keberatan", self.now)

    def released(self) -> None:
        super().released()
        self.noted()

    def closed(self) -> None:
        close_period("kota", PERIOD, FIRST_MOMENT)
        self.now = FIRST_MOMENT
        self.noted()

    def noted(self) -> None:
        number = db.session.scalar(select(func.max(Release.number)))
        assert number
        self.after[number] = plainly(self.now)

    def of(self, release: int, **wanted: Any) -> list[dict[str, Any]]:
        rows = self.after[release]
        return [row for row in rows if all(row[name] == one for name, one in wanted.items())]


def plainly(now: datetime) -> list[dict[str, Any]]:
    """What each rating is for person and office at this moment, from nothing but the raw rows."""
    db.session.expire_all()

    def words(table: Any) -> dict[Any, list[Any]]:
        found: dict[Any, list[Any]] = {}
        for row in sorted(db.session.scalars(select(table)), key=lambda row: (row.at, row.id)):
            found.setdefault(row.rating_id, []).append(row)
        return found

    starts = {row.number: row.started_at for row in db.session.scalars(select(Release))}
    events, reviews = words(AttributionEvent), words(VerdictReview)
    back = set(db.session.scalars(select(Withdrawal.rating_id)))
    verdicts: dict[Any, Any] = {}
    for row in db.session.scalars(select(Verdict).order_by(Verdict.release)):
        verdicts[row.rating_id] = row
    told = []
    for rating in db.session.scalars(select(Rating)):
        own, verdict = events.get(rating.id, []), verdicts.get(rating.id)
        latest = own[-1] if own else rating
        there = rating.id not in back and verdict is not None
        settled = there and not (own and own[-1].at > starts[verdict.joined])
        weight = reviews[rating.id][-1].weight if rating.id in reviews else None
        weight = weight if weight is not None else verdict.weight if verdict else 0
        about = latest.counts_for == "A" and rating.cause in {None, "person"}
        told.append({
            "rating": rating,
            "employee": latest.employee_id,
            "service": rating.service_id,
            "channel": rating.channel,
            "person": settled and about and weight > 0,
            "aside": settled and about and weight <= 0,
            "office": there and weight > 0,
            "office_aside": there and weight <= 0,
            "engine": there and verdict.weight <= 0,
        })  # fmt: skip
    return told


def mean(rows: list[dict[str, Any]]) -> float:
    return round(sum(value(row["rating"]) for row in rows) / len(rows), 1)


def value(rating: Rating) -> float:
    """Face and elements are one instrument, where all of it was answered."""
    elements = [getattr(rating, name) for name in ELEMENTS]
    given = [rating.overall, *elements] if all(elements) else [rating.overall]
    return 25 * sum(given) / len(given)


def many_people(rows: list[dict[str, Any]]) -> bool:
    number = Count(row["employee"] for row in rows if row["employee"] is not None)
    return sum(count >= 5 for count in number.values()) >= 3


def half_up(total: int, number: int) -> Decimal:
    return (Decimal(total) / number).quantize(Decimal("0.1"), ROUND_HALF_UP)


def in_fives(number: int) -> int:
    return 5 * round(number / 5)


def few(number: int) -> str:
    return str(number) if number == 0 or number >= 5 else ""


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def rows_of(html: str) -> list[list[str]]:
    """The cells of every row of every table on a page."""
    cell, row = (
        re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL),
        re.compile("<tr.*?</tr>", re.DOTALL),
    )
    return [[words_of(one) for one in cell.findall(line)] for line in row.findall(html)]


@pytest.mark.parametrize("seed", [1, 2])
def test_no_number_on_a_page_differs_from_the_raw_rows(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    lived = Lived(seed)
    lived.live(28)
    lived.followed()
    if seed % 2:
        lived.closed()
    set_clock(monkeypatch, lived.now)
    assert [line for _name, found in verify() for line in found.differences] == []
    told = sum(
        check(lived, client)
        for check in (check_records, check_office, check_public, check_cases, check_decisions)
    )
    assert told > 30  # the weeks were full enough for the pages to say something
    check_controls(lived, client, monkeypatch)


def check_records(lived: Lived, client: FlaskClient) -> int:
    numbers = 0
    for person, clerk in zip(lived.people, lived.clerks, strict=True):
        score = score_of(person)
        if score is None:
            continue
        run = db.session.get_one(ScoringRun, (score.agency_id, score.run_id))
        mine = lived.of(run.release, employee=person.id)
        counted = [row for row in mine if row["person"]]
        page = enter(client, clerk).get(f"/records/{person.id}/{PERIOD}").text
        assert f'data-counted="{len(counted)}"' in page
        assert f'data-set-aside="{sum(row["aside"] for row in mine)}"' in page
        numbers += 2
        if len(counted) >= 5:
            faces = Count(row["rating"].overall for row in counted)
            section = page.split("Wajah yang dipilih warga", 1)[1].split("</figure>")[0]
            shown = re.findall(r'plot-figure num">(.*?)</span>', section, re.DOTALL)
            assert list(map(words_of, shown)) == [str(faces[face]) for face in (4, 3, 2, 1)]
            numbers += 4 + check_elements(client, counted)
    return numbers


def check_elements(client: FlaskClient, counted: list[dict[str, Any]]) -> int:
    page = client.get("/my").text
    said = dict(re.findall(r"<b>(\w+)</b>: ([\d,]+ dari 4, dari \d+ jawaban)", page))
    for name, words in said.items():
        given = [getattr(row["rating"], name.lower()) for row in counted]
        given = [one for one in given if one]
        average = str(half_up(sum(given), len(given))).replace(".", ",")
        assert words == f"{average} dari 4, dari {len(given)} jawaban"
    return 2 * len(said)


def check_office(lived: Lived, client: FlaskClient) -> int:
    office = lived.counters[0].office_id
    result = db.session.scalars(select(PublicResult)).one()
    rows = lived.of(result.release)
    counted = [row for row in rows if row["office"]]
    page = enter(client, lived.supervisor).get(f"/overview?office={office}&period={PERIOD}").text
    said = words_of(page)
    aside = few(sum(row["office_aside"] for row in rows)) or "&lt; 5"
    assert f"Penilaian dihitung {len(counted)} disisihkan: {aside}" in said
    if many_people(counted):
        assert f"Indeks {mean(counted):.1f}".replace(".", ",") in said
    served, answered = served_plainly(counted)
    if answered >= 5:
        assert f"{answered} dari {served} orang yang tercatat dilayani" in said
    names = {str(lived.services[0]): "KTP-el", str(lived.services[1]): "KK"}
    parts = db.session.scalars(select(OfficeParts)).one().parts
    shown = {row[0]: row[1] for row in rows_of(page) if len(row) == 3}
    for kind, words in (("service", names), ("channel", CHANNELS)):
        for key, (release, *_figures) in parts[kind].items():
            value = int(key) if kind == "service" and key != "0" else key if key != "0" else None
            number = sum(row["office"] for row in lived.of(release, **{kind: value}))
            assert shown[words.get(key, "Layanan tidak disebut")] == str(in_fives(number))
    return 4 + len(shown)


def served_plainly(counted: list[dict[str, Any]]) -> tuple[int, int]:
    """People served on the days of which it is known, and who rated then."""
    days: dict[Any, int] = {}
    for row in db.session.scalars(select(ServedCount)):
        days[row.counter_id, row.day] = days.get((row.counter_id, row.day), 0) + row.people
    rated = Count((row["rating"].counter_id, row["rating"].rated_on) for row in counted)
    return sum(days.values()), sum(min(rated[key], people) for key, people in days.items())


def check_public(lived: Lived, client: FlaskClient) -> int:
    result = db.session.scalars(select(PublicResult)).one()
    text = client.get("/results/kota/dukcapil.csv").text
    [line] = list(csv.DictReader(io.StringIO(text)))
    rows = lived.of(result.release)
    counted = [row for row in rows if row["office"]]
    assert line["ratings"] == str(len(counted))
    assert line["set_aside"] == few(sum(row["office_aside"] for row in rows))
    numbers = 2
    if many_people(counted):
        assert float(line["index"]) == mean(counted)
        faces = Count(row["rating"].overall for row in counted)
        for face in range(1, 5):
            assert line[f"face_{face}_in_fives"] == str(in_fives(faces[face]))
        for name in ELEMENTS:
            given = [getattr(row["rating"], name) for row in counted]
            given = [25 * one for one in given if one]
            if len(given) >= 5:
                assert float(line[name]) == round(sum(given) / len(given), 1)
        numbers += 8
    system = sum(row["rating"].cause == "system" for row in counted)
    assert line["cause_system_in_fives"] == (str(in_fives(system)) if system >= 5 else "")
    served, answered = served_plainly(counted)
    if answered >= 5:
        assert (line["served"], line["answered"]) == (str(served), str(answered))
    return numbers + 3


def check_cases(lived: Lived, client: FlaskClient) -> int:
    page = enter(client, lived.supervisor).get(f"/follow-ups/results?period={PERIOD}").text
    cases, today = list(db.session.scalars(select(FollowUp))), lived.now.date()
    waiting = [case for case in cases if case.state != "resolved"]
    done = [case for case in cases if case.state == "resolved"]
    outcomes = Count(case.outcome for case in done)
    wanted = [
        *(len(cases), len(waiting), sum(case.due_on < today for case in waiting)),
        *(outcomes["fixed"], outcomes["logged"], outcomes["explained"]),
        f"{sum(case.resolved_on <= case.due_on for case in done)} dari {len(done)}",
    ]
    shown = [row[1:] for row in rows_of(page) if row and row[0] == "Dinas Dukcapil"]
    assert shown == ([list(map(str, wanted))] if cases else [])
    return len(wanted) if cases else 0


def check_decisions(lived: Lived, client: FlaskClient) -> int:
    page = enter(client, make_account("hr", make_office())).get("/decisions").text
    made = list(db.session.scalars(select(Decision)))
    office = db.session.scalars(select(Office).where(Office.code == "dukcapil")).one()
    against = sum(one.against_advice for one in made)
    contested = len(list(db.session.scalars(select(Contest))))
    shown = [row[1:] for row in rows_of(page) if len(row) == 7 and row[0] == office.name]
    wanted = [0, 0, len(made), against, contested, 0]
    assert shown == ([list(map(str, wanted))] if made else [])
    return len(wanted) if made else 0


def check_controls(lived: Lived, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the engine set aside in the last fourteen days, by counter and day."""
    at = FIRST + 41 * DAY
    set_clock(monkeypatch, at)
    page = enter(client, make_account("coordinator", make_office())).get("/controls").text
    last = max(lived.after)
    aside = Count(
        (row["rating"].rated_on, row["rating"].counter_id)
        for row in lived.after[last]
        if row["engine"] and row["rating"].rated_on > (at - 14 * DAY).date()
    )
    shown = sorted(row[3] for row in rows_of(page) if len(row) == 6 and row[3].isdigit())
    assert shown == sorted(str(number) for number in aside.values() if number >= 5)
