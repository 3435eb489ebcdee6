"""The leanest server that could do a visit at all: what the portal's cost is compared with.

A page rendered once, a stateless signed token, one Core insert on SQLite with synchronous=FULL,
a receipt. No languages, no attribution, no look-up of the code, no security beyond the token.
"""

import gzip
import hashlib
import os
import sqlite3
import uuid

from flask import Flask, Response, redirect, request
from itsdangerous import URLSafeSerializer
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, event
from sqlalchemy.dialects.sqlite import insert

PAGE_BYTES = 10_000  # as large as the portal's pages before compression: 11.1 and 8.8 kB

app = Flask(__name__)
signer = URLSafeSerializer("floor", signer_kwargs={"digest_method": hashlib.sha256})
engine = create_engine(f"sqlite:///{os.environ['FLOOR_DATABASE']}")
table = Table(
    "rating",
    MetaData(),
    Column("id", String, primary_key=True),
    Column("overall", Integer, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
)


@event.listens_for(engine, "connect")
def prepare(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


table.metadata.create_all(engine)
statement = (
    insert(table)
    .on_conflict_do_update(index_elements=["id"], set_={"tries": table.c.tries + 1})
    .returning(table.c.tries)
)
words = "".join(f"<p>{number} pelayanan di loket {number * 7919}</p>" for number in range(220))
before, after = f"<form><!-- {words[:PAGE_BYTES]} -->".encode(), b"</form>"


def html(body: bytes) -> Response:
    response = Response(gzip.compress(body, 6), content_type="text/html; charset=utf-8")
    response.headers["Content-Encoding"] = "gzip"
    return response


@app.get("/n/<code>")
def page(code: str) -> Response:
    token = signer.dumps([uuid.uuid4().hex, code]).encode()
    return html(before + b'<input type="hidden" name="token" value="' + token + b'">' + after)


@app.post("/n/<code>")
def submit(code: str) -> Response:
    number, _code = signer.loads(request.form["token"])
    with engine.connect() as connection:
        connection.execute(
            statement, {"id": number, "overall": int(request.form["overall"]), "tries": 0}
        ).one()
    return redirect(f"/t/{number}", 303)  # type: ignore[return-value]


@app.get("/t/<receipt>")
def receipt(receipt: str) -> Response:
    return html(before + receipt.encode() + after)
