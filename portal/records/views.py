"""Pages of records."""

from flask import Blueprint

from portal.menu import Entry

blueprint = Blueprint("records", __name__, template_folder="templates")

MENU: list[Entry] = []
