"""Pages of counters."""

from flask import Blueprint

from portal.menu import Entry

blueprint = Blueprint("counters", __name__, template_folder="templates")

MENU: list[Entry] = []
