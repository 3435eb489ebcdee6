"""Pages of people."""

from flask import Blueprint

from portal.menu import Entry

blueprint = Blueprint("people", __name__, template_folder="templates")

MENU: list[Entry] = []
