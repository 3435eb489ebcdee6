"""The blueprint on which the pages of integrity for staff stand."""

from flask import Blueprint

blueprint = Blueprint("integrity", __name__, template_folder="templates")
