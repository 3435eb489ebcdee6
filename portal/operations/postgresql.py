"""Calls of PostgreSQL's own programs; the password goes through the environment."""

import os
import subprocess

import click
from sqlalchemy.engine import URL


def run(program: str, url: URL, *arguments: str) -> None:
    """Run pg_dump or pg_restore on this database; its own words on failure."""
    address = url.set(drivername="postgresql", password=None)
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = url.password
    command = [program, f"--dbname={address.render_as_string()}", *arguments]
    try:
        done = subprocess.run(  # noqa: S603  fixed programs, no shell
            command, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise click.ClickException(
            f"{program} is not installed (Debian: apt-get install postgresql-client)"
        ) from None
    if done.returncode != 0:
        raise click.ClickException(f"{program} failed: {done.stderr.strip()}")
