"""The citizen's pages."""

from flask import Blueprint

from portal.menu import Entry

blueprint = Blueprint("ratings", __name__, template_folder="templates")

MENU: list[Entry] = []
