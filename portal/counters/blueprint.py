"""The blueprint on which all pages of counters stand, and what each of them begins with."""

from datetime import date

from flask import Blueprint, abort, request
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock
from portal.counters.words import quarter, short_quarter
from portal.db import db
from portal.people.blueprint import id_argument
from portal.people.models import Office
from portal.people.queries import Scope, offices_in, scope_of

blueprint = Blueprint("counters", __name__, template_folder="templates")
blueprint.add_app_template_filter(quarter)
blueprint.add_app_template_filter(short_quarter)

KEEPERS = ("coordinator", "administrator")
YEARS = range(2000, 2200)  # a typed 0206 is no year of duty, and no database reckons with it
INDENT = "\u2003"  # a wide space for each step down the tree


def scope() -> Scope:
    """The offices whose counters the reader looks after."""
    return scope_of(current_user, *KEEPERS)


def today() -> date:
    """The day it is in the agency."""
    return clock.now().astimezone(current_user.agency.zone).date()


def day_argument() -> date:
    """The day that the address names; today without one, or with one that is none."""
    try:
        named = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return today()
    return named if named.year in YEARS else today()


def office_in(mine: Scope, office_id: int | None) -> Office:
    """An office of the reader's scope; any other does not exist for them."""
    if office_id is None or office_id not in mine:
        abort(404)
    office = db.session.get(Office, (mine.agency_id, office_id))
    if office is None:
        abort(404)
    return office


def office_chosen(mine: Scope, choices: list[SelectChoice]) -> Office | None:
    """The office that the address names, else the first to choose from; None where none is."""
    office_id = id_argument("office")
    if office_id is None and choices:
        office_id = int(choices[0].value)
    return None if office_id is None else office_in(mine, office_id)


def office_choices(mine: Scope) -> list[SelectChoice]:
    """The open offices of a scope, indented as they stand in the tree."""
    return [
        SelectChoice(str(office.id), INDENT * depth + office.name)
        for office, depth in offices_in(mine)
        if office.active
    ]
