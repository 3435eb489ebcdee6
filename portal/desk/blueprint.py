"""The blueprint of first pages."""

from flask import Blueprint

from portal.followups.notices import HANDLERS

BEGINNERS = (*HANDLERS, "appeals_officer")  # whose day begins with what waits for them

blueprint = Blueprint("desk", __name__, template_folder="templates")
