"""Swapping duties: one asks, the colleague agrees, the coordinator confirms; not before."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.counters import duty_rules, swap_actions
from portal.counters.duty import rebuild_duty
from portal.counters.duty_actions import cancel_duty, plan_duty
from portal.counters.models import Duty, DutyEvent, Leave, SwapRequest
from portal.db import db
from portal.people.models import AuditEvent, OutboxMessage, RoleGrant
from tests.conftest import NOW
from tests.counters.staff import act_as, send
from tests.factories import make_account, make_counter, make_employee, make_office, save

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def cast(app: Flask) -> SimpleNamespace:
    office = make_office()
    sari, budi = make_employee(office), make_employee(office, "Budi Santoso")
    found = SimpleNamespace(
        office=office,
        sari=sari,
        budi=budi,
        three=make_counter(office),
        four=make_counter(office, "Loket 4"),
        phone=make_account("employee", office, sari),
        other_phone=make_account("employee", office, budi),
        coordinator=make_account("coordinator", office),
    )
    found.saris = plan(found, sari, found.three)
    found.budis = plan(found, budi, found.four, start=NOW + 2 * DAY)
    return found


def plan(cast: SimpleNamespace, employee, counter, start=NOW + DAY) -> int:
    return plan_duty(
        cast.coordinator,
        counter_id=counter.id,
        employee_id=employee.id,
        starts_at=start,
        ends_at=start + 4 * HOUR,
        now=NOW - DAY,
    )


def whose(duty_id: int) -> int:
    db.session.expire_all()
    return db.session.scalars(select(Duty.employee_id).where(Duty.id == duty_id)).one()


def state_of(swap_id: int) -> str:
    db.session.expire_all()
    return db.session.scalars(select(SwapRequest.state).where(SwapRequest.id == swap_id)).one()


def asked(cast: SimpleNamespace, **more) -> int:
    return swap_actions.ask_swap(cast.phone, cast.saris, cast.budi.id, NOW, **more)


def agreed(cast: SimpleNamespace, **more) -> int:
    swap_id = asked(cast, **more)
    swap_actions.answer_swap(cast.other_phone, swap_id, NOW, agrees=True)
    return swap_id


def test_only_the_coordinators_word_changes_whose_duty_it_is(cast: SimpleNamespace) -> None:
    swap_id = agreed(cast)
    assert whose(cast.saris) == cast.sari.id
    swap_actions.confirm_swap(cast.coordinator, swap_id, NOW)
    assert whose(cast.saris) == cast.budi.id
    history = db.session.scalars(select(DutyEvent).where(DutyEvent.duty_id == cast.saris)).all()
    kinds = [event.kind for event in sorted(history, key=lambda event: event.at)]
    assert kinds == ["planned", "confirmed", "planned", "confirmed"]
    state = rebuild_duty(history)
    assert (state.employee_id, state.confirmed) == (cast.budi.id, True)
    acts = set(db.session.scalars(select(AuditEvent.action)))
    assert "confirm_swap" in acts


def mails() -> list[tuple[str, str]]:
    """Recipient and subject of what waits in the outbox, which is then empty."""
    found = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    told = sorted((one.recipient, one.subject) for one in found)
    for one in found:
        assert "Sari" not in one.subject + one.body  # a mail names nobody
        db.session.delete(one)
    db.session.commit()
    return told


def test_whoever_has_the_next_word_is_told_by_mail_and_whoever_waited_for_it(
    cast: SimpleNamespace,
) -> None:
    sari, budi, coordinator = (
        one.email for one in (cast.phone, cast.other_phone, cast.coordinator)
    )
    swap_id = asked(cast)
    assert mails() == [(budi, "Seorang rekan ingin menukar tugas dengan Anda")]
    swap_actions.answer_swap(cast.other_phone, swap_id, NOW, agrees=True)
    assert mails() == [(coordinator, "Ada tukar tugas yang menunggu keputusan Anda")]
    swap_actions.confirm_swap(cast.coordinator, swap_id, NOW)
    assert mails() == sorted((one, "Tukar tugas dipastikan") for one in (sari, budi))


def test_a_swap_that_does_not_come_about_is_told_to_those_who_counted_on_it(
    cast: SimpleNamespace,
) -> None:
    sari, budi = cast.phone.email, cast.other_phone.email
    swap_id = asked(cast)
    swap_actions.answer_swap(cast.other_phone, swap_id, NOW, agrees=False)
    assert (sari, "Permintaan tukar tugas ditolak rekan") in mails()
    swap_id = agreed(cast)
    mails()
    swap_actions.refuse_swap(cast.coordinator, swap_id, "Ada tamu", NOW)
    assert mails() == sorted((one, "Tukar tugas tidak disetujui") for one in (sari, budi))
    swap_id = agreed(cast)
    mails()
    swap_actions.withdraw_swap(cast.phone, swap_id, NOW)
    assert mails() == [(budi, "Permintaan tukar tugas ditarik kembali")]


def test_where_the_office_has_no_coordinator_the_one_above_is_told_and_never_who_swaps(
    cast: SimpleNamespace,
) -> None:
    for grant in cast.coordinator.grants:
        grant.ended_at = NOW
    above = make_office(code="setda")
    cast.office.parent_id = above.id
    upper = make_account("coordinator", above)
    save(
        RoleGrant(
            agency_id=above.agency_id,
            account_id=cast.other_phone.id,
            role="coordinator",
            office_id=cast.office.id,
            granted_at=NOW,
        )
    )
    swap_id = asked(cast)
    mails()
    swap_actions.answer_swap(cast.other_phone, swap_id, NOW, agrees=True)
    assert mails() == [(upper.email, "Ada tukar tugas yang menunggu keputusan Anda")]


def test_an_exchange_hands_over_both_duties_or_none(cast: SimpleNamespace) -> None:
    swap_id = agreed(cast, return_duty_id=cast.budis)
    cancel_duty(cast.coordinator, cast.budis, "Loket tutup", NOW)
    with pytest.raises(duty_rules.DutyChanged):
        swap_actions.confirm_swap(cast.coordinator, swap_id, NOW)
    db.session.rollback()
    assert whose(cast.saris) == cast.sari.id
    swap_actions.withdraw_swap(cast.phone, swap_id, NOW)
    again = plan(cast, cast.budi, cast.four, start=NOW + 3 * DAY)
    swap_actions.confirm_swap(cast.coordinator, agreed(cast, return_duty_id=again), NOW)
    assert (whose(cast.saris), whose(again)) == (cast.budi.id, cast.sari.id)


def test_one_duty_is_offered_to_one_colleague_at_a_time(cast: SimpleNamespace) -> None:
    swap_id = asked(cast)
    with pytest.raises(duty_rules.SwapKnown):
        asked(cast)
    swap_actions.answer_swap(cast.other_phone, swap_id, NOW, agrees=False)
    assert state_of(swap_id) == "declined"
    assert state_of(asked(cast)) == "asked"


def test_nobody_answers_or_decides_for_somebody_else(cast: SimpleNamespace) -> None:
    swap_id = asked(cast)
    with pytest.raises(duty_rules.SwapOver):
        swap_actions.answer_swap(cast.phone, swap_id, NOW, agrees=True)
    with pytest.raises(duty_rules.SwapOver):
        swap_actions.confirm_swap(cast.coordinator, swap_id, NOW)  # nobody has agreed
    swap_actions.answer_swap(cast.other_phone, swap_id, NOW, agrees=True)
    with pytest.raises(duty_rules.SwapOver):
        swap_actions.withdraw_swap(cast.other_phone, swap_id, NOW)
    with pytest.raises(duty_rules.OwnDuty):
        swap_actions.confirm_swap(cast.other_phone, swap_id, NOW)
    with pytest.raises(duty_rules.ReasonMissing):
        swap_actions.refuse_swap(cast.coordinator, swap_id, "", NOW)
    swap_actions.refuse_swap(cast.coordinator, swap_id, "Loket 4 butuh dua orang", NOW)
    with pytest.raises(duty_rules.SwapOver):
        swap_actions.confirm_swap(cast.coordinator, swap_id, NOW)


def test_what_has_begun_or_cannot_be_taken_over_is_refused(cast: SimpleNamespace) -> None:
    with pytest.raises(duty_rules.DutyBegun):
        swap_actions.ask_swap(cast.phone, cast.saris, cast.budi.id, NOW + DAY + HOUR)
    with pytest.raises(duty_rules.DutyChanged):
        swap_actions.ask_swap(cast.phone, cast.budis, cast.budi.id, NOW)
    stranger = make_employee(make_office(code="dpmptsp"), "Rina Kartika")
    with pytest.raises(duty_rules.NotEmployedThere):
        swap_actions.ask_swap(cast.phone, cast.saris, stranger.id, NOW)
    swap_id = agreed(cast)
    day = (NOW + DAY).date()
    save(
        Leave(agency_id=cast.office.agency_id, employee_id=cast.budi.id, starts_on=day, ends_on=day)
    )
    with pytest.raises(duty_rules.OnLeave):
        swap_actions.confirm_swap(cast.coordinator, swap_id, NOW)


def test_three_people_swap_on_their_pages(client: FlaskClient, cast: SimpleNamespace) -> None:
    act_as(client, cast.phone)
    page = client.get("/my-roster").text
    assert f'href="/my-roster/swap?duty={cast.saris}"' in page
    path = f"/my-roster/swap?duty={cast.saris}"
    page = client.get(path).text
    assert "Budi Santoso menggantikan saya" in page
    assert "ditukar dengan Rabu 25 November 2026 10.00, Loket 4" in page
    wrong = send(client, path, colleague="1:2")
    assert "Pilih salah satu" in wrong.text
    send(client, path, colleague=f"{cast.budi.id}:{cast.budis}", note="Anak saya sakit")
    page = client.get("/my-roster").text
    assert "menunggu jawaban rekan" in page
    swap_id = db.session.scalars(select(SwapRequest.id)).one()

    act_as(client, cast.other_phone)
    assert '<span class="badge">1</span>' in client.get("/check-in").text
    assert "Sari Wulandari meminta Anda" in client.get("/my-roster").text
    send(client, f"/my-roster/swaps/{swap_id}/agree")
    assert "menunggu koordinator" in client.get("/my-roster").text
    assert 'class="badge"' not in client.get("/check-in").text

    act_as(client, cast.coordinator)
    assert "Tukar tugas menunggu keputusan Anda: 1" in client.get("/roster").text
    assert "Anak saya sakit" in client.get("/roster/swaps").text
    assert "Alasan perlu diisi" in send(client, f"/roster/swaps/{swap_id}/refuse").text
    send(client, f"/roster/swaps/{swap_id}/confirm")
    assert "dipastikan" in client.get("/roster/swaps").text
    assert (whose(cast.saris), whose(cast.budis)) == (cast.budi.id, cast.sari.id)
    send(client, f"/roster/swaps/{swap_id}/confirm")
    assert "sudah dijawab, diputuskan" in client.get("/roster/swaps").text


def test_swaps_of_others_are_not_there(client: FlaskClient, cast: SimpleNamespace) -> None:
    swap_id = agreed(cast)
    elsewhere = make_office(code="dpmptsp")
    rina = make_employee(elsewhere, "Rina Kartika")
    act_as(client, make_account("employee", elsewhere, rina))
    assert client.get(f"/my-roster/swap?duty={cast.saris}").status_code == 404
    for answer in ("agree", "decline", "withdraw"):
        assert send(client, f"/my-roster/swaps/{swap_id}/{answer}").status_code == 404
    assert client.get("/roster/swaps").status_code == 403
    act_as(client, make_account("coordinator", elsewhere))
    assert "Tidak ada yang menunggu" in client.get("/roster/swaps").text
    for deed in ("confirm", "refuse"):
        path = f"/roster/swaps/{swap_id}/{deed}"
        assert send(client, path, reason="Iseng saja").status_code == 404
    assert state_of(swap_id) == "agreed"


def test_a_request_stands_on_the_first_page_of_whoever_has_the_next_word(
    cast: SimpleNamespace, client
) -> None:
    """The colleague first, then the coordinators of that office, then nobody."""
    elsewhere = make_account("coordinator", make_office(code="lain"))
    first = {cast.phone: "/my", cast.other_phone: "/my", cast.coordinator: "/today",
             elsewhere: "/today"}  # fmt: skip

    def told() -> list[str]:
        """On whose first page it waits."""
        found = []
        for account, page in first.items():
            act_as(client, account)
            waiting = client.get(page).text.split("Menunggu Anda")[1].split("</section>")[0]
            if "bertukar tugas" in waiting or "Tukar tugas: " in waiting:
                found.append(account.email)
        return found

    swap_id = asked(cast)
    assert told() == [cast.other_phone.email]
    swap_actions.answer_swap(cast.other_phone, swap_id, NOW, agrees=True)
    assert told() == [cast.coordinator.email]
    swap_actions.confirm_swap(cast.coordinator, swap_id, NOW)
    assert told() == []


def test_a_coordinator_who_swaps_a_duty_is_not_asked_to_confirm_it(
    cast: SimpleNamespace, client
) -> None:
    save(
        RoleGrant(
            agency_id=cast.office.agency_id,
            account_id=cast.phone.id,
            role="coordinator",
            office_id=cast.office.id,
            granted_at=NOW,
        )
    )
    agreed(cast)
    act_as(client, cast.coordinator)
    assert "Tukar tugas: " in client.get("/today").text
    act_as(client, cast.phone)
    page = client.get("/today")
    assert page.status_code == 200
    assert "Tukar tugas: " not in page.text
