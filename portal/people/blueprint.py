"""The blueprint on which all pages of people stand, and how their addresses name rows."""

from flask import Blueprint, request

from portal.db import LARGEST_ID

blueprint = Blueprint("people", __name__, template_folder="templates")

# In addresses: a larger number names nothing, and would not fit into the database.
ID = f"int(max={LARGEST_ID})"


def id_argument(name: str) -> int | None:
    """The row that the query part of the address names, if it names one."""
    value = request.args.get(name, type=int)
    return value if value is not None and 0 < value <= LARGEST_ID else None
