"""What the demo's mails say: that there is something to read, and nothing of what it is."""

import re

from sqlalchemy import select

from portal.counters import duty_notices, swap_notices
from portal.db import db
from portal.followups import notices as case_notices
from portal.overview import report_actions
from portal.people.models import Account, Employee, OutboxMessage
from portal.people.notice_models import Notice
from portal.records import notices as record_notices
from portal.records.models import Score
from tests.demo.conftest import Demo

TOLD = 8  # subjects at least, or the demo has become too quiet for this test


def test_no_mail_names_anybody_or_tells_a_number_or_a_score(demo: Demo, reading: None) -> None:
    mails = db.session.scalars(select(OutboxMessage).where(~OutboxMessage.sealed)).all()
    people = db.session.scalars(select(Employee)).all()
    names = {one.name for one in (*people, *db.session.scalars(select(Account)))}
    numbers = {one.nip for one in people if one.nip}
    scores = {f"{one:.1f}" for one in db.session.scalars(select(Score.score))}
    assert len({mail.subject for mail in mails}) >= TOLD
    for mail in mails:
        said = re.sub(r"https?://\S+", "", f"{mail.subject} {mail.body}")
        assert not any(name in said for name in names), said
        assert not any(number in said for number in numbers), said
        assert not scores & set(re.findall(r"\d+\.\d", said.replace(",", "."))), said
    assert not any(
        name in one.subject for one in db.session.scalars(select(Notice)) for name in names
    )


def test_no_text_of_a_mail_has_room_for_a_name(demo: Demo, reading: None) -> None:
    texts = [
        *record_notices._TEXTS.values(),
        *swap_notices._TEXTS.values(),
        *(report_actions.TEXTS, duty_notices._CHANGED),
        *(case_notices._OPENED, case_notices._LATE, case_notices._YOURS),
    ]
    said = [str(words) for pair in texts for words in pair]
    assert len(said) > 40
    assert [words for words in said if re.search(r"%\(|\d", words)] == []
