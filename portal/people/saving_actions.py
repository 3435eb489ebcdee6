"""What somebody does to the lists they have kept: each function one deed, one transaction."""

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from portal.db import begin_write, db
from portal.people.models import Account, SavedView

MOST = 20


class NameTaken(Exception):
    """The account has already kept something under this name."""


class TooMany(Exception):
    """The account has already kept MOST lists."""


def save_view(by: Account, *, name: str, endpoint: str, query: str) -> SavedView:
    """Keep a list with its filters. Raises NameTaken and TooMany."""
    begin_write()
    own = (SavedView.agency_id == by.agency_id, SavedView.account_id == by.id)
    if (db.session.scalar(select(func.count()).where(*own)) or 0) >= MOST:
        raise TooMany
    view = SavedView(
        agency_id=by.agency_id, account_id=by.id, name=name, endpoint=endpoint, query=query
    )
    db.session.add(view)
    _commit()
    return view


def rename_view(view: SavedView, name: str) -> None:
    """Raises NameTaken."""
    key = (view.agency_id, view.id)
    begin_write()
    db.session.get_one(SavedView, key).name = name
    _commit()


def delete_view(view: SavedView) -> None:
    key = (view.agency_id, view.id)
    begin_write()
    db.session.execute(
        delete(SavedView).where(SavedView.agency_id == key[0], SavedView.id == key[1])
    )
    db.session.commit()


def _commit() -> None:
    try:
        db.session.commit()
    except IntegrityError as trouble:
        db.session.rollback()
        raise NameTaken from trouble
